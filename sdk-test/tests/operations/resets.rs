//! Resets.

use durably_protos::temporal::api::command::v1::StartChildWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::common::v1::WorkflowType;
use durably_protos::temporal::api::enums::v1::{
    CommandType, ResetReapplyExcludeType, WorkflowExecutionStatus, WorkflowTaskFailedCause,
};
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::workflowservice::v1::{
    ResetWorkflowExecutionRequest, ResetWorkflowExecutionResponse,
};
use tonic::{Code, Status};

use crate::bench::{Bench, NAMESPACE, activity, command, complete, execution, queue, timer};

async fn reset(
    bench: &Bench,
    cut_id: i64,
    excluded: &[ResetReapplyExcludeType],
) -> Result<String, Status> {
    let request = ResetWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_execution: execution("wf", ""),
        reason: "a test".to_owned(),
        workflow_task_finish_event_id: cut_id,
        request_id: "reset".to_owned(),
        reset_reapply_exclude_types: excluded.iter().map(|&kind| kind.into()).collect(),
        ..ResetWorkflowExecutionRequest::default()
    };
    let reset: Result<ResetWorkflowExecutionResponse, _> =
        bench.call("ResetWorkflowExecution", request).await;
    reset.map(|reset| reset.run_id)
}

/// Appendix B8: `1..14` reset to the end of the first task, with two signals behind it.
async fn with_signals() -> (Bench, String) {
    let bench = Bench::new();
    let base = bench.start("wf", vec![]).await;
    bench
        .turn("wf", vec![timer("t", 30), activity("a", "wf")])
        .await;
    bench.signal("wf", "one").await;
    bench.turn("wf", vec![timer("u", 50)]).await;
    bench.signal("wf", "two").await;
    (bench, base)
}

#[tokio::test]
async fn the_history_is_cut_and_signals_come_along() {
    let (bench, base) = with_signals().await;
    let in_flight = bench.poll("wf").await;
    let run_id = reset(&bench, 4, &[]).await.unwrap();

    let last: Vec<_> = bench.types("wf", &base, 14).await;
    let expected = [
        "WORKFLOW_TASK_STARTED",
        "WORKFLOW_TASK_FAILED",
        "WORKFLOW_EXECUTION_TERMINATED",
    ];
    assert_eq!(last, expected);
    let expected = [
        "WORKFLOW_TASK_FAILED",
        "WORKFLOW_EXECUTION_SIGNALED",
        "WORKFLOW_EXECUTION_SIGNALED",
        "WORKFLOW_TASK_SCHEDULED",
    ];
    assert_eq!(bench.types("wf", &run_id, 4).await, expected);
    let A::WorkflowTaskFailedEventAttributes(failed) = bench.event("wf", 4).await else {
        panic!("the task at the cut failed");
    };
    assert_eq!(failed.cause(), WorkflowTaskFailedCause::ResetWorkflow);
    assert_eq!(
        (failed.base_run_id, failed.new_run_id),
        (base.clone(), run_id)
    );

    let late = bench.answer(in_flight.task_token, vec![]).await;
    assert_eq!(late.unwrap_err().code(), Code::NotFound);
    let described = bench.describe("wf", &base).await;
    let status = described.workflow_execution_info.unwrap().status();
    assert_eq!(status, WorkflowExecutionStatus::Terminated);
    assert!(
        !described
            .workflow_extended_info
            .unwrap()
            .reset_run_id
            .is_empty()
    );
}

#[tokio::test]
async fn what_is_excluded_stays_behind() {
    let (bench, _) = with_signals().await;
    let run_id = reset(&bench, 4, &[ResetReapplyExcludeType::Signal]).await;
    let types = bench.types("wf", &run_id.unwrap(), 4).await;
    assert_eq!(types, ["WORKFLOW_TASK_FAILED", "WORKFLOW_TASK_SCHEDULED"]);
}

#[tokio::test]
async fn timers_keep_their_time_and_activities_begin_again() {
    let (bench, _) = with_signals().await;
    bench.advance(10).await;
    let old = bench.poll_activity("wf").await;
    // To the end of the second task: the timer and the activity of the first are kept.
    reset(&bench, 10, &[]).await.unwrap();
    let new = bench.poll_activity("wf").await;
    assert_eq!((new.attempt, new.scheduled_time), (1, old.scheduled_time));
    assert_ne!(new.task_token, old.task_token);
    bench.turn("wf", vec![]).await;
    bench.advance(20).await;
    let types = bench.types("wf", "", 12).await;
    assert!(types.contains(&"TIMER_FIRED".to_owned()), "{types:?}");
}

#[tokio::test]
async fn a_cut_must_be_at_a_workflow_task() {
    let (bench, _) = with_signals().await;
    for (cut_id, text) in [
        (
            1,
            "Workflow task finish ID must be > 1 && <= workflow last event ID.",
        ),
        (
            99,
            "Workflow task finish ID must be > 1 && <= workflow last event ID.",
        ),
        (
            2,
            "StateRebuilder unable to Rebuild mutable state to event ID: 1, version: 0, this event must be at \
             the boundary",
        ),
        (
            5,
            "StateRebuilder unable to Rebuild mutable state to event ID: 4, version: 0, this event must be at \
             the boundary",
        ),
    ] {
        let status = reset(&bench, cut_id, &[]).await.unwrap_err();
        assert_eq!(status.message(), text, "{cut_id}");
    }
    let described = bench.describe("wf", "").await;
    let status = described.workflow_execution_info.unwrap().status();
    assert_eq!(
        status,
        WorkflowExecutionStatus::Running,
        "nothing was ended"
    );
}

#[tokio::test]
async fn a_task_that_nobody_had_is_started_for_the_reset() {
    let bench = Bench::new();
    bench.start("wf", vec![]).await;
    let first = bench.poll("wf").await;
    bench.answer(first.task_token, vec![]).await.unwrap();
    bench.signal("wf", "one").await;
    bench.poll("wf").await;
    // Event 6 is the second task scheduled, 7 its start.
    let run_id = reset(&bench, 7, &[]).await.unwrap();
    let types = bench.types("wf", &run_id, 6).await;
    let expected = [
        "WORKFLOW_TASK_SCHEDULED",
        "WORKFLOW_TASK_STARTED",
        "WORKFLOW_TASK_FAILED",
        "WORKFLOW_TASK_SCHEDULED",
    ];
    assert_eq!(types, expected);
}

#[tokio::test]
async fn a_child_goes_on_and_reports_to_the_new_run() {
    let bench = Bench::new();
    bench.start("wf", vec![]).await;
    let attributes = StartChildWorkflowExecutionCommandAttributes {
        workflow_id: "child".to_owned(),
        workflow_type: Some(WorkflowType {
            name: "child".to_owned(),
        }),
        task_queue: Some(queue("child")),
        ..StartChildWorkflowExecutionCommandAttributes::default()
    };
    let attributes = C::StartChildWorkflowExecutionCommandAttributes(Box::new(attributes));
    let child = command(CommandType::StartChildWorkflowExecution, attributes);
    bench.turn("wf", vec![child]).await;
    bench.turn("wf", vec![timer("t", 100)]).await;
    reset(&bench, 9, &[]).await.unwrap();
    bench.turn("child", vec![complete("done")]).await;
    let types = bench.types("wf", "", 11).await;
    assert_eq!(types, ["CHILD_WORKFLOW_EXECUTION_COMPLETED"]);
    assert!(bench.describe("wf", "").await.pending_children.is_empty());
}
