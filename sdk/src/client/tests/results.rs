//! Results and histories.

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::{DataBlob, Payload, Payloads};
use durably_protos::temporal::api::enums::v1::EncodingType;
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    History, HistoryEvent, WorkflowExecutionCanceledEventAttributes,
    WorkflowExecutionCompletedEventAttributes, WorkflowExecutionContinuedAsNewEventAttributes,
    WorkflowExecutionFailedEventAttributes, WorkflowExecutionTerminatedEventAttributes,
    WorkflowExecutionTimedOutEventAttributes,
};
use durably_protos::temporal::api::workflowservice::v1::{
    GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse,
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
};
use prost::Message;
use tonic::Status;

use super::*;
use crate::client::{HistoryError, ResultError, Untyped, WorkflowHandle};
use crate::definition::WorkflowDefinition;
use crate::payload::ToPayload;

type Get = GetWorkflowExecutionHistoryRequest;
type Page = GetWorkflowExecutionHistoryResponse;

struct Count;

impl WorkflowDefinition for Count {
    type Owner = Self;
    type Parameters = ();
    type Output = u32;
    const NAME: &'static str = "count";
}

fn page(events: Vec<HistoryEvent>, token: &'static str) -> Result<Page, Status> {
    Ok(Page {
        history: Some(History { events }),
        next_page_token: Bytes::from_static(token.as_bytes()),
        ..Default::default()
    })
}

fn event(attributes: Attributes) -> Vec<HistoryEvent> {
    vec![HistoryEvent {
        attributes: Some(attributes),
        ..Default::default()
    }]
}

fn payloads(payload: Payload) -> Option<Payloads> {
    Some(Payloads {
        payloads: vec![payload],
    })
}

fn completed(result: Option<Payloads>) -> Result<Page, Status> {
    let attributes = WorkflowExecutionCompletedEventAttributes {
        result,
        ..Default::default()
    };
    page(
        event(Attributes::WorkflowExecutionCompletedEventAttributes(
            Box::new(attributes),
        )),
        "",
    )
}

fn continued(new_run: &str) -> Result<Page, Status> {
    let attributes = WorkflowExecutionContinuedAsNewEventAttributes {
        new_execution_run_id: new_run.into(),
        ..Default::default()
    };
    page(
        event(Attributes::WorkflowExecutionContinuedAsNewEventAttributes(
            Box::new(attributes),
        )),
        "",
    )
}

fn failed(new_run: &str) -> Result<Page, Status> {
    let failure = ProtoFailure {
        message: "broken".into(),
        ..Default::default()
    };
    let attributes = WorkflowExecutionFailedEventAttributes {
        failure: Some(failure),
        new_execution_run_id: new_run.into(),
        ..Default::default()
    };
    page(
        event(Attributes::WorkflowExecutionFailedEventAttributes(
            Box::new(attributes),
        )),
        "",
    )
}

fn timed_out(new_run: &str) -> Result<Page, Status> {
    let attributes = WorkflowExecutionTimedOutEventAttributes {
        new_execution_run_id: new_run.into(),
        ..Default::default()
    };
    page(
        event(Attributes::WorkflowExecutionTimedOutEventAttributes(
            Box::new(attributes),
        )),
        "",
    )
}

async fn handle(server: &TestServer) -> WorkflowHandle<Count> {
    server
        .client()
        .await
        .workflow_handle(Count, "w")
        .with_run_id("run-1")
}

