//! One worker deployment.

use bytes::Bytes;
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkerDeploymentRequest, SetWorkerDeploymentManagerRequest,
};

use super::super::Client;
use super::super::rpc::{Call, RpcError};
use super::set_version::Target;
use super::{SetManager, SetVersion, WorkerDeploymentDescription, WorkerDeploymentVersionHandle};
use crate::options::WorkerDeploymentVersion;

/// A worker deployment by its name: [`Client::worker_deployment`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct WorkerDeploymentHandle {
    pub(super) client: Client,
    pub(super) name: String,
}

/// What a deployment was like at some time. A change that gives it along is refused if the
/// deployment was changed since then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictToken(pub(super) Bytes);

/// A worker deployment could not be described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DescribeDeploymentError {
    /// There is no such deployment: none of its workers has polled yet, or it was deleted.
    #[error(
        "there is no worker deployment \"{deployment_name}\"; it begins when a worker polls as a version of it"
    )]
    NotFound {
        /// The deployment's name.
        deployment_name: String,
    },
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

impl Client {
    /// A worker deployment by its name. Nothing is asked of the server.
    ///
    /// ```no_run
    /// # async fn roll_out(client: durably::client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let orders = client.worker_deployment("orders");
    /// // One order of ten first, ...
    /// orders.set_ramping_version("build-8", 10.0).await?;
    /// // ... and all when that went well.
    /// orders.set_current_version("build-8").await?;
    /// let now = orders.describe().await?;
    /// assert_eq!(now.routing().current.unwrap().build_id, "build-8");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A worker says of which deployment and version it is by
    /// [`WorkerDeployment`](crate::worker::WorkerDeployment).
    pub fn worker_deployment(&self, name: impl Into<String>) -> WorkerDeploymentHandle {
        WorkerDeploymentHandle {
            client: self.clone(),
            name: name.into(),
        }
    }
}

impl WorkerDeploymentHandle {
    /// The deployment's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A version of the deployment. Nothing is asked of the server.
    pub fn version(&self, build_id: impl Into<String>) -> WorkerDeploymentVersionHandle {
        WorkerDeploymentVersionHandle {
            client: self.client.clone(),
            version: WorkerDeploymentVersion::new(&self.name, build_id),
        }
    }

    /// Asks the server what it knows of the deployment.
    ///
    /// # Errors
    /// See [`DescribeDeploymentError`].
    pub async fn describe(&self) -> Result<WorkerDeploymentDescription, DescribeDeploymentError> {
        let request = DescribeWorkerDeploymentRequest {
            namespace: self.client.namespace().to_owned(),
            deployment_name: self.name.clone(),
        };
        match self.client.rpc().call(request, Call::ORDINARY).await {
            Ok(response) => Ok(WorkerDeploymentDescription::from(response)),
            Err(error) if error.is_not_found() => Err(DescribeDeploymentError::NotFound {
                deployment_name: self.name.clone(),
            }),
            Err(error) => Err(DescribeDeploymentError::Rpc(error)),
        }
    }

    /// Makes a version the current one: new runs begin on it, and those that follow versions go on
    /// with it. It then ramps up no more.
    ///
    /// # Errors
    /// See [`SetVersionError`](super::SetVersionError).
    pub fn set_current_version(&self, build_id: impl Into<String>) -> SetVersion {
        SetVersion::new(self, build_id.into(), Target::Current)
    }

    /// Lets no version be the current one: runs go to workers without a version.
    ///
    /// # Errors
    /// See [`SetVersionError`](super::SetVersionError).
    pub fn unset_current_version(&self) -> SetVersion {
        SetVersion::new(self, String::new(), Target::Current)
    }

    /// Lets a version have so many of a hundred runs: from 0 to 100. Each run is on the one side or
    /// the other by its id, and stays there while the percentage grows.
    ///
    /// # Errors
    /// See [`SetVersionError`](super::SetVersionError).
    pub fn set_ramping_version(&self, build_id: impl Into<String>, percentage: f32) -> SetVersion {
        SetVersion::new(self, build_id.into(), Target::Ramping { percentage })
    }

    /// Lets workers without a version have so many of a hundred runs: the way back from versions.
    ///
    /// # Errors
    /// See [`SetVersionError`](super::SetVersionError).
    pub fn ramp_to_unversioned(&self, percentage: f32) -> SetVersion {
        SetVersion::new(self, String::new(), Target::Ramping { percentage })
    }

    /// Lets no version ramp up: all runs are the current one's again.
    ///
    /// # Errors
    /// See [`SetVersionError`](super::SetVersionError).
    pub fn unset_ramping_version(&self) -> SetVersion {
        let percentage = 0.0;
        SetVersion::new(self, String::new(), Target::Ramping { percentage })
    }

    /// Lets only clients of one identity change the deployment. Without a word of
    /// [`identity`](SetManager::identity) or [`nobody`](SetManager::nobody) it is this client's.
    /// Whoever it is, everyone can become it: this guards against mistakes, not against people.
    ///
    /// # Errors
    /// See [`SetManagerError`](super::SetManagerError).
    pub fn set_manager(&self) -> SetManager {
        let request = SetWorkerDeploymentManagerRequest {
            namespace: self.client.namespace().to_owned(),
            deployment_name: self.name.clone(),
            identity: self.client.identity().to_owned(),
            ..SetWorkerDeploymentManagerRequest::default()
        };
        SetManager::new(self.client.clone(), request)
    }
}
