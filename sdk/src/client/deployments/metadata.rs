//! Changing the values that stand beside a version.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use durably_protos::temporal::api::workflowservice::v1::UpdateWorkerDeploymentVersionMetadataRequest;

use super::super::Client;
use super::super::rpc::{Call, RpcError};
use super::refusal::Refusal;
use crate::options::WorkerDeploymentVersion;
use crate::payload::{Memo, PayloadError, ToPayload};

/// The metadata of a version was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateVersionMetadataError {
    /// There is no such version, or no such deployment.
    #[error("worker deployment \"{}\" has no version \"{}\"; no worker of it has polled yet", version.deployment_name, version.build_id)]
    NotFound {
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

/// A change of a version's metadata about to be made; see
/// [`WorkerDeploymentVersionHandle::update_metadata`](super::WorkerDeploymentVersionHandle::update_metadata).
/// Awaiting it gives all of it as it is then.
#[must_use = "nothing is changed until this is awaited"]
pub struct UpdateVersionMetadata {
    client: Client,
    version: WorkerDeploymentVersion,
    request: UpdateWorkerDeploymentVersionMetadataRequest,
}

impl UpdateVersionMetadata {
    pub(super) fn new(
        client: Client,
        version: WorkerDeploymentVersion,
        request: UpdateWorkerDeploymentVersionMetadataRequest,
    ) -> Self {
        Self {
            client,
            version,
            request,
        }
    }

    /// Sets a value, replacing an earlier one.
    ///
    /// # Errors
    /// The value cannot be encoded; the error names it.
    pub fn set<T: ToPayload>(
        mut self,
        name: impl Into<String>,
        value: &T,
    ) -> Result<Self, PayloadError> {
        let name = name.into();
        let payload = value.to_payload().map_err(|error| error.named(&name))?;
        self.request.upsert_entries.insert(name, payload);
        Ok(self)
    }

    /// Removes a value.
    pub fn remove(mut self, name: impl Into<String>) -> Self {
        self.request.remove_entries.push(name.into());
        self
    }

    async fn send(self) -> Result<Memo, UpdateVersionMetadataError> {
        let call = self.client.rpc().call(self.request, Call::ORDINARY);
        match call.await {
            Ok(answer) => Ok(Memo::from_fields(
                answer.metadata.unwrap_or_default().entries,
            )),
            Err(error) => Err(match Refusal::of(&error) {
                Some(Refusal::NoDeployment | Refusal::NoVersion) => {
                    UpdateVersionMetadataError::NotFound {
                        version: self.version,
                    }
                }
                Some(Refusal::OtherManager) => UpdateVersionMetadataError::OtherManager {
                    version: self.version,
                    message: error.message().to_owned(),
                },
                _ => UpdateVersionMetadataError::Rpc(error),
            }),
        }
    }
}

impl IntoFuture for UpdateVersionMetadata {
    type Output = Result<Memo, UpdateVersionMetadataError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for UpdateVersionMetadata {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UpdateVersionMetadata")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
