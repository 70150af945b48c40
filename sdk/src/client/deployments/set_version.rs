//! Changing which version of a deployment gets new runs.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use durably_protos::temporal::api::workflowservice::v1::{
    SetWorkerDeploymentCurrentVersionRequest, SetWorkerDeploymentRampingVersionRequest,
};

use super::super::Client;
use super::super::rpc::{Call, RpcError};
use super::refusal::Refusal;
use super::{ConflictToken, WorkerDeploymentHandle};
use crate::options::WorkerDeploymentVersion;

/// The current or the ramping version of a deployment was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetVersionError {
    /// There is no such deployment: none of its workers has polled yet, or it was deleted.
    #[error(
        "there is no worker deployment \"{deployment_name}\"; it begins when a worker polls as a version of it"
    )]
    DeploymentNotFound {
        /// The deployment's name.
        deployment_name: String,
    },
    /// The deployment has no such version yet: the server learns of one when a worker of it polls.
    /// Wait for that, or allow it by [`allow_no_pollers`](SetVersion::allow_no_pollers).
    #[error("worker deployment \"{}\" has no version \"{}\"; no worker of it has polled yet", version.deployment_name, version.build_id)]
    VersionNotFound {
        /// The version.
        version: WorkerDeploymentVersion,
    },
    /// The deployment was changed since the token was given out. Describe it, decide anew.
    #[error(
        "worker deployment \"{deployment_name}\" was changed since it was looked at: its conflict token is stale"
    )]
    StaleConflictToken {
        /// The deployment's name.
        deployment_name: String,
    },
    /// The version does not serve all task queues of the current one: no worker would have their
    /// tasks. Start workers for them, or leave them behind by
    /// [`ignore_missing_task_queues`](SetVersion::ignore_missing_task_queues).
    #[error("version \"{}\" of worker deployment \"{}\" does not serve all task queues of the current version: {message}", version.build_id, version.deployment_name)]
    MissingTaskQueues {
        /// The version.
        version: WorkerDeploymentVersion,
        /// What the server said.
        message: String,
    },
    /// Clients of another identity manage the deployment; see
    /// [`set_manager`](WorkerDeploymentHandle::set_manager).
    #[error("worker deployment \"{deployment_name}\" is managed under another identity: {message}")]
    OtherManager {
        /// The deployment's name.
        deployment_name: String,
        /// What the server said.
        message: String,
    },
    /// The percentage is not from 0 to 100.
    #[error("a version cannot have {percentage} of a hundred runs; say a number from 0 to 100")]
    Percentage {
        /// The percentage.
        percentage: f32,
    },
    /// The call failed: the version that is to ramp up is the current one, say.
    #[error(transparent)]
    Rpc(RpcError),
}

/// A change of the current or of the ramping version about to be made; see
/// [`WorkerDeploymentHandle::set_current_version`]. Awaiting it gives the conflict token of the next
/// change.
#[must_use = "nothing is changed until this is awaited"]
pub struct SetVersion {
    client: Client,
    version: WorkerDeploymentVersion,
    target: Target,
    conflict_token: Option<ConflictToken>,
    ignore_missing_task_queues: bool,
    allow_no_pollers: bool,
}

/// What the version is to be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    Current,
    Ramping { percentage: f32 },
}

impl SetVersion {
    pub(super) fn new(
        deployment: &WorkerDeploymentHandle,
        build_id: String,
        target: Target,
    ) -> Self {
        Self {
            client: deployment.client.clone(),
            version: WorkerDeploymentVersion::new(&deployment.name, build_id),
            target,
            conflict_token: None,
            ignore_missing_task_queues: false,
            allow_no_pollers: false,
        }
    }

    /// Makes the change only if the deployment is still as it was when the token was given out.
    pub fn conflict_token(mut self, token: ConflictToken) -> Self {
        self.conflict_token = Some(token);
        self
    }

    /// Makes the change also if the version does not serve all task queues of the current one. Their
    /// tasks then wait for workers without a version.
    pub fn ignore_missing_task_queues(mut self) -> Self {
        self.ignore_missing_task_queues = true;
        self
    }

    /// Makes the change also if no worker of the version has polled yet. Runs then wait for one.
    pub fn allow_no_pollers(mut self) -> Self {
        self.allow_no_pollers = true;
        self
    }

    async fn send(self) -> Result<ConflictToken, SetVersionError> {
        let (namespace, identity) = (
            self.client.namespace().to_owned(),
            self.client.identity().to_owned(),
        );
        let deployment_name = self.version.deployment_name.clone();
        let build_id = self.version.build_id.clone();
        let conflict_token = self
            .conflict_token
            .unwrap_or(ConflictToken(bytes::Bytes::new()));
        let rpc = self.client.rpc();
        let answer = match self.target {
            Target::Current => {
                let request = SetWorkerDeploymentCurrentVersionRequest {
                    namespace,
                    deployment_name,
                    build_id,
                    conflict_token: conflict_token.0,
                    identity,
                    ignore_missing_task_queues: self.ignore_missing_task_queues,
                    allow_no_pollers: self.allow_no_pollers,
                    ..SetWorkerDeploymentCurrentVersionRequest::default()
                };
                let call = rpc.call(request, Call::ORDINARY);
                call.await.map(|answer| answer.conflict_token)
            }
            Target::Ramping { percentage } => {
                if !(0.0..=100.0).contains(&percentage) {
                    return Err(SetVersionError::Percentage { percentage });
                }
                let request = SetWorkerDeploymentRampingVersionRequest {
                    namespace,
                    deployment_name,
                    build_id,
                    percentage,
                    conflict_token: conflict_token.0,
                    identity,
                    ignore_missing_task_queues: self.ignore_missing_task_queues,
                    allow_no_pollers: self.allow_no_pollers,
                    ..SetWorkerDeploymentRampingVersionRequest::default()
                };
                let call = rpc.call(request, Call::ORDINARY);
                call.await.map(|answer| answer.conflict_token)
            }
        };
        answer
            .map(ConflictToken)
            .map_err(|error| refused(self.version, error))
    }
}

fn refused(version: WorkerDeploymentVersion, error: RpcError) -> SetVersionError {
    let message = error.message().to_owned();
    let deployment_name = version.deployment_name.clone();
    match Refusal::of(&error) {
        Some(Refusal::NoDeployment) => SetVersionError::DeploymentNotFound { deployment_name },
        Some(Refusal::NoVersion) => SetVersionError::VersionNotFound { version },
        Some(Refusal::StaleConflictToken) => {
            SetVersionError::StaleConflictToken { deployment_name }
        }
        Some(Refusal::MissingTaskQueues) => SetVersionError::MissingTaskQueues { version, message },
        Some(Refusal::OtherManager) => SetVersionError::OtherManager {
            deployment_name,
            message,
        },
        _ => SetVersionError::Rpc(error),
    }
}

impl IntoFuture for SetVersion {
    type Output = Result<ConflictToken, SetVersionError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for SetVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SetVersion")
            .field("version", &self.version)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
