//! Nexus operations, with both sides by hand.

use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::command::v1::{
    Command, RequestCancelNexusOperationCommandAttributes, ScheduleNexusOperationCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{Callback, callback};
use durably_protos::temporal::api::enums::v1::{
    CallbackState, CommandType, PendingNexusOperationState, TimeoutType,
};
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::nexus::v1::{
    CancelOperationResponse, EndpointSpec, EndpointTarget, HandlerError, Response,
    StartOperationRequest, StartOperationResponse, endpoint_target, request, response,
    start_operation_response as started,
};
use durably_protos::temporal::api::operatorservice::v1::{
    CreateNexusEndpointRequest, CreateNexusEndpointResponse, DeleteNexusEndpointRequest,
    DeleteNexusEndpointResponse,
};
use durably_protos::temporal::api::workflow::v1::PendingNexusOperationInfo;
use durably_protos::temporal::api::workflowservice::v1::{
    PollNexusTaskQueueRequest, PollNexusTaskQueueResponse, RespondNexusTaskCompletedRequest,
    RespondNexusTaskCompletedResponse, RespondNexusTaskFailedRequest,
    RespondNexusTaskFailedResponse,
};
use tonic::{Code, Status};

use crate::bench::{Bench, NAMESPACE, command, complete, payload, queue, seconds};

async fn endpoint(
    bench: &Bench,
    name: &str,
    target: endpoint_target::Variant,
) -> Result<CreateNexusEndpointResponse, Status> {
    let spec = EndpointSpec {
        name: name.to_owned(),
        description: None,
        target: Some(EndpointTarget {
            variant: Some(target),
        }),
    };
    let request = CreateNexusEndpointRequest { spec: Some(spec) };
    bench.operate("CreateNexusEndpoint", request).await
}

fn worker() -> endpoint_target::Variant {
    endpoint_target::Variant::Worker(endpoint_target::Worker {
        namespace: NAMESPACE.to_owned(),
        task_queue: "handlers".to_owned(),
    })
}

fn operation(close: i64, start: i64) -> Command {
    let attributes = ScheduleNexusOperationCommandAttributes {
        endpoint: "endpoint".to_owned(),
        service: "service".to_owned(),
        operation: "operation".to_owned(),
        input: Some(payload("in")),
        schedule_to_close_timeout: seconds(close),
        schedule_to_start_timeout: seconds(start),
        nexus_header: [("X-Key".to_owned(), "value".to_owned())].into(),
        ..ScheduleNexusOperationCommandAttributes::default()
    };
    let attributes = C::ScheduleNexusOperationCommandAttributes(Box::new(attributes));
    command(CommandType::ScheduleNexusOperation, attributes)
}

fn cancel(scheduled_event_id: i64) -> Command {
    let attributes = RequestCancelNexusOperationCommandAttributes { scheduled_event_id };
    let attributes = C::RequestCancelNexusOperationCommandAttributes(Box::new(attributes));
    command(CommandType::RequestCancelNexusOperation, attributes)
}

/// A workflow `wf` whose event 5 has scheduled an operation.
async fn calling(close: i64, start: i64) -> Bench {
    let bench = Bench::new();
    endpoint(&bench, "endpoint", worker()).await.unwrap();
    bench.start("wf", vec![]).await;
    bench.turn("wf", vec![operation(close, start)]).await;
    bench
}

async fn poll(bench: &Bench) -> PollNexusTaskQueueResponse {
    let request = PollNexusTaskQueueRequest {
        namespace: NAMESPACE.to_owned(),
        task_queue: Some(queue("handlers")),
        ..PollNexusTaskQueueRequest::default()
    };
    bench.call("PollNexusTaskQueue", request).await.unwrap()
}

fn start_of(task: &PollNexusTaskQueueResponse) -> StartOperationRequest {
    match task.request.clone().unwrap().variant {
        Some(request::Variant::StartOperation(start)) => start,
        other => panic!("the start of an operation, not {other:?}"),
    }
}

async fn respond(
    bench: &Bench,
    task: &PollNexusTaskQueueResponse,
    variant: response::Variant,
) -> Result<RespondNexusTaskCompletedResponse, Status> {
    let request = RespondNexusTaskCompletedRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: task.task_token.clone(),
        response: Some(Response {
            variant: Some(variant),
        }),
        ..RespondNexusTaskCompletedRequest::default()
    };
    bench.call("RespondNexusTaskCompleted", request).await
}

