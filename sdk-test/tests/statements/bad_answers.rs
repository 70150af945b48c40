//! Answers to workflow tasks that are wrong, late or ask for more.

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::enums::v1::{
    EventType as E, PendingWorkflowTaskState, ResourceExhaustedCause,
    UpdateWorkflowExecutionLifecycleStage, WorkflowTaskFailedCause,
};
use durably_protos::temporal::api::errordetails::v1::ResourceExhaustedFailure;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::workflowservice::v1::{
    PollWorkflowTaskQueueResponse, SignalWorkflowExecutionRequest,
};
use tonic::Code;

use crate::bench::{Bench, NAMESPACE, call, detail, refused};
use crate::commands::{activity, complete, seconds, timer};
use crate::events::attributes;
use crate::messages::updating;

/// Server semantics 8.28.
#[tokio::test]
async fn a_misplaced_or_unknown_command_leaves_the_task_started() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    let misplaced = run.respond(&task, vec![complete("done"), timer("timer", 1)]);
    refused(
        misplaced.await,
        Code::InvalidArgument,
        "invalid command sequence: [CompleteWorkflowExecution, StartTimer], command CompleteWorkflowExecution must \
         be the last command.",
    );
    let unknown = run.respond(&task, vec![Command::default()]).await;
    refused(
        unknown,
        Code::InvalidArgument,
        "unknown command type: Unspecified",
    );
    assert_eq!(run.types(4).await, []);
    let pending = run.describe().await.pending_workflow_task.unwrap();
    assert_eq!(pending.state(), PendingWorkflowTaskState::Started);
    run.respond(&task, vec![complete("done")]).await.unwrap();
}

/// Server semantics 8.29.
#[tokio::test]
async fn a_bad_command_of_a_further_attempt_is_not_written_and_may_be_corrected() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    run.fail_task(&task).await.unwrap();
    let task = run.task().await;
    assert_eq!(task.attempt, 2);
    let bad = run.respond(&task, vec![timer("", 1)]).await;
    let message = "BadStartTimerAttributes: TimerId is not set on StartTimerCommand.";
    refused(bad, Code::InvalidArgument, message);
    let described = run.describe().await;
    assert_eq!(described.workflow_execution_info.unwrap().history_length, 4);
    let pending = described.pending_workflow_task.unwrap();
    assert_eq!(
        (pending.state(), pending.attempt),
        (PendingWorkflowTaskState::Started, 2)
    );
    run.respond(&task, vec![complete("done")]).await.unwrap();
    assert_eq!(run.last().await.event_type(), E::WorkflowExecutionCompleted);
}

/// Server semantics 8.30.
#[tokio::test]
async fn one_bad_command_takes_back_the_whole_answer() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    let commands = vec![timer("good", 1), activity(&run, "a"), timer("", 1)];
    let bad = run.respond(&task, commands).await;
    let message = "BadStartTimerAttributes: TimerId is not set on StartTimerCommand.";
    refused(bad, Code::InvalidArgument, message);
    assert_eq!(run.types(4).await[0], E::WorkflowTaskFailed);
    let failed = attributes!(run.event(4).await, WorkflowTaskFailedEventAttributes);
    assert_eq!(
        failed.cause(),
        WorkflowTaskFailedCause::BadStartTimerAttributes
    );
    assert_eq!(failed.failure.unwrap().message, message);
    let described = run.describe().await;
    assert_eq!(described.workflow_execution_info.unwrap().history_length, 4);
    assert_eq!(described.pending_activities, []);
    assert_eq!(described.pending_workflow_task.unwrap().attempt, 2);
}

/// Server semantics 8.31.
#[tokio::test]
async fn a_new_task_comes_with_the_answer_if_it_is_asked_for() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    let mut answer = run.answer(&task, vec![timer("timer", 60)]);
    answer.sticky_attributes = run.sticky(10);
    answer.return_new_workflow_task = true;
    answer.force_create_new_workflow_task = true;
    let next = run.respond_as(answer).await.unwrap().workflow_task.unwrap();
    assert_eq!(
        (next.previous_started_event_id, next.started_event_id),
        (3, 7)
    );
    let shown: Vec<_> = next
        .history
        .as_ref()
        .unwrap()
        .events
        .iter()
        .map(HistoryEvent::event_type)
        .collect();
    let types = [
        E::WorkflowTaskCompleted,
        E::TimerStarted,
        E::WorkflowTaskScheduled,
        E::WorkflowTaskStarted,
    ];
    assert_eq!(shown, types);
    assert_eq!(run.types(4).await, types);
    let started = attributes!(run.event(7).await, WorkflowTaskStartedEventAttributes);
    assert_eq!(
        started.request_id,
        "request-from-RespondWorkflowTaskCompleted"
    );
    run.respond(&next, vec![complete("done")]).await.unwrap();
}

