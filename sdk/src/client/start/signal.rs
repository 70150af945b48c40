//! Starting a workflow together with a signal.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::workflowservice::v1::{
    SignalWithStartWorkflowExecutionRequest, StartWorkflowExecutionRequest,
};

use super::super::WorkflowHandle;
use super::super::rpc::Call;
use super::{StartError, StartWorkflow};
use crate::definition::WorkflowDefinition;
use crate::payload::payloads;

/// A [`StartWorkflow`] that sends a signal along.
#[derive(Debug, Clone, Default)]
pub struct WithSignal {
    pub(super) name: String,
    pub(super) arguments: Vec<Payload>,
}

impl<W: WorkflowDefinition> IntoFuture for StartWorkflow<W, WithSignal> {
    type Output = Result<WorkflowHandle<W>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            self.check()?;
            let (client, workflow_id) = (self.client, self.request.workflow_id.clone());
            let request = request(self.request, self.mode);
            let response = client.intercepted(request, Call::ORDINARY).await;
            let response = response.map_err(|error| StartError::from_rpc(error, &workflow_id))?;
            let (run_id, first_run_id) = (response.run_id, response.first_execution_run_id);
            Ok(WorkflowHandle::started(
                client,
                workflow_id,
                run_id,
                first_run_id,
            ))
        })
    }
}

/// The request with all that a start has and a signal with a start can have.
fn request(
    start: StartWorkflowExecutionRequest,
    signal: WithSignal,
) -> SignalWithStartWorkflowExecutionRequest {
    SignalWithStartWorkflowExecutionRequest {
        namespace: start.namespace,
        workflow_id: start.workflow_id,
        workflow_type: start.workflow_type,
        task_queue: start.task_queue,
        input: start.input,
        workflow_execution_timeout: start.workflow_execution_timeout,
        workflow_run_timeout: start.workflow_run_timeout,
        workflow_task_timeout: start.workflow_task_timeout,
        identity: start.identity,
        request_id: start.request_id,
        workflow_id_reuse_policy: start.workflow_id_reuse_policy,
        workflow_id_conflict_policy: start.workflow_id_conflict_policy,
        signal_name: signal.name,
        signal_input: payloads(signal.arguments),
        retry_policy: start.retry_policy,
        cron_schedule: start.cron_schedule,
        memo: start.memo,
        search_attributes: start.search_attributes,
        header: start.header,
        workflow_start_delay: start.workflow_start_delay,
        user_metadata: start.user_metadata,
        links: start.links,
        versioning_override: start.versioning_override,
        priority: start.priority,
        time_skipping_config: start.time_skipping_config,
        ..SignalWithStartWorkflowExecutionRequest::default()
    }
}