fn asked_runs(server: &TestServer) -> Vec<String> {
    let requests = server.requests::<Get>().into_iter();
    requests
        .map(|request| request.execution.unwrap().run_id)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn empty_pages_are_no_end() {
    let server = TestServer::new();
    let seven = payloads(7.to_payload().unwrap());
    server.answer::<Get>([page(vec![], "a"), page(vec![], "b"), completed(seven)]);
    assert_eq!(handle(&server).await.result().await.unwrap(), 7);
    let requests = server.requests::<Get>();
    let tokens: Vec<_> = requests
        .iter()
        .map(|request| &request.next_page_token[..])
        .collect();
    assert_eq!(tokens, [&b""[..], b"a", b"b"]);
    assert!(requests.iter().all(|request| request.wait_new_event));
    let (_, metadata) = server.metadata().pop().unwrap();
    assert_eq!(metadata.get("grpc-timeout").unwrap(), "70000000u");
}

#[tokio::test(start_paused = true)]
async fn the_result_is_that_of_the_last_run() {
    let server = TestServer::new();
    let seven = payloads(7.to_payload().unwrap());
    let runs = [
        continued("run-2"),
        failed("run-3"),
        timed_out("run-4"),
        completed(seven),
    ];
    server.answer::<Get>(runs);
    assert_eq!(handle(&server).await.result().await.unwrap(), 7);
    assert_eq!(asked_runs(&server), ["run-1", "run-2", "run-3", "run-4"]);
}

#[tokio::test(start_paused = true)]
async fn a_single_run_can_be_asked_for() {
    let server = TestServer::new();
    let handle = handle(&server).await;
    server.answer::<Get>([continued("run-2"), failed("run-3")]);
    let continued = handle.result().follow_runs(false).await.unwrap_err();
    assert!(
        matches!(continued, ResultError::ContinuedAsNew { new_run_id } if new_run_id == "run-2")
    );
    let failed = handle.result().follow_runs(false).await.unwrap_err();
    assert!(matches!(failed, ResultError::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn every_end_has_its_error() {
    let server = TestServer::new();
    let handle = handle(&server).await;
    let canceled = WorkflowExecutionCanceledEventAttributes {
        details: payloads(1.to_payload().unwrap()),
        ..Default::default()
    };
    let terminated = WorkflowExecutionTerminatedEventAttributes {
        reason: "a test".into(),
        identity: "someone".into(),
        ..Default::default()
    };
    server.answer::<Get>([
        failed(""),
        timed_out(""),
        page(
            event(Attributes::WorkflowExecutionCanceledEventAttributes(
                Box::new(canceled),
            )),
            "",
        ),
        page(
            event(Attributes::WorkflowExecutionTerminatedEventAttributes(
                Box::new(terminated),
            )),
            "",
        ),
        completed(payloads("no number".to_owned().to_payload().unwrap())),
        completed(None),
        page(
            vec![HistoryEvent {
                event_type: 1,
                ..Default::default()
            }],
            "",
        ),
        page(vec![], ""),
        Err(not_found("no such workflow")),
    ]);
    let mut texts = Vec::new();
    for _ in 0..9 {
        texts.push(handle.result().await.unwrap_err().to_string());
    }
    assert_eq!(
        texts,
        [
            "the workflow failed: broken",
            "the workflow timed out",
            "the workflow was canceled",
            "the workflow was terminated by `someone`: a test",
            "cannot read the workflow's result: cannot read a `u32` from a payload of encoding `json/plain`: \
             invalid type: string \"no number\", expected u32 at line 1 column 11",
            "cannot read the workflow's result: no value was given for a `u32`: pass one, or take an \
             `Option<u32>`",
            "the workflow's history ends with EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, which this version does \
             not know as an end",
            "the workflow's history ends with no event at all, which this version does not know as an end",
            "there is no workflow `w` with the run asked for",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_poll_without_an_answer_is_repeated() {
    let server = TestServer::new();
    let handle = handle(&server).await.untyped();
    server.stay_silent::<Get>();
    server.answer::<Get>([Err(Status::deadline_exceeded("slow")), completed(None)]);
    let result = handle.result().await.unwrap();
    assert_eq!(result.0.metadata["encoding"], "binary/null");
}

#[tokio::test(start_paused = true)]
async fn starting_and_waiting_in_one() {
    let server = TestServer::new();
    let response = StartWorkflowExecutionResponse {
        run_id: "run".into(),
        ..Default::default()
    };
    server.answer::<StartWorkflowExecutionRequest>([Ok(response)]);
    server.answer::<Get>([completed(payloads(5.to_payload().unwrap()))]);
    let result = server
        .client()
        .await
        .execute(Count, ())
        .task_queue("q")
        .await;
    assert_eq!(result.unwrap(), 5);
    assert_eq!(asked_runs(&server), ["run"]);
}

#[tokio::test(start_paused = true)]
async fn histories_come_page_by_page() {
    let server = TestServer::new();
    let events = |ids: &[i64]| {
        let event = |id: &i64| HistoryEvent {
            event_id: *id,
            ..Default::default()
        };
        ids.iter().map(event).collect::<Vec<_>>()
    };
    let raw = DataBlob {
        encoding_type: EncodingType::Proto3.into(),
        data: History {
            events: events(&[4, 5]),
        }
        .encode_to_vec()
        .into(),
    };
    let raw_page = Page {
        raw_history: vec![raw],
        ..Default::default()
    };
    let pages = || {
        [
            page(events(&[1, 2]), "a"),
            page(vec![], "b"),
            page(events(&[3]), "c"),
            Ok(raw_page.clone()),
        ]
    };
    server.answer::<Get>(pages());
    let client = server.client().await;
    let handle: WorkflowHandle<Untyped> = client.untyped_workflow_handle("w");
    let history = handle
        .fetch_history()
        .page_size(2)
        .into_history()
        .await
        .unwrap();
    assert_eq!(history.events, events(&[1, 2, 3, 4, 5]));
    assert!(
        server
            .requests::<Get>()
            .iter()
            .all(|request| request.maximum_page_size == 2)
    );

    server.answer::<Get>(pages());
    let mut stream = handle.fetch_history();
    assert_eq!(stream.next_event().await.unwrap().unwrap().event_id, 1);
    let rest = stream.next_page().await.unwrap().unwrap();
    assert_eq!(rest, events(&[2]));
    assert_eq!(stream.next_page().await.unwrap().unwrap(), events(&[3]));
    assert_eq!(stream.next_page().await.unwrap().unwrap(), events(&[4, 5]));
    assert_eq!(stream.next_page().await.unwrap(), None);
    assert_eq!(stream.next_event().await.unwrap(), None);

    let odd = DataBlob {
        encoding_type: EncodingType::Json.into(),
        data: Bytes::new(),
    };
    server.answer::<Get>([Ok(Page {
        raw_history: vec![odd],
        ..Default::default()
    })]);
    let error = handle.fetch_history().next_page().await.unwrap_err();
    assert!(matches!(error, HistoryError::Undecodable { .. }), "{error}");
}