/// Server semantics 8.32.
#[tokio::test]
async fn too_many_buffered_events_fail_the_task_and_none_is_lost() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    for _ in 0..100 {
        run.signal("signal").await;
    }
    assert_eq!(run.types(4).await, []);
    run.signal("signal").await;
    let mut types = vec![E::WorkflowTaskFailed];
    types.extend([E::WorkflowExecutionSignaled; 101]);
    // The next attempt, which is shown and not written.
    types.push(E::WorkflowTaskScheduled);
    assert_eq!(run.types(4).await, types);
    let described = run.describe().await;
    assert_eq!(
        described.workflow_execution_info.unwrap().history_length,
        105
    );
    assert_eq!(described.pending_workflow_task.unwrap().attempt, 2);
    let failed = attributes!(run.event(4).await, WorkflowTaskFailedEventAttributes);
    assert_eq!(failed.cause(), WorkflowTaskFailedCause::ForceCloseCommand);
    let late = run.respond(&task, vec![complete("done")]).await;
    refused(late, Code::NotFound, "Workflow task not found.");
}

fn timeout(task: &PollWorkflowTaskQueueResponse) -> i64 {
    let events = &task.history.as_ref().unwrap().events;
    let scheduled = &events[events.len() - 2];
    let scheduled = attributes!(scheduled, WorkflowTaskScheduledEventAttributes);
    scheduled.start_to_close_timeout.unwrap().seconds
}

/// Server semantics 8.33.
#[tokio::test]
async fn later_attempts_of_a_task_have_more_time() {
    let bench = Bench::begin();
    let run = bench.start().await;
    for attempt in 1..=4 {
        let task = run.task().await;
        assert_eq!(task.attempt, attempt);
        match attempt {
            1..=3 => assert_eq!(timeout(&task), 10),
            // Exactly 5 s more, but for what the real server draws by lot.
            _ if bench.is_embedded() => assert_eq!(timeout(&task), 15),
            _ => assert!((12..=20).contains(&timeout(&task))),
        }
        run.fail_task(&task).await.unwrap();
    }
}

/// Server semantics 8.34.
#[tokio::test]
async fn an_answer_to_a_task_that_is_no_more_is_refused() {
    let gone = "Workflow task not found.";
    let bench = Bench::begin();
    let mut request = bench.starting();
    request.workflow_task_timeout = seconds(1);
    let run = bench.start_as(&request).await;
    let timed_out = run.task().await;
    bench.pass(1).await;
    assert_eq!(run.types(4).await[0], E::WorkflowTaskTimedOut);
    let late = run.respond(&timed_out, vec![]).await;
    refused(late, Code::NotFound, gone);
    let task = run.task().await;
    let replaced = run.fail_task(&timed_out).await;
    refused(replaced, Code::NotFound, gone);
    run.terminate().await;
    let closed = run.respond(&task, vec![complete("done")]).await;
    refused(closed, Code::NotFound, gone);
}

/// What keeps a run from closing once does not do so for ever.
#[tokio::test]
async fn a_run_that_is_closed_again_takes_neither_signals_nor_updates() {
    let message = "workflow operation can not be applied because workflow is closing";
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    run.signal("buffered").await;
    let closed = run.respond(&task, vec![complete("done")]).await;
    refused(closed, Code::InvalidArgument, "UnhandledCommand");
    run.signal("before the task is taken").await;
    let task = run.task().await;
    let signal = SignalWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_execution: run.execution(),
        signal_name: "signal".to_owned(),
        ..SignalWorkflowExecutionRequest::default()
    };
    let signaled = call!(bench, signal_workflow_execution, signal);
    let status = refused(signaled, Code::ResourceExhausted, message);
    let detail: ResourceExhaustedFailure = detail(&status);
    assert_eq!(detail.cause(), ResourceExhaustedCause::BusyWorkflow);
    let update = updating(
        &run,
        "update",
        UpdateWorkflowExecutionLifecycleStage::Accepted,
    );
    let updated = call!(bench, update_workflow_execution, update);
    refused(updated, Code::ResourceExhausted, message);
    run.respond(&task, vec![timer("timer", 60)]).await.unwrap();
    run.signal("after another answer").await;
    run.task().await;
    run.signal("and while a worker has the next task").await;
}
