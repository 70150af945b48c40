//! `SignalWorkflowExecution`.

use durably_protos::temporal::api::common::v1::link::workflow_event::{
    Reference, RequestIdReference,
};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::workflowservice::v1::{
    SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse,
};

use super::start::link;
use crate::server::refusal::{Answer, already_completed, closing, invalid};
use crate::server::run::{Run, Signal};
use crate::server::validate;
use crate::server::world::World;

pub(super) fn signal(
    world: &mut World,
    request: SignalWorkflowExecutionRequest,
) -> Answer<SignalWorkflowExecutionResponse> {
    let index = world.find(&request.namespace, request.workflow_execution.as_ref())?;
    validate::required(&world.limits, &request.signal_name, "SignalName")?;
    validate::length(&world.limits, &request.request_id, "RequestId")?;
    if prost::Message::encoded_len(&request) > world.limits.blob_bytes {
        return Err(invalid("Blob data size exceeds limit."));
    }
    if world.run(index).is_some_and(Run::is_closing) {
        return Err(closing());
    }
    let signal = Signal {
        name: request.signal_name,
        input: request.input,
        header: request.header,
        identity: request.identity,
        request_id: request.request_id.clone(),
        links: request.links,
        sender: None,
    };
    let signaled = world.change(index, |run, tx| run.signal(tx, signal));
    signaled.unwrap_or_else(|| Err(already_completed()))?;
    // One without an id gets one for the link alone: its event has none.
    let request_id = match request.request_id {
        empty if empty.is_empty() => world.ids.uuid(),
        given => given,
    };
    let reference = Reference::RequestIdRef(RequestIdReference {
        request_id,
        event_type: EventType::WorkflowExecutionSignaled.into(),
    });
    Ok(SignalWorkflowExecutionResponse {
        link: world.run(index).map(|run| link(run, reference)),
    })
}
