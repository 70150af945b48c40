//! The client: connecting, starting workflows, talking to them.
//!
//! ```text
//! ConnectOptions --connect--> Client --start--> WorkflowHandle --result, signal, query, update, cancel, ...
//!                               |----workflow_handle--^
//!                               |----async_activity--> AsyncActivityHandle
//!                               '----worker_deployment--> WorkerDeploymentHandle
//! ```
//!
//! * Every operation has an error enum of its own, which names what callers may want to treat
//!   apart; what is left is an [`RpcError`].
//! * What is typed has an untyped sibling, `..._by_name`, with payloads as they go over the wire.
//! * [Interceptors](crate::interceptor::ClientInterceptor) are around every operation.
//! * [`Client::call`] reaches every method of the server's API.
//! * Calls that fail in a way that may pass are made again for up to 10 s, and for up to 5 minutes while
//!   a result or an update is waited for; an overloaded server is given more time between attempts.

mod address;
mod async_activity;
#[expect(
    clippy::module_inception,
    reason = "the module holds what it is named for"
)]
mod client;
mod configuration;
mod connect_error;
mod connect_options;
mod connection;
mod connector;
mod deployments;
mod eager;
mod handle;
mod headers;
mod histories;
mod identity;
pub(crate) mod interceptor;
mod namespace;
mod rpc;
mod start;
mod tls;
mod transport;

pub use address::InvalidAddress;
pub use async_activity::{AsyncActivityError, AsyncActivityHandle, HeartbeatResponse};
pub use client::Client;
pub use configuration::ConfigurationError;
pub use connect_error::ConnectError;
pub use connect_options::ConnectOptions;
pub use deployments::{
    ConflictToken, DeleteDeploymentError, DeleteVersion, DeleteVersionError, DeploymentRouting,
    DescribeDeploymentError, DescribeVersionError, ListDeploymentsError, RampingVersion,
    SetManager, SetManagerError, SetVersion, SetVersionError, UpdateVersionMetadata,
    UpdateVersionMetadataError, VersionDrainage, VersionTaskQueue, WorkerDeploymentDescription,
    WorkerDeploymentHandle, WorkerDeploymentSummary, WorkerDeploymentVersionDescription,
    WorkerDeploymentVersionHandle, WorkerDeploymentVersionSummary, WorkerDeployments,
};
pub use durably_protos::temporal::api::enums::v1::{
    QueryRejectCondition, TaskQueueType, VersionDrainageStatus, WorkerDeploymentVersionStatus,
    WorkflowExecutionStatus,
};
pub use handle::{
    CancelError, DescribeError, FastForwardError, GetResult, HistoryError, HistoryStream,
    QueryError, QueryWorkflow, ResultError, SignalError, TerminateError, TerminateWorkflow,
    UpdateError, UpdateHandle, UpdateStage, UpdateWorkflow, UpdateWorkflowOptions,
    UpdateWorkflowOptionsError, WorkflowDescription, WorkflowHandle, WorkflowOptions,
};
pub use headers::InvalidHeader;
pub use histories::{Histories, HistoriesError, WorkflowHistory};
pub use rpc::{RpcError, RpcErrorDetail, ServiceRequest};
pub use start::{
    Execute, ExecuteError, Start, StartError, StartWorkflow, Untyped, UpdateWithStart,
    UpdateWithStartError, WithSignal,
};
pub use tls::TlsOptions;
pub use tonic::Code as RpcCode;

pub(crate) use eager::{EagerDispatcher, EagerRegistration, EagerSlot};
pub(crate) use rpc::{Call, Rpc};

#[cfg(test)]
mod tests;
