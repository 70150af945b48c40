//! Updates: sending them, waiting for them, what becomes of them.

use std::time::Duration;

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::enums::v1::UpdateWorkflowExecutionLifecycleStage as Stage;
use durably_protos::temporal::api::failure::v1::ApplicationFailureInfo;
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::update::v1::outcome::Value;
use durably_protos::temporal::api::update::v1::{Outcome, UpdateRef};
use durably_protos::temporal::api::workflowservice::v1::{
    PollWorkflowExecutionUpdateRequest, PollWorkflowExecutionUpdateResponse,
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse, UpdateWorkflowExecutionRequest,
    UpdateWorkflowExecutionResponse,
};
use tonic::{Code, Status};

use super::*;
use crate::client::{UpdateError, UpdateStage, WorkflowHandle};
use crate::definition::{UpdateDefinition, WorkflowDefinition};
use crate::payload::{FromPayload, HeaderKey, ToPayload, payloads};

type Update = UpdateWorkflowExecutionRequest;
type Poll = PollWorkflowExecutionUpdateRequest;

pub(super) struct Order;

impl WorkflowDefinition for Order {
    type Owner = Self;
    type Parameters = ();
    type Output = ();
    const NAME: &'static str = "order";
}

pub(super) struct Change;

impl UpdateDefinition for Change {
    type Workflow = Order;
    type Parameters = (String,);
    type Output = u32;
    const NAME: &'static str = "change";
}

async fn handle(server: &TestServer) -> WorkflowHandle<Order> {
    server.client().await.workflow_handle(Order, "w")
}

/// An answer of the server, with the run that has the update.
pub(super) fn at(stage: Stage) -> UpdateWorkflowExecutionResponse {
    UpdateWorkflowExecutionResponse {
        update_ref: Some(UpdateRef {
            workflow_execution: Some(WorkflowExecution {
                workflow_id: "w".into(),
                run_id: "run".into(),
            }),
            ..Default::default()
        }),
        stage: stage.into(),
        ..Default::default()
    }
}

pub(super) fn success(result: u32) -> Option<Outcome> {
    let payloads = payloads(vec![result.to_payload().unwrap()]).unwrap();
    Some(Outcome {
        value: Some(Value::Success(payloads)),
    })
}

fn failure(source: &str, failure_type: &str) -> Option<Outcome> {
    let info = ApplicationFailureInfo {
        r#type: failure_type.into(),
        ..Default::default()
    };
    Some(Outcome {
        value: Some(Value::Failure(ProtoFailure {
            message: "no such street".into(),
            source: source.into(),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
            ..Default::default()
        })),
    })
}

fn completed(outcome: Option<Outcome>) -> UpdateWorkflowExecutionResponse {
    UpdateWorkflowExecutionResponse {
        outcome,
        ..at(Stage::Completed)
    }
}