fn started(variant: started::Variant) -> response::Variant {
    response::Variant::StartOperation(StartOperationResponse {
        variant: Some(variant),
    })
}

fn token(token: &str) -> response::Variant {
    started(started::Variant::AsyncSuccess(started::Async {
        operation_token: token.to_owned(),
        ..started::Async::default()
    }))
}

#[expect(deprecated, reason = "what older workers send")]
async fn fail(bench: &Bench, task: &PollNexusTaskQueueResponse, error_type: &str) {
    let request = RespondNexusTaskFailedRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: task.task_token.clone(),
        error: Some(HandlerError {
            error_type: error_type.to_owned(),
            ..HandlerError::default()
        }),
        ..RespondNexusTaskFailedRequest::default()
    };
    let _failed: RespondNexusTaskFailedResponse =
        bench.call("RespondNexusTaskFailed", request).await.unwrap();
}

async fn pending(bench: &Bench) -> PendingNexusOperationInfo {
    let described = bench.describe("wf", "").await;
    described.pending_nexus_operations[0].clone()
}

fn callback_of(start: &StartOperationRequest) -> Callback {
    let mut header = start.callback_header.clone();
    header.insert("nexus-operation-token".to_owned(), "token".to_owned());
    let nexus = callback::Nexus {
        url: start.callback.clone(),
        header,
    };
    Callback {
        variant: Some(callback::Variant::Nexus(nexus)),
        ..Callback::default()
    }
}

#[tokio::test]
async fn a_result_at_once() {
    let bench = calling(0, 0).await;
    let task = poll(&bench).await;
    let header = &task.request.as_ref().unwrap().header;
    assert_eq!(header["x-key"], "value");
    assert_eq!(start_of(&task).payload, Some(payload("in")));
    let done = || {
        started(started::Variant::SyncSuccess(started::Sync {
            payload: Some(payload("out")),
            links: vec![],
        }))
    };
    respond(&bench, &task, done()).await.unwrap();
    let A::NexusOperationCompletedEventAttributes(completed) = bench.event("wf", 6).await else {
        panic!("the operation has completed");
    };
    assert_eq!(completed.result, Some(payload("out")));
    let again = respond(&bench, &task, done()).await.unwrap_err();
    assert_eq!(again.code(), Code::NotFound);
}

#[tokio::test]
async fn errors_are_retried_until_there_is_no_time_left() {
    let bench = calling(10, 0).await;
    for (attempt, wait) in [(1, 1), (2, 2)] {
        let task = poll(&bench).await;
        fail(&bench, &task, "INTERNAL").await;
        let operation = pending(&bench).await;
        assert_eq!(operation.attempt, attempt);
        assert_eq!(operation.state(), PendingNexusOperationState::BackingOff);
        bench.advance(wait).await;
    }
    // A handler that does not answer counts as one that failed.
    poll(&bench).await;
    bench.advance(10).await;
    let A::NexusOperationTimedOutEventAttributes(timed_out) = bench.event("wf", 6).await else {
        panic!("the operation has timed out");
    };
    let failure = timed_out.failure.unwrap();
    assert_eq!(failure.message, "nexus operation completed unsuccessfully");
    let Some(FailureInfo::TimeoutFailureInfo(cause)) = failure.cause.unwrap().failure_info else {
        panic!("because of a timeout");
    };
    assert_eq!(cause.timeout_type(), TimeoutType::ScheduleToClose);
}

#[tokio::test]
async fn an_operation_that_nobody_starts_times_out() {
    let bench = calling(100, 5).await;
    bench.advance(5).await;
    assert_eq!(
        bench.types("wf", "", 6).await,
        ["NEXUS_OPERATION_TIMED_OUT", "WORKFLOW_TASK_SCHEDULED"]
    );
}

