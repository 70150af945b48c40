//! Starting a workflow, alone or with its result.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use durably_protos::temporal::api::workflowservice::v1::StartWorkflowExecutionResponse;

use super::super::rpc::{Call, RpcError};
use super::super::{Client, WorkflowHandle};
use super::{ExecuteError, StartError, StartWorkflow};
use crate::definition::WorkflowDefinition;
use crate::payload::FromPayload;

/// A [`StartWorkflow`] that gives a handle.
#[derive(Debug, Clone, Copy)]
pub struct Start;

/// A [`StartWorkflow`] that waits for the result.
#[derive(Debug, Clone, Copy)]
pub struct Execute;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<W: WorkflowDefinition> IntoFuture for StartWorkflow<W, Start> {
    type Output = Result<WorkflowHandle<W>, StartError>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(start(self))
    }
}

impl<W: WorkflowDefinition> IntoFuture for StartWorkflow<W, Execute>
where
    W::Output: FromPayload,
{
    type Output = Result<W::Output, ExecuteError>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let handle = start(self).await?;
            Ok(handle.result().await?)
        })
    }
}

async fn start<W: WorkflowDefinition, M>(
    mut start: StartWorkflow<W, M>,
) -> Result<WorkflowHandle<W>, StartError> {
    start.check()?;
    let (client, workflow_id) = (start.client, start.request.workflow_id.clone());
    let response = if start.eager {
        let eagerly = |request| start_eagerly(&client, request);
        client.intercepted_by(start.request, eagerly).await
    } else {
        client.intercepted(start.request, Call::ORDINARY).await
    };
    let response = response.map_err(|error| StartError::from_rpc(error, &workflow_id))?;
    Ok(WorkflowHandle::started(
        client,
        workflow_id,
        response.run_id,
        response.first_execution_run_id,
    ))
}

/// Starts with the request for the first task, if there is a worker for it.
async fn start_eagerly(
    client: &Client,
    mut request: durably_protos::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest,
) -> Result<StartWorkflowExecutionResponse, RpcError> {
    let capabilities = client.system_info().await?.capabilities.unwrap_or_default();
    let task_queue = request.task_queue.as_ref().map_or("", |queue| &queue.name);
    let reserved = match capabilities.eager_workflow_start {
        true => client
            .eager_dispatchers()
            .try_reserve(client.namespace(), task_queue),
        false => None,
    };
    if let Some(reserved) = &reserved {
        request.request_eager_execution = true;
        request.eager_worker_deployment_options = reserved.deployment_options.clone();
    }
    // The worker decodes the task. There are no payloads besides.
    let response = client.rpc().call_undecoded(request, Call::ORDINARY).await;
    let mut response = response?;
    if let (Some(reserved), Some(task)) = (reserved, response.eager_workflow_task.take()) {
        reserved.slot.dispatch(task);
    }
    Ok(response)
}
