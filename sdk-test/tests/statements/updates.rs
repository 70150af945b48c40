//! Updates.

use std::time::Duration;

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::enums::v1::{
    EventType as E, UpdateWorkflowExecutionLifecycleStage as Stage, WorkflowIdConflictPolicy,
};
use durably_protos::temporal::api::errordetails::v1::{
    MultiOperationExecutionFailure, PermissionDeniedFailure, WorkflowExecutionAlreadyStartedFailure,
};
use durably_protos::temporal::api::failure::v1::MultiOperationExecutionAborted;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::update::v1::outcome::Value;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_request::{
    Operation, operation,
};
use durably_protos::temporal::api::workflowservice::v1::{
    ExecuteMultiOperationRequest, PollWorkflowTaskQueueResponse,
    RespondWorkflowTaskCompletedResponse,
};
use prost::Name;
use tonic::{Code, Status};

use crate::bench::{Bench, NAMESPACE, call, detail, refused};
use crate::commands::{complete, failure, timer};
use crate::events::attributes;
use crate::messages::{
    accept, outcome, place, reject, respond, sequencing, success, update, updating,
};
use crate::run::Run;

/// Answers a task with messages, and with commands after them.
async fn answer(
    run: &Run,
    task: &PollWorkflowTaskQueueResponse,
    messages: Vec<Message>,
    commands: Vec<Command>,
) -> Result<RespondWorkflowTaskCompletedResponse, Status> {
    let placed = messages
        .iter()
        .filter(|message| !message.id.ends_with("/reject"));
    let commands = placed.map(place).chain(commands).collect();
    let mut answer = run.answer(task, commands);
    answer.messages = messages;
    run.respond_as(answer).await
}

/// A run with nothing to do, whose last event is the fourth.
async fn quiet(bench: &Bench) -> Run {
    let run = bench.start().await;
    run.turn(vec![]).await;
    run
}

/// Server semantics 8.52.
#[tokio::test]
async fn a_rejected_update_of_a_quiet_run_leaves_nothing_behind() {
    let bench = Bench::begin();
    let run = quiet(&bench).await;
    for update_id in ["one", "two"] {
        let updating = update(&run, update_id).await;
        let task = run.task().await;
        assert_eq!((task.started_event_id, task.messages.len()), (6, 1));
        let rejected = answer(&run, &task, vec![reject(&task.messages[0])], vec![]).await;
        assert_eq!(rejected.unwrap().reset_history_event_id, 3);
        assert_eq!(outcome(updating).await, Value::Failure(failure("rejected")));
        assert_eq!(run.types(5).await, []);
    }
}

/// Server semantics 8.53.
#[tokio::test]
async fn the_events_of_an_update_name_where_it_was_told_and_accepted() {
    let bench = Bench::begin();
    let run = quiet(&bench).await;
    let updating = update(&run, "update").await;
    let task = run.task().await;
    let request = &task.messages[0];
    assert_eq!(
        (request.id.as_str(), sequencing(request)),
        ("update/request", 5)
    );
    let messages = vec![accept(request), respond(request, "result")];
    answer(&run, &task, messages, vec![]).await.unwrap();
    assert_eq!(outcome(updating).await, success("result"));
    let types = [
        E::WorkflowTaskScheduled,
        E::WorkflowTaskStarted,
        E::WorkflowTaskCompleted,
        E::WorkflowExecutionUpdateAccepted,
        E::WorkflowExecutionUpdateCompleted,
    ];
    assert_eq!(run.types(5).await, types);
    let accepted = attributes!(
        run.event(8).await,
        WorkflowExecutionUpdateAcceptedEventAttributes
    );
    assert_eq!(accepted.protocol_instance_id, "update");
    assert_eq!(accepted.accepted_request_message_id, "update/request");
    assert_eq!(accepted.accepted_request_sequencing_event_id, 5);
    let completed = attributes!(
        run.event(9).await,
        WorkflowExecutionUpdateCompletedEventAttributes
    );
    assert_eq!(completed.accepted_event_id, 8);
    assert_eq!(completed.outcome.unwrap().value, Some(success("result")));
}

