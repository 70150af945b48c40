//! Who may change a deployment.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use durably_protos::temporal::api::workflowservice::v1::SetWorkerDeploymentManagerRequest;
use durably_protos::temporal::api::workflowservice::v1::set_worker_deployment_manager_request::NewManagerIdentity;

use super::super::Client;
use super::super::rpc::{Call, RpcError};
use super::ConflictToken;
use super::refusal::Refusal;

/// The manager of a deployment was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetManagerError {
    /// There is no such deployment: none of its workers has polled yet, or it was deleted.
    #[error(
        "there is no worker deployment \"{deployment_name}\"; it begins when a worker polls as a version of it"
    )]
    NotFound {
        /// The deployment's name.
        deployment_name: String,
    },
    /// The deployment was changed since the token was given out.
    #[error(
        "worker deployment \"{deployment_name}\" was changed since it was looked at: its conflict token is stale"
    )]
    StaleConflictToken {
        /// The deployment's name.
        deployment_name: String,
    },
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

/// A change of a deployment's manager about to be made; see
/// [`WorkerDeploymentHandle::set_manager`](super::WorkerDeploymentHandle::set_manager). Awaiting it
/// gives the conflict token of the next change.
#[must_use = "nothing is changed until this is awaited"]
pub struct SetManager {
    client: Client,
    request: SetWorkerDeploymentManagerRequest,
    manager: NewManagerIdentity,
}

impl SetManager {
    pub(super) fn new(client: Client, request: SetWorkerDeploymentManagerRequest) -> Self {
        Self {
            client,
            request,
            manager: NewManagerIdentity::Self_(true),
        }
    }

    /// Sets this identity as the manager's.
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        self.manager = NewManagerIdentity::ManagerIdentity(identity.into());
        self
    }

    /// Lets clients of every identity change the deployment again.
    pub fn nobody(self) -> Self {
        // An empty identity is how the API says so.
        self.identity("")
    }

    /// Makes the change only if the deployment is still as it was when the token was given out.
    pub fn conflict_token(mut self, token: ConflictToken) -> Self {
        self.request.conflict_token = token.0;
        self
    }

    async fn send(self) -> Result<ConflictToken, SetManagerError> {
        let deployment_name = self.request.deployment_name.clone();
        let request = SetWorkerDeploymentManagerRequest {
            new_manager_identity: Some(self.manager),
            ..self.request
        };
        match self.client.rpc().call(request, Call::ORDINARY).await {
            Ok(answer) => Ok(ConflictToken(answer.conflict_token)),
            Err(error) => Err(match Refusal::of(&error) {
                Some(Refusal::NoDeployment) => SetManagerError::NotFound { deployment_name },
                Some(Refusal::StaleConflictToken) => {
                    SetManagerError::StaleConflictToken { deployment_name }
                }
                _ => SetManagerError::Rpc(error),
            }),
        }
    }
}

impl IntoFuture for SetManager {
    type Output = Result<ConflictToken, SetManagerError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for SetManager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SetManager")
            .field("deployment_name", &self.request.deployment_name)
            .field("manager", &self.manager)
            .finish_non_exhaustive()
    }
}