#[tokio::test]
async fn an_error_for_good_fails_the_operation() {
    let bench = calling(0, 0).await;
    let task = poll(&bench).await;
    fail(&bench, &task, "NOT_FOUND").await;
    let A::NexusOperationFailedEventAttributes(failed) = bench.event("wf", 6).await else {
        panic!("the operation has failed");
    };
    let cause = failed.failure.unwrap().cause.unwrap();
    let Some(FailureInfo::NexusHandlerFailureInfo(info)) = cause.failure_info else {
        panic!("because of the handler");
    };
    assert_eq!(info.r#type, "NOT_FOUND");
}

#[tokio::test]
async fn a_workflow_completes_the_operation_it_was_started_for() {
    let bench = calling(0, 0).await;
    let task = poll(&bench).await;
    bench
        .start("works", vec![callback_of(&start_of(&task))])
        .await;
    respond(&bench, &task, token("token")).await.unwrap();
    assert_eq!(
        pending(&bench).await.state(),
        PendingNexusOperationState::Started
    );
    bench.turn("works", vec![complete("out")]).await;
    let types = bench.types("wf", "", 6).await;
    let expected = [
        "NEXUS_OPERATION_STARTED",
        "WORKFLOW_TASK_SCHEDULED",
        "NEXUS_OPERATION_COMPLETED",
    ];
    assert_eq!(types, expected);
    let callback = bench.describe("works", "").await.callbacks[0].clone();
    assert_eq!(callback.state(), CallbackState::Succeeded);
}

#[tokio::test]
async fn a_workflow_may_end_before_its_handler_answers() {
    let bench = calling(0, 0).await;
    let task = poll(&bench).await;
    bench
        .start("works", vec![callback_of(&start_of(&task))])
        .await;
    bench.turn("works", vec![complete("out")]).await;
    let types = bench.types("wf", "", 6).await;
    let expected = [
        "NEXUS_OPERATION_STARTED",
        "WORKFLOW_TASK_SCHEDULED",
        "NEXUS_OPERATION_COMPLETED",
    ];
    assert_eq!(types[0], expected[0]);
    assert!(types.contains(&expected[2].to_owned()), "{types:?}");
    respond(&bench, &task, token("token")).await.unwrap();
    assert_eq!(
        bench.types("wf", "", 6).await,
        types,
        "nothing more is written"
    );
}

#[tokio::test]
async fn a_request_to_cancel_waits_for_the_start() {
    let bench = calling(0, 0).await;
    bench.signal("wf", "go").await;
    bench.turn("wf", vec![cancel(5)]).await;
    let task = poll(&bench).await;
    respond(&bench, &task, token("token")).await.unwrap();
    let request = poll(&bench).await;
    let Some(request::Variant::CancelOperation(asked)) = request.request.clone().unwrap().variant
    else {
        panic!("a request to cancel");
    };
    assert_eq!(asked.operation_token, "token");
    let taken = response::Variant::CancelOperation(CancelOperationResponse {});
    respond(&bench, &request, taken).await.unwrap();
    let types = bench.types("wf", "", 10).await;
    let expected = [
        "NEXUS_OPERATION_CANCEL_REQUESTED",
        "NEXUS_OPERATION_STARTED",
        "WORKFLOW_TASK_SCHEDULED",
        "NEXUS_OPERATION_CANCEL_REQUEST_COMPLETED",
    ];
    assert_eq!(types, expected);
    let task = bench.poll("wf").await;
    let again = bench.answer(task.task_token, vec![cancel(5)]).await;
    let text = again.unwrap_err().message().to_owned();
    assert!(text.contains("cancelation was already requested"), "{text}");
}

#[tokio::test]
async fn endpoints_are_checked() {
    let bench = Bench::new();
    endpoint(&bench, "endpoint", worker()).await.unwrap();
    let again = endpoint(&bench, "endpoint", worker()).await.unwrap_err();
    assert_eq!(again.code(), Code::AlreadyExists);
    let odd = endpoint(&bench, "1 2", worker()).await.unwrap_err();
    assert!(odd.message().contains("must match the regex"), "{odd:?}");
    let external = endpoint_target::Variant::External(endpoint_target::External {
        url: "https://example.com/".to_owned(),
    });
    let external = endpoint(&bench, "external", external).await.unwrap_err();
    assert_eq!(external.code(), Code::Unimplemented);
    let request = DeleteNexusEndpointRequest {
        id: "junk".to_owned(),
        version: 1,
    };
    let deleted: Result<DeleteNexusEndpointResponse, _> =
        bench.operate("DeleteNexusEndpoint", request).await;
    assert_eq!(deleted.unwrap_err().code(), Code::InvalidArgument);
}
