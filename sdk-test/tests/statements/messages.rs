//! The messages by which updates go to workers and back.

use durably_protos::google::protobuf::Any;
use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::command::v1::{Command, ProtocolMessageCommandAttributes};
use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::{
    CommandType, UpdateWorkflowExecutionLifecycleStage as Stage,
};
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::protocol::v1::message::SequencingId;
use durably_protos::temporal::api::update::v1::{
    Acceptance, Input, Meta, Outcome, Rejection, Request, Response, WaitPolicy, outcome,
};
use durably_protos::temporal::api::workflowservice::v1::{
    UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse,
};
use prost::Name;
use tokio::task::JoinHandle;
use tonic::Status;

use crate::bench::{NAMESPACE, call};
use crate::commands::{command, failure, payloads};
use crate::run::Run;

pub(crate) type Updating = JoinHandle<Result<UpdateWorkflowExecutionResponse, Status>>;

/// A request for an update.
pub(crate) fn updating(run: &Run, update_id: &str, stage: Stage) -> UpdateWorkflowExecutionRequest {
    UpdateWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_execution: run.execution(),
        wait_policy: Some(WaitPolicy {
            lifecycle_stage: stage.into(),
        }),
        request: Some(Request {
            meta: Some(Meta {
                update_id: update_id.to_owned(),
                identity: "client".to_owned(),
            }),
            input: Some(Input {
                name: "update".to_owned(),
                ..Input::default()
            }),
            ..Request::default()
        }),
        ..UpdateWorkflowExecutionRequest::default()
    }
}

/// Asks for an update in the background, and waits there for its end.
pub(crate) async fn update(run: &Run, update_id: &str) -> Updating {
    let (bench, request) = (
        run.bench.clone(),
        updating(run, update_id, Stage::Completed),
    );
    let updating = tokio::spawn(async move { call!(bench, update_workflow_execution, request) });
    run.bench.arrive().await;
    updating
}

/// What came of an update that ended.
pub(crate) async fn outcome(updating: Updating) -> outcome::Value {
    let response = updating.await.unwrap().unwrap();
    assert_eq!(response.stage(), Stage::Completed);
    response.outcome.unwrap().value.unwrap()
}

pub(crate) fn success(result: &str) -> outcome::Value {
    outcome::Value::Success(Payloads {
        payloads: payloads(result).unwrap().payloads,
    })
}

fn any<M: prost::Message + Name>(message: &M) -> Option<Any> {
    Some(Any {
        type_url: format!("type.googleapis.com/{}", M::full_name()),
        value: message.encode_to_vec().into(),
    })
}

fn message(request: &Message, what: &str, body: Option<Any>) -> Message {
    Message {
        id: format!("{}/{what}", request.protocol_instance_id),
        protocol_instance_id: request.protocol_instance_id.clone(),
        body,
        ..Message::default()
    }
}

/// The event id up to which the worker must have come for a message.
pub(crate) fn sequencing(request: &Message) -> i64 {
    match request.sequencing_id {
        Some(SequencingId::EventId(id)) => id,
        other => panic!("an event id, not {other:?}"),
    }
}

fn asked(request: &Message) -> Option<Request> {
    use prost::Message;
    let body = request.body.as_ref().unwrap();
    Some(Request::decode(body.value.as_ref()).unwrap())
}

pub(crate) fn accept(request: &Message) -> Message {
    let acceptance = Acceptance {
        accepted_request_message_id: request.id.clone(),
        accepted_request_sequencing_event_id: sequencing(request),
        accepted_request: asked(request),
    };
    message(request, "accept", any(&acceptance))
}

pub(crate) fn reject(request: &Message) -> Message {
    let rejection = Rejection {
        rejected_request_message_id: request.id.clone(),
        rejected_request_sequencing_event_id: sequencing(request),
        rejected_request: asked(request),
        failure: Some(failure("rejected")),
    };
    message(request, "reject", any(&rejection))
}

pub(crate) fn respond(request: &Message, result: &str) -> Message {
    let response = Response {
        meta: asked(request).and_then(|asked| asked.meta),
        outcome: Some(Outcome {
            value: Some(success(result)),
        }),
    };
    message(request, "respond", any(&response))
}

/// The place of a message among the commands.
pub(crate) fn place(message: &Message) -> Command {
    let attributes = ProtocolMessageCommandAttributes {
        message_id: message.id.clone(),
    };
    let attributes = C::ProtocolMessageCommandAttributes(Box::new(attributes));
    command(CommandType::ProtocolMessage, attributes)
}
