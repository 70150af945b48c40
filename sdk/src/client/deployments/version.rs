//! One version of a worker deployment.

use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkerDeploymentVersionRequest, UpdateWorkerDeploymentVersionMetadataRequest,
};

use super::super::Client;
use super::super::rpc::{Call, RpcError};
use super::{DeleteVersion, UpdateVersionMetadata, WorkerDeploymentVersionDescription};
use crate::options::WorkerDeploymentVersion;

/// A version of a worker deployment:
/// [`WorkerDeploymentHandle::version`](super::WorkerDeploymentHandle::version). Cheap to clone.
#[derive(Debug, Clone)]
pub struct WorkerDeploymentVersionHandle {
    pub(super) client: Client,
    pub(super) version: WorkerDeploymentVersion,
}

/// A version of a worker deployment could not be described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DescribeVersionError {
    /// There is no such version, or no such deployment: no worker of it has polled yet, or it was
    /// deleted.
    #[error("worker deployment \"{}\" has no version \"{}\"; no worker of it has polled yet", version.deployment_name, version.build_id)]
    NotFound {
        /// The version.
        version: WorkerDeploymentVersion,
    },
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

impl WorkerDeploymentVersionHandle {
    /// The version.
    pub fn version(&self) -> &WorkerDeploymentVersion {
        &self.version
    }

    /// Asks the server what it knows of the version.
    ///
    /// # Errors
    /// See [`DescribeVersionError`].
    pub async fn describe(
        &self,
    ) -> Result<WorkerDeploymentVersionDescription, DescribeVersionError> {
        let request = DescribeWorkerDeploymentVersionRequest {
            namespace: self.client.namespace().to_owned(),
            deployment_version: Some(self.version.clone().into()),
            ..DescribeWorkerDeploymentVersionRequest::default()
        };
        match self.client.rpc().call(request, Call::ORDINARY).await {
            Ok(response) => Ok(WorkerDeploymentVersionDescription::from(response)),
            // The server does not tell which of the two is missing.
            Err(error) if error.is_not_found() => Err(DescribeVersionError::NotFound {
                version: self.version.clone(),
            }),
            Err(error) => Err(DescribeVersionError::Rpc(error)),
        }
    }

    /// Changes values that stand beside the version, for people and programs that roll it out.
    ///
    /// ```no_run
    /// # async fn example(client: durably::client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let version = client.worker_deployment("orders").version("build-8");
    /// let metadata = version.update_metadata().set("commit", &"74a3f1c")?.remove("draft").await?;
    /// assert_eq!(metadata.get::<String>("commit")?.as_deref(), Some("74a3f1c"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`UpdateVersionMetadataError`](super::UpdateVersionMetadataError).
    pub fn update_metadata(&self) -> UpdateVersionMetadata {
        let request = UpdateWorkerDeploymentVersionMetadataRequest {
            namespace: self.client.namespace().to_owned(),
            deployment_version: Some(self.version.clone().into()),
            identity: self.client.identity().to_owned(),
            ..UpdateWorkerDeploymentVersionMetadataRequest::default()
        };
        UpdateVersionMetadata::new(self.client.clone(), self.version.clone(), request)
    }

    /// Makes the server forget the version: one that gets no new runs, is drained and has no workers.
    /// Deleting what is not there is no error.
    ///
    /// # Errors
    /// See [`DeleteVersionError`](super::DeleteVersionError).
    pub fn delete(&self) -> DeleteVersion {
        DeleteVersion::new(self)
    }
}
