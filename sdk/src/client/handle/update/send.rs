//! Sending an update until the workflow has taken it or refused it.

use durably_protos::temporal::api::enums::v1::UpdateWorkflowExecutionLifecycleStage as Stage;
use durably_protos::temporal::api::workflowservice::v1::{
    UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse,
};

use super::super::super::Client;
use super::super::super::rpc::Call;
use super::wait::Wait;
use super::{UpdateError, UpdateHandle};

/// Sends an update, and sends it again while it has merely been admitted (protocol 1.11). The update's
/// id keeps it one update.
pub(in crate::client) async fn send<T>(
    client: &Client,
    request: UpdateWorkflowExecutionRequest,
) -> Result<UpdateHandle<T>, UpdateError> {
    let mut wait = Wait::new();
    loop {
        wait.for_turn().await;
        match client.intercepted(request.clone(), Call::LONG_POLL).await {
            Ok(response) => match reached(client, &request, response) {
                Some(handle) => return Ok(handle),
                None => wait.heard(),
            },
            Err(error) if wait.outlasts(&error) => {}
            Err(error) => {
                let (workflow_id, update_id) = ids(&request);
                return Err(UpdateError::from_rpc(error, workflow_id, update_id));
            }
        }
    }
}

/// The handle to an update that was accepted, or that has its outcome already.
pub(in crate::client) fn reached<T>(
    client: &Client,
    request: &UpdateWorkflowExecutionRequest,
    response: UpdateWorkflowExecutionResponse,
) -> Option<UpdateHandle<T>> {
    let accepted = matches!(response.stage(), Stage::Accepted | Stage::Completed);
    let outcome = response.outcome.and_then(|outcome| outcome.value);
    if !accepted && outcome.is_none() {
        return None;
    }
    let (workflow_id, update_id) = ids(request);
    let execution = response
        .update_ref
        .and_then(|reference| reference.workflow_execution);
    // The result is that of the run which has the update, whichever is the current one by then.
    let run_id = execution.unwrap_or_default().run_id;
    Some(UpdateHandle::new(client, workflow_id, run_id, update_id).with_outcome(outcome))
}

/// The ids of the workflow and of the update.
pub(in crate::client) fn ids(request: &UpdateWorkflowExecutionRequest) -> (&str, &str) {
    let execution = request.workflow_execution.as_ref();
    let meta = request
        .request
        .as_ref()
        .and_then(|update| update.meta.as_ref());
    (
        execution.map_or("", |execution| &execution.workflow_id),
        meta.map_or("", |meta| &meta.update_id),
    )
}
