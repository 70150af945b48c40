//! Changing the options of a workflow that runs.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use durably_protos::google::protobuf::FieldMask;
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionOptions;
use durably_protos::temporal::api::workflowservice::v1::UpdateWorkflowExecutionOptionsRequest;

use super::super::Client;
use super::super::rpc::{Call, RpcError};
use super::WorkflowHandle;
use crate::definition::WorkflowDefinition;
use crate::options::{Priority, TimeSkipping, VersioningOverride};

const VERSIONING_OVERRIDE: &str = "versioning_override";
const PRIORITY: &str = "priority";
const TIME_SKIPPING: &str = "time_skipping_config";

/// The options of a workflow were not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateWorkflowOptionsError {
    /// Nothing was said of what is to change.
    #[error(
        "nothing to change about workflow `{workflow_id}`: name an option, `.versioning_override(..)` say"
    )]
    NoChange {
        /// The workflow's id.
        workflow_id: String,
    },
    /// The workflow does not run: it is closed, or there is no such.
    #[error("workflow `{workflow_id}` is not running: {message}")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
        /// What the server said.
        message: String,
    },
    /// The call failed: the server does not know the deployment's version, say.
    #[error(transparent)]
    Rpc(RpcError),
}

/// The options of a workflow that can change while it runs, as they are now.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WorkflowOptions {
    /// On which version of a deployment it runs; as its workers say if there is none.
    pub versioning_override: Option<VersioningOverride>,
    /// The order of its tasks among others.
    pub priority: Priority,
    /// Whether it skips time; `None` unless it was told to, or told not to.
    pub time_skipping: Option<TimeSkipping>,
}

/// A change of options about to be made; see [`WorkflowHandle::update_options`].
#[must_use = "nothing is changed until this is awaited"]
pub struct UpdateWorkflowOptions {
    client: Client,
    request: UpdateWorkflowExecutionOptionsRequest,
    options: WorkflowExecutionOptions,
    changed: FieldMask,
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    /// Changes options of the workflow while it runs. Those not named stay as they are.
    ///
    /// ```no_run
    /// # use durably::client::{UpdateWorkflowOptionsError, WorkflowHandle};
    /// use durably::options::{VersioningOverride, WorkerDeploymentVersion};
    ///
    /// # async fn move_over(order: WorkflowHandle) -> Result<(), UpdateWorkflowOptionsError> {
    /// let version = WorkerDeploymentVersion::new("orders", "7");
    /// order
    ///     .update_options()
    ///     .versioning_override(VersioningOverride::Pinned(version))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Its history says so, by `WorkflowExecutionOptionsUpdated`. Awaiting it gives the options as
    /// they are then.
    ///
    /// # Errors
    /// See [`UpdateWorkflowOptionsError`].
    pub fn update_options(&self) -> UpdateWorkflowOptions {
        UpdateWorkflowOptions {
            client: self.client.clone(),
            request: UpdateWorkflowExecutionOptionsRequest {
                namespace: self.client.namespace().to_owned(),
                workflow_execution: Some(self.execution()),
                identity: self.client.identity().to_owned(),
                ..UpdateWorkflowExecutionOptionsRequest::default()
            },
            options: WorkflowExecutionOptions::default(),
            changed: FieldMask::default(),
        }
    }
}

impl UpdateWorkflowOptions {
    /// Sets on which version of a deployment the workflow runs from its next task on.
    pub fn versioning_override(mut self, versioning: VersioningOverride) -> Self {
        self.options.versioning_override = Some(versioning.into());
        self.change(VERSIONING_OVERRIDE)
    }

    /// Lets the workflow run as its workers say, again.
    pub fn remove_versioning_override(mut self) -> Self {
        self.options.versioning_override = None;
        self.change(VERSIONING_OVERRIDE)
    }

    /// Sets the order of the workflow's tasks among others.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.options.priority = Some(priority.into());
        self.change(PRIORITY)
    }

    /// Sets whether the workflow skips the time in which nothing is under way, from now on; for tests.
    /// [`fast_forward`](WorkflowHandle::fast_forward) does this and waits.
    pub fn time_skipping(mut self, skipping: TimeSkipping) -> Self {
        self.options.time_skipping_config = Some(skipping.into());
        self.change(TIME_SKIPPING)
    }

    fn change(mut self, option: &str) -> Self {
        if !self.changed.paths.iter().any(|path| path == option) {
            self.changed.paths.push(option.to_owned());
        }
        self
    }

    async fn send(self) -> Result<WorkflowOptions, UpdateWorkflowOptionsError> {
        let execution = self.request.workflow_execution.clone().unwrap_or_default();
        let workflow_id = execution.workflow_id;
        if self.changed.paths.is_empty() {
            return Err(UpdateWorkflowOptionsError::NoChange { workflow_id });
        }
        let request = UpdateWorkflowExecutionOptionsRequest {
            workflow_execution_options: Some(self.options),
            update_mask: Some(self.changed),
            ..self.request
        };
        match self.client.intercepted(request, Call::ORDINARY).await {
            Ok(response) => {
                let options = response.workflow_execution_options.unwrap_or_default();
                let versioning = options.versioning_override;
                Ok(WorkflowOptions {
                    versioning_override: versioning.and_then(VersioningOverride::from_proto),
                    priority: options.priority.map(Priority::from).unwrap_or_default(),
                    time_skipping: options.time_skipping_config.map(TimeSkipping::from_proto),
                })
            }
            Err(error) if error.is_not_found() => Err(UpdateWorkflowOptionsError::NotFound {
                workflow_id,
                message: error.message().to_owned(),
            }),
            Err(error) => Err(UpdateWorkflowOptionsError::Rpc(error)),
        }
    }
}

impl IntoFuture for UpdateWorkflowOptions {
    type Output = Result<WorkflowOptions, UpdateWorkflowOptionsError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for UpdateWorkflowOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UpdateWorkflowOptions")
            .field("execution", &self.request.workflow_execution)
            .field("options", &self.options)
            .field("changed", &self.changed.paths)
            .finish_non_exhaustive()
    }
}
