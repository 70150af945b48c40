//! All deployments of a namespace.

use std::collections::VecDeque;
use std::time::SystemTime;

use durably_protos::temporal::api::workflowservice::v1::ListWorkerDeploymentsRequest;
use durably_protos::temporal::api::workflowservice::v1::list_worker_deployments_response::WorkerDeploymentSummary as ProtoSummary;

use super::super::Client;
use super::super::rpc::{Call, RpcError};
use super::{DeploymentRouting, WorkerDeploymentVersionSummary};
use crate::proto_time::system_time;

/// The deployments could not be listed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListDeploymentsError {
    /// The call failed. The same page can be asked for again.
    #[error(transparent)]
    Rpc(RpcError),
}

/// The worker deployments of a namespace, page by page: [`Client::worker_deployments`].
#[derive(Debug)]
pub struct WorkerDeployments {
    client: Client,
    request: ListWorkerDeploymentsRequest,
    listed: VecDeque<ProtoSummary>,
    /// All pages were listed.
    finished: bool,
}

/// A worker deployment in a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WorkerDeploymentSummary {
    /// Its name.
    pub name: String,
    /// When its first worker polled.
    pub create_time: Option<SystemTime>,
    /// Which versions get new runs.
    pub routing: DeploymentRouting,
    /// The version whose first worker polled last.
    pub latest_version: Option<WorkerDeploymentVersionSummary>,
}

impl Client {
    /// The worker deployments of the namespace. A list lags behind a little.
    ///
    /// ```no_run
    /// # use durably::client::{Client, ListDeploymentsError};
    /// # async fn show(client: Client) -> Result<(), ListDeploymentsError> {
    /// let mut deployments = client.worker_deployments();
    /// while let Some(deployment) = deployments.next_deployment().await? {
    ///     println!("{}: {:?}", deployment.name, deployment.routing.current);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn worker_deployments(&self) -> WorkerDeployments {
        WorkerDeployments {
            client: self.clone(),
            request: ListWorkerDeploymentsRequest {
                namespace: self.namespace().to_owned(),
                ..ListWorkerDeploymentsRequest::default()
            },
            listed: VecDeque::new(),
            finished: false,
        }
    }
}

impl WorkerDeployments {
    /// The next deployment; `None` after the last one.
    ///
    /// # Errors
    /// See [`ListDeploymentsError`].
    pub async fn next_deployment(
        &mut self,
    ) -> Result<Option<WorkerDeploymentSummary>, ListDeploymentsError> {
        while self.listed.is_empty() && !self.finished {
            let call = self.client.rpc().call(self.request.clone(), Call::ORDINARY);
            let page = call.await.map_err(ListDeploymentsError::Rpc)?;
            self.finished = page.next_page_token.is_empty();
            self.request.next_page_token = page.next_page_token;
            self.listed = page.worker_deployments.into();
        }
        Ok(self.listed.pop_front().map(WorkerDeploymentSummary::from))
    }
}

impl From<ProtoSummary> for WorkerDeploymentSummary {
    fn from(summary: ProtoSummary) -> Self {
        Self {
            name: summary.name,
            create_time: summary.create_time.as_ref().and_then(system_time),
            routing: summary.routing_config.unwrap_or_default().into(),
            latest_version: summary.latest_version_summary.map(Into::into),
        }
    }
}