fn polled(outcome: Option<Outcome>) -> PollWorkflowExecutionUpdateResponse {
    PollWorkflowExecutionUpdateResponse {
        outcome,
        ..Default::default()
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_completes_at_once_is_one_call() {
    let server = TestServer::new();
    server.answer::<Update>([Ok(completed(success(7)))]);
    let handle = handle(&server).await;
    let update = handle
        .update(Change, "High Street")
        .update_id("u")
        .header(&HeaderKey::<String>::new("trace"), "t");
    assert_eq!(update.await.unwrap(), 7);

    let sent = server.requests::<Update>().remove(0);
    assert_eq!(sent.namespace, "default");
    assert_eq!(sent.workflow_execution.unwrap().workflow_id, "w");
    assert_eq!(
        sent.wait_policy.unwrap().lifecycle_stage(),
        Stage::Completed
    );
    let update = sent.request.unwrap();
    let (meta, input) = (update.meta.unwrap(), update.input.unwrap());
    assert_eq!(
        (meta.update_id.as_str(), meta.identity.as_str()),
        ("u", "tester")
    );
    assert_eq!(input.name, "change");
    assert_eq!(
        input.args.unwrap().payloads,
        ["High Street".to_payload().unwrap()]
    );
    assert!(input.header.unwrap().fields.contains_key("trace"));
    assert!(server.requests::<Poll>().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_admitted_update_is_sent_again_and_an_accepted_one_polled() {
    let server = TestServer::new();
    server.answer::<Update>([
        Ok(at(Stage::Admitted)),
        Err(Status::unavailable("answer lost")),
        Ok(at(Stage::Unspecified)),
        Ok(at(Stage::Accepted)),
    ]);
    server.answer::<Poll>([
        Ok(polled(None)),
        Err(Status::deadline_exceeded("context deadline exceeded")),
        Ok(polled(Some(Outcome::default()))),
        Ok(polled(success(3))),
    ]);
    let handle = handle(&server).await;
    assert_eq!(handle.update(Change, "a").await.unwrap(), 3);

    let sent = server.requests::<Update>();
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|request| *request == sent[0]));
    let id = &sent[0]
        .request
        .as_ref()
        .unwrap()
        .meta
        .as_ref()
        .unwrap()
        .update_id;
    assert_eq!(id.len(), 36);
    let polls = server.requests::<Poll>();
    assert_eq!(polls.len(), 4);
    let reference = polls[3].update_ref.as_ref().unwrap();
    assert_eq!(&reference.update_id, id);
    assert_eq!(reference.workflow_execution.as_ref().unwrap().run_id, "run");
    assert_eq!(
        polls[3].wait_policy.unwrap().lifecycle_stage(),
        Stage::Completed
    );
    let pauses = server.intervals::<Poll>();
    assert!(
        pauses
            .iter()
            .all(|pause| *pause >= Duration::from_millis(150)),
        "{pauses:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_started_update_has_a_handle() {
    let server = TestServer::new();
    server.answer::<Update>([
        Ok(at(Stage::Accepted)),
        Ok(at(Stage::Accepted)),
        Ok(completed(success(1))),
    ]);
    server.answer::<Poll>([Ok(polled(success(4))), Ok(polled(success(5)))]);
    let handle = handle(&server).await;
    let accepted = handle.update(Change, "a").update_id("u").start();
    let accepted = accepted.await.unwrap();
    assert_eq!(
        (accepted.id(), accepted.workflow_id(), accepted.run_id()),
        ("u", "w", Some("run"))
    );
    assert!(server.requests::<Poll>().is_empty());
    assert_eq!(accepted.result().await.unwrap(), 4);

    let update = handle.update(Change, "a");
    let waited = update.start_and_wait_for(UpdateStage::Completed);
    let waited = waited.await.unwrap();
    assert_eq!(server.requests::<Poll>().len(), 2);
    assert_eq!(waited.clone().result().await.unwrap(), 5);
    let at_once = handle.update(Change, "a").start().await.unwrap();
    assert_eq!(at_once.result().await.unwrap(), 1);
    assert_eq!(server.requests::<Poll>().len(), 2);

    let stages = server.requests::<Update>();
    let stages = stages.iter().map(|request| request.wait_policy.unwrap());
    let stages: Vec<_> = stages.map(|policy| policy.lifecycle_stage()).collect();
    assert_eq!(stages, [Stage::Accepted, Stage::Completed, Stage::Accepted]);
}

#[tokio::test(start_paused = true)]
async fn an_update_is_known_by_its_id_or_its_name_alone() {
    let server = TestServer::new();
    server.answer::<Poll>([
        Ok(polled(success(9))),
        Err(not_found("update \"zzz\" not found")),
    ]);
    server.answer::<Update>([Ok(completed(success(2)))]);
    let handle = handle(&server).await;
    let update = handle.update_handle::<u32>("u");
    assert_eq!((update.id(), update.run_id()), ("u", None));
    assert_eq!(update.result().await.unwrap(), 9);
    let unknown = handle.clone().with_run_id("r").update_handle::<u32>("zzz");
    assert_eq!(
        unknown.result().await.unwrap_err().to_string(),
        "there is no workflow `w` with update `zzz`: update \"zzz\" not found"
    );
    let polls = server.requests::<Poll>();
    let execution = polls[1].update_ref.clone().unwrap().workflow_execution;
    assert_eq!(execution.unwrap().run_id, "r");

    let raw = handle.update_by_name("change", vec![]).await.unwrap();
    assert_eq!(u32::from_payload(&raw.0).unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_update_stays_with_the_workflow_that_was_started() {
    let server = TestServer::new();
    let started = StartWorkflowExecutionResponse {
        run_id: "run-2".into(),
        first_execution_run_id: "run-1".into(),
        ..Default::default()
    };
    server.answer::<StartWorkflowExecutionRequest>([Ok(started)]);
    server.answer::<Update>([Ok(completed(success(2)))]);
    let client = server.client().await;
    let handle = client.start(Order, ()).task_queue("q").await.unwrap();
    handle.update(Change, "a").await.unwrap();
    let sent = server.requests::<Update>().remove(0);
    assert_eq!(sent.first_execution_run_id, "run-1");
    assert_eq!(sent.workflow_execution.unwrap().run_id, "");
}

#[tokio::test(start_paused = true)]
async fn rejections_and_failures_give_the_failure() {
    let server = TestServer::new();
    server.answer::<Update>([
        Ok(completed(failure("GoSDK", "NoSuchStreet"))),
        Ok(completed(failure(
            "GoSDK",
            "AcceptedUpdateCompletedWorkflow",
        ))),
    ]);
    let handle = handle(&server).await;
    let start = handle.update(Change, "a").start().await.unwrap();
    for _ in 0..2 {
        let error = start.result().await.unwrap_err();
        let UpdateError::Failed(failure) = error else {
            panic!("{error}");
        };
        let failure = failure.application().unwrap();
        assert_eq!(failure.failure_type(), "NoSuchStreet");
    }
    let error = handle.update(Change, "a").await.unwrap_err();
    assert!(matches!(error, UpdateError::Failed(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_workflow_that_closes_says_whether_it_had_accepted_the_update() {
    let server = TestServer::new();
    let closed = "workflow execution already completed";
    server.answer::<Update>([
        Ok(at(Stage::Accepted)),
        Err(not_found("workflow update was aborted by closing workflow")),
        Err(not_found(closed)),
        Err(not_found("workflow not found for ID: w")),
        Err(Status::failed_precondition("Unable to perform")),
    ]);
    let outcome = failure("Server", "AcceptedUpdateCompletedWorkflow");
    server.answer::<Poll>([Ok(polled(outcome))]);
    let handle = handle(&server).await;
    for expected in [
        "workflow `w` closed before it completed update `u`",
        "workflow `w` closed before it accepted update `u`",
        "workflow `w` closed before it accepted update `u`",
        "there is no workflow `w` with update `u`: workflow not found for ID: w",
        "workflow `w` cannot take an update: Unable to perform",
    ] {
        let error = handle.update(Change, "a").update_id("u").await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_workflow_that_is_closing_is_asked_again_in_its_next_run() {
    let server = TestServer::new();
    let busy = "workflow operation can not be applied because workflow is closing";
    server.answer::<Update>([
        Err(Status::new(Code::ResourceExhausted, busy)),
        Ok(completed(success(1))),
    ]);
    let handle = handle(&server).await;
    assert_eq!(handle.update(Change, "a").await.unwrap(), 1);
    let sent = server.requests::<Update>();
    assert_eq!(sent[0], sent[1]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_asked_for_five_minutes() {
    let server = TestServer::new();
    server.answer::<Update>([Ok(at(Stage::Accepted))]);
    for _ in 0..5 {
        server.stay_silent::<Poll>();
    }
    let cancelled = std::iter::repeat_with(|| Err(Status::cancelled("context canceled")));
    server.answer::<Poll>(cancelled.take(1000));
    let began = tokio::time::Instant::now();
    let error = handle(&server)
        .await
        .update(Change, "a")
        .update_id("u")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no answer from the server about update `u` of workflow `w`"
    );
    let waited = began.elapsed().as_secs();
    assert!((300..400).contains(&waited), "{waited} s");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_told_without_a_call() {
    let server = TestServer::new();
    let handle = handle(&server).await;
    let error = handle.update(Change, "a").update_id("").await.unwrap_err();
    assert!(
        matches!(error, UpdateError::EmptyUpdateId { .. }),
        "{error}"
    );
    assert!(server.requests::<Update>().is_empty());

    server.answer::<Update>([Ok(completed(Some(Outcome {
        value: Some(Value::Success(Default::default())),
    })))]);
    let error = handle.update(Change, "a").await.unwrap_err();
    assert!(matches!(error, UpdateError::Payload(_)), "{error}");
}