/// Server semantics 8.54.
#[tokio::test]
async fn an_update_that_ended_is_remembered_and_one_that_was_rejected_is_not() {
    let bench = Bench::begin();
    let run = quiet(&bench).await;
    let updating = update(&run, "kept").await;
    let task = run.task().await;
    let request = &task.messages[0];
    let messages = vec![accept(request), respond(request, "result")];
    answer(&run, &task, messages, vec![]).await.unwrap();
    assert_eq!(outcome(updating).await, success("result"));
    let again = update(&run, "kept").await;
    assert_eq!(outcome(again).await, success("result"));
    for _ in 0..2 {
        let updating = update(&run, "rejected").await;
        let task = run.task().await;
        assert_eq!(task.messages[0].protocol_instance_id, "rejected");
        answer(&run, &task, vec![reject(&task.messages[0])], vec![])
            .await
            .unwrap();
        assert_eq!(outcome(updating).await, Value::Failure(failure("rejected")));
    }
    run.signal("wake").await;
    run.turn(vec![complete("done")]).await;
    let again = update(&run, "kept").await;
    assert_eq!(outcome(again).await, success("result"));
    let other = update(&run, "other").await.await.unwrap();
    refused(
        other,
        Code::NotFound,
        "workflow execution already completed",
    );
}

/// Server semantics 8.55.
#[tokio::test]
async fn an_update_the_worker_ignores_is_rejected_for_it() {
    let bench = Bench::begin();
    let run = quiet(&bench).await;
    let updating = update(&run, "ignored").await;
    run.turn(vec![]).await;
    let Value::Failure(failure) = outcome(updating).await else {
        panic!("a failure");
    };
    assert_eq!(
        failure.message,
        "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not \
         supported by the worker."
    );
    assert_eq!(failure.source, "Server");
    let Some(FailureInfo::ApplicationFailureInfo(info)) = failure.failure_info else {
        panic!("an application failure");
    };
    assert_eq!(
        (info.r#type.as_str(), info.non_retryable),
        ("UnprocessedUpdate", true)
    );
    assert_eq!(run.types(5).await, []);
}

/// Server semantics 8.56.
#[tokio::test]
async fn the_end_of_the_run_fails_accepted_updates_and_aborts_the_others() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let accepted = update(&run, "accepted").await;
    let task = run.task().await;
    let admitted = update(&run, "admitted").await;
    let messages = vec![accept(&task.messages[0])];
    answer(&run, &task, messages, vec![complete("done")])
        .await
        .unwrap();
    let Value::Failure(failure) = outcome(accepted).await else {
        panic!("a failure");
    };
    assert_eq!(
        failure.message,
        "Workflow Update failed because the Workflow completed before the Update completed."
    );
    let Some(FailureInfo::ApplicationFailureInfo(info)) = failure.failure_info else {
        panic!("an application failure");
    };
    assert_eq!(
        (info.r#type.as_str(), info.non_retryable),
        ("AcceptedUpdateCompletedWorkflow", true)
    );
    let aborted = admitted.await.unwrap();
    refused(
        aborted,
        Code::NotFound,
        "workflow update was aborted by closing workflow",
    );
    let types = [
        E::WorkflowTaskCompleted,
        E::WorkflowExecutionUpdateAccepted,
        E::WorkflowExecutionCompleted,
    ];
    assert_eq!(run.types(4).await, types);
    let later = update(&run, "accepted").await;
    assert!(matches!(outcome(later).await, Value::Failure(_)));
}

/// Server semantics 8.57.
#[tokio::test]
async fn nobody_waits_for_admission_and_a_long_wait_ends_with_the_stage_reached() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let request = updating(&run, "admitted", Stage::Admitted);
    let refusal = call!(bench, update_workflow_execution, request);
    let message = "UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.";
    let status = refused(refusal, Code::PermissionDenied, message);
    detail::<PermissionDeniedFailure>(&status);
    // Every wait ends after 20 s of real time. Here the runtime's clock alone has them pass.
    if bench.is_embedded() {
        tokio::time::pause();
    }
    let begun = tokio::time::Instant::now();
    let request = updating(&run, "waiting", Stage::Completed);
    let waited = call!(bench, update_workflow_execution, request, within 60).unwrap();
    assert_eq!(waited.stage(), Stage::Admitted);
    assert_eq!(waited.outcome, None);
    let passed = begun.elapsed();
    let about_20 = Duration::from_secs(19)..Duration::from_secs(23);
    assert!(about_20.contains(&passed), "{passed:?}");
}

