//! The calls of the starter.

use durably_protos::temporal::api::common::v1::{Payloads, WorkflowExecution, WorkflowType};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::{
    GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse,
    SignalWorkflowExecutionRequest, StartWorkflowExecutionRequest,
};

use super::RunArguments;
use super::error::{StarterError, call};
use crate::connection::Connection;
use crate::number::payloads;

const IDENTITY: &str = "load-starter";
const CLIENT_NAME: &str = "durably-load-starter";

/// The server as the starter sees it.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) connection: Connection,
    pub(super) namespace: String,
}

impl Service {
    pub(super) async fn open(address: &str, namespace: &str) -> Result<Self, StarterError> {
        Ok(Self {
            connection: Connection::open(address, namespace, CLIENT_NAME).await?,
            namespace: namespace.to_owned(),
        })
    }

    pub(super) async fn start(
        &self,
        arguments: &RunArguments,
        workflow_id: &str,
    ) -> Result<WorkflowExecution, StarterError> {
        let request = self.connection.request(StartWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_id: workflow_id.to_owned(),
            workflow_type: Some(WorkflowType {
                name: arguments.workflow.clone(),
            }),
            task_queue: Some(TaskQueue {
                name: arguments.task_queue.clone(),
                ..TaskQueue::default()
            }),
            input: Some(payloads(arguments.input)),
            identity: IDENTITY.to_owned(),
            // One request for each id.
            request_id: workflow_id.to_owned(),
            ..StartWorkflowExecutionRequest::default()
        });
        let mut client = self.connection.client.clone();
        let response = client.start_workflow_execution(request).await;
        let response = response.map_err(call("StartWorkflowExecution"))?;
        Ok(WorkflowExecution {
            workflow_id: workflow_id.to_owned(),
            run_id: response.into_inner().run_id,
        })
    }

    pub(super) async fn signal(
        &self,
        execution: &WorkflowExecution,
        name: &str,
        input: Payloads,
    ) -> Result<(), StarterError> {
        let request = self.connection.request(SignalWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_execution: Some(execution.clone()),
            signal_name: name.to_owned(),
            input: Some(input),
            identity: IDENTITY.to_owned(),
            ..SignalWorkflowExecutionRequest::default()
        });
        let mut client = self.connection.client.clone();
        let response = client.signal_workflow_execution(request).await;
        response.map(drop).map_err(call("SignalWorkflowExecution"))
    }

    /// A page of history; waits until there is one. An empty page with a token means: ask again.
    pub(super) async fn history(
        &self,
        execution: &WorkflowExecution,
        next_page_token: bytes::Bytes,
        filter: i32,
    ) -> Result<GetWorkflowExecutionHistoryResponse, StarterError> {
        let request = self
            .connection
            .long_poll(GetWorkflowExecutionHistoryRequest {
                namespace: self.namespace.clone(),
                execution: Some(execution.clone()),
                next_page_token,
                wait_new_event: true,
                history_event_filter_type: filter,
                skip_archival: true,
                ..GetWorkflowExecutionHistoryRequest::default()
            });
        let mut client = self.connection.client.clone();
        let response = client.get_workflow_execution_history(request).await;
        Ok(response
            .map_err(call("GetWorkflowExecutionHistory"))?
            .into_inner())
    }
}
