//! Deleting versions and deployments.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use durably_protos::temporal::api::workflowservice::v1::{
    DeleteWorkerDeploymentRequest, DeleteWorkerDeploymentVersionRequest,
};

use super::super::rpc::{Call, RpcError};
use super::refusal::Refusal;
use super::{WorkerDeploymentHandle, WorkerDeploymentVersionHandle};
use crate::options::WorkerDeploymentVersion;

/// A version was not deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeleteVersionError {
    /// There is no such deployment: it was deleted, or never was.
    #[error("there is no worker deployment \"{deployment_name}\"")]
    DeploymentNotFound {
        /// The deployment's name.
        deployment_name: String,
    },
    /// It gets new runs: make another one the current one first.
    #[error("version \"{}\" of worker deployment \"{}\" gets new runs: it is current or ramping up", version.build_id, version.deployment_name)]
    CurrentOrRamping {
        /// The version.
        version: WorkerDeploymentVersion,
    },
    /// Runs may be open on it: wait until it is drained, or say
    /// [`skip_drainage`](DeleteVersion::skip_drainage).
    #[error("version \"{}\" of worker deployment \"{}\" is draining: runs are open on it", version.build_id, version.deployment_name)]
    Draining {
        /// The version.
        version: WorkerDeploymentVersion,
    },
    /// Workers of it poll, or did so a few minutes ago: stop them, wait.
    #[error("version \"{}\" of worker deployment \"{}\" has workers, or had them a few minutes ago", version.build_id, version.deployment_name)]
    HasPollers {
        /// The version.
        version: WorkerDeploymentVersion,
    },
    /// Clients of another identity manage the deployment.
    #[error("worker deployment \"{}\" is managed under another identity: {message}", version.deployment_name)]
    OtherManager {
        /// The version.
        version: WorkerDeploymentVersion,
        /// What the server said.
        message: String,
    },
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

/// A deployment was not deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeleteDeploymentError {
    /// It has versions: delete them first.
    #[error(
        "worker deployment \"{deployment_name}\" has versions, which are to be deleted first: {message}"
    )]
    HasVersions {
        /// The deployment's name.
        deployment_name: String,
        /// What the server said.
        message: String,
    },
    /// Clients of another identity manage the deployment.
    #[error("worker deployment \"{deployment_name}\" is managed under another identity: {message}")]
    OtherManager {
        /// The deployment's name.
        deployment_name: String,
        /// What the server said.
        message: String,
    },
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

/// A version about to be deleted; see
/// [`WorkerDeploymentVersionHandle::delete`](super::WorkerDeploymentVersionHandle::delete).
#[must_use = "nothing is deleted until this is awaited"]
pub struct DeleteVersion {
    version: WorkerDeploymentVersionHandle,
    skip_drainage: bool,
}

impl DeleteVersion {
    pub(super) fn new(version: &WorkerDeploymentVersionHandle) -> Self {
        Self {
            version: version.clone(),
            skip_drainage: false,
        }
    }

    /// Deletes it even if pinned runs are open on it: they then stand still until they are moved to
    /// another version.
    pub fn skip_drainage(mut self) -> Self {
        self.skip_drainage = true;
        self
    }

    async fn send(self) -> Result<(), DeleteVersionError> {
        let WorkerDeploymentVersionHandle { client, version } = self.version;
        let request = DeleteWorkerDeploymentVersionRequest {
            namespace: client.namespace().to_owned(),
            deployment_version: Some(version.clone().into()),
            skip_drainage: self.skip_drainage,
            identity: client.identity().to_owned(),
            ..DeleteWorkerDeploymentVersionRequest::default()
        };
        let Err(error) = client.rpc().call(request, Call::ORDINARY).await else {
            return Ok(());
        };
        Err(match Refusal::of(&error) {
            Some(Refusal::NoVersion) => return Ok(()),
            Some(Refusal::NoDeployment) => DeleteVersionError::DeploymentNotFound {
                deployment_name: version.deployment_name,
            },
            Some(Refusal::CurrentOrRamping) => DeleteVersionError::CurrentOrRamping { version },
            Some(Refusal::Draining) => DeleteVersionError::Draining { version },
            Some(Refusal::HasPollers) => DeleteVersionError::HasPollers { version },
            Some(Refusal::OtherManager) => DeleteVersionError::OtherManager {
                version,
                message: error.message().to_owned(),
            },
            _ => DeleteVersionError::Rpc(error),
        })
    }
}

impl IntoFuture for DeleteVersion {
    type Output = Result<(), DeleteVersionError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for DeleteVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DeleteVersion")
            .field("version", &self.version.version)
            .field("skip_drainage", &self.skip_drainage)
            .finish()
    }
}

impl WorkerDeploymentHandle {
    /// Makes the server forget the deployment, all of whose versions were deleted. Deleting what is
    /// not there is no error.
    ///
    /// # Errors
    /// See [`DeleteDeploymentError`].
    pub async fn delete(&self) -> Result<(), DeleteDeploymentError> {
        let request = DeleteWorkerDeploymentRequest {
            namespace: self.client.namespace().to_owned(),
            deployment_name: self.name.clone(),
            identity: self.client.identity().to_owned(),
        };
        let call = self.client.rpc().call(request, Call::ORDINARY);
        let Err(error) = call.await else {
            return Ok(());
        };
        let (deployment_name, message) = (self.name.clone(), error.message().to_owned());
        Err(match Refusal::of(&error) {
            Some(Refusal::NoDeployment | Refusal::NoVersion) => return Ok(()),
            Some(Refusal::HasVersions) => DeleteDeploymentError::HasVersions {
                deployment_name,
                message,
            },
            Some(Refusal::OtherManager) => DeleteDeploymentError::OtherManager {
                deployment_name,
                message,
            },
            _ => DeleteDeploymentError::Rpc(error),
        })
    }
}