/// Server semantics 8.58.
#[tokio::test]
async fn a_signal_has_the_task_of_an_update_written_before_it_ends() {
    let bench = Bench::begin();
    let run = quiet(&bench).await;
    let updating = update(&run, "update").await;
    let task = run.task().await;
    let info = run.describe().await.workflow_execution_info.unwrap();
    assert_eq!(info.history_length, 4);
    run.signal("signal").await;
    let info = run.describe().await.workflow_execution_info.unwrap();
    assert_eq!(info.history_length, 6);
    let types = [E::WorkflowTaskScheduled, E::WorkflowTaskStarted];
    assert_eq!(run.types(5).await, types);
    let rejected = answer(&run, &task, vec![reject(&task.messages[0])], vec![]).await;
    assert_eq!(rejected.unwrap().reset_history_event_id, 0);
    assert_eq!(outcome(updating).await, Value::Failure(failure("rejected")));
    let types = [
        E::WorkflowTaskCompleted,
        E::WorkflowExecutionSignaled,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(7).await, types);
    run.turn(vec![timer("timer", 60)]).await;
}

/// Server semantics 8.59.
#[tokio::test]
async fn update_with_start_says_of_both_parts_how_they_ended() {
    let bench = Bench::begin();
    let mut start = bench.starting();
    let run = bench.start_as(&start).await;
    let any = Run::new(&bench, &run.workflow_id, "");
    start.request_id = "another".to_owned();
    start.set_workflow_id_conflict_policy(WorkflowIdConflictPolicy::Fail);
    let part = |part| Operation {
        operation: Some(part),
    };
    let request = |start, update| ExecuteMultiOperationRequest {
        namespace: NAMESPACE.to_owned(),
        operations: vec![
            part(operation::Operation::StartWorkflow(start)),
            part(operation::Operation::UpdateWorkflow(update)),
        ],
        ..ExecuteMultiOperationRequest::default()
    };
    let update = updating(&any, "update", Stage::Completed);
    let refusal = call!(
        bench,
        execute_multi_operation,
        request(start.clone(), update.clone())
    );
    let message = "Update-with-Start could not be executed.";
    let status = refused(refusal, Code::AlreadyExists, message);
    let failure: MultiOperationExecutionFailure = detail(&status);
    let [start_status, update_status] = failure.statuses.as_slice() else {
        panic!("two statuses, not {:?}", failure.statuses);
    };
    assert_eq!(start_status.code, Code::AlreadyExists as i32);
    let name = WorkflowExecutionAlreadyStartedFailure::full_name();
    assert!(start_status.details[0].type_url.ends_with(&name));
    let is_aborted = |status: &durably_protos::temporal::api::errordetails::v1::multi_operation_execution_failure::OperationStatus| {
        let name = MultiOperationExecutionAborted::full_name();
        assert!(status.details[0].type_url.ends_with(&name));
        assert_eq!((status.code, status.message.as_str()), (10, "Operation was aborted."));
    };
    is_aborted(update_status);

    let mut elsewhere = update;
    elsewhere.workflow_execution.as_mut().unwrap().workflow_id = "elsewhere".to_owned();
    let refusal = call!(bench, execute_multi_operation, request(start, elsewhere));
    let status = refused(refusal, Code::InvalidArgument, message);
    let failure: MultiOperationExecutionFailure = detail(&status);
    is_aborted(&failure.statuses[0]);
    assert_eq!(failure.statuses[1].code, Code::InvalidArgument as i32);
    let message = &failure.statuses[1].message;
    assert_eq!(
        message,
        "WorkflowId is not consistent with previous operation(s)."
    );
}
