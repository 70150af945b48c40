//! Runs that go on in further runs: continue-as-new, retries, cron.

use durably_protos::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::common::v1::{Header, Memo};
use durably_protos::temporal::api::enums::v1::{
    ContinueAsNewInitiator, EventType as E, RetryState, WorkflowExecutionStatus,
};
use durably_protos::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes;

use crate::bench::Bench;
use crate::commands::{
    complete, continue_as_new, fail, failure, json, payloads, retrying, seconds,
};
use crate::events::{attributes, nanoseconds};
use crate::run::Run;

async fn started(run: &Run) -> WorkflowExecutionStartedEventAttributes {
    attributes!(run.event(1).await, WorkflowExecutionStartedEventAttributes)
}

/// Server semantics 8.65.
#[tokio::test]
async fn a_new_run_takes_over_type_queue_and_timeouts_and_nothing_else() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    request.workflow_execution_timeout = seconds(500);
    request.workflow_run_timeout = seconds(100);
    request.workflow_task_timeout = seconds(7);
    request.retry_policy = retrying(1, 3);
    request.input = payloads("input");
    request.memo = Some(Memo {
        fields: [("memo".to_owned(), json("memo"))].into(),
    });
    request.header = Some(Header {
        fields: [("header".to_owned(), json("header"))].into(),
    });
    let first = bench.start_as(&request).await;
    let again = ContinueAsNewWorkflowExecutionCommandAttributes::default();
    first.turn(vec![continue_as_new(again)]).await;
    let run = first.current().await;
    let continued = attributes!(
        first.last().await,
        WorkflowExecutionContinuedAsNewEventAttributes
    );
    assert_eq!(continued.new_execution_run_id, run.run_id);
    assert_eq!(continued.workflow_type, request.workflow_type);
    let info = first.describe().await.workflow_execution_info.unwrap();
    assert_eq!(info.status(), WorkflowExecutionStatus::ContinuedAsNew);
    let begun = started(&run).await;
    assert_eq!(begun.workflow_type, request.workflow_type);
    assert_eq!(begun.task_queue.clone().unwrap().name, first.workflow_id);
    assert_eq!(begun.workflow_execution_timeout, seconds(500));
    assert_eq!(begun.workflow_run_timeout, seconds(100));
    assert_eq!(begun.workflow_task_timeout, seconds(7));
    assert_eq!(begun.continued_execution_run_id, first.run_id);
    assert_eq!(begun.first_execution_run_id, first.run_id);
    assert_eq!(begun.original_execution_run_id, run.run_id);
    assert_eq!(begun.initiator(), ContinueAsNewInitiator::Workflow);
    assert_eq!(
        (begun.attempt, begun.input, begun.retry_policy),
        (1, None, None)
    );
    assert_eq!(begun.memo.unwrap_or_default().fields.len(), 0);
    assert_eq!(begun.header.unwrap_or_default().fields.len(), 0);
    assert_eq!(
        begun
            .search_attributes
            .unwrap_or_default()
            .indexed_fields
            .len(),
        0
    );
}

/// Server semantics 8.66.
#[tokio::test]
async fn runs_of_a_chain_begin_at_least_a_second_apart() {
    let bench = Bench::begin();
    let first = bench.start().await;
    let again = ContinueAsNewWorkflowExecutionCommandAttributes::default();
    first.turn(vec![continue_as_new(again)]).await;
    let run = first.current().await;
    let begun = started(&run).await;
    let delay = begun.first_workflow_task_backoff.unwrap();
    if bench.is_embedded() {
        assert_eq!(Some(delay), seconds(1));
    } else {
        assert!(delay.seconds == 0 && delay.nanos > 0, "{delay:?}");
    }
    assert_eq!(run.types(2).await, []);
    bench.pass(1).await;
    assert_eq!(run.types(2).await, [E::WorkflowTaskScheduled]);
}

/// Server semantics 8.67.
#[tokio::test]
async fn the_execution_timeout_ends_at_one_instant_for_the_whole_chain() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    request.workflow_execution_timeout = seconds(5);
    let first = bench.start_as(&request).await;
    let mut again = ContinueAsNewWorkflowExecutionCommandAttributes {
        backoff_start_interval: seconds(1),
        ..ContinueAsNewWorkflowExecutionCommandAttributes::default()
    };
    again.retry_policy = retrying(60, 0);
    first.turn(vec![continue_as_new(again)]).await;
    let run = first.current().await;
    let end = nanoseconds(started(&first).await.workflow_execution_expiration_time);
    let begun = started(&run).await;
    assert_eq!(nanoseconds(begun.workflow_execution_expiration_time), end);
    bench.pass(1).await;
    run.turn(vec![fail("no")]).await;
    let failed = attributes!(run.last().await, WorkflowExecutionFailedEventAttributes);
    assert_eq!(failed.retry_state(), RetryState::Timeout);
    assert_eq!(failed.new_execution_run_id, "");
}

/// Server semantics 8.68.
#[tokio::test]
async fn a_cron_workflow_keeps_its_last_result_over_failures() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    request.cron_schedule = "@every 1s".to_owned();
    let first = bench.start_as(&request).await;
    bench.pass(1).await;
    first.turn(vec![complete("result")]).await;
    let completed = attributes!(
        first.last().await,
        WorkflowExecutionCompletedEventAttributes
    );
    let second = first.current().await;
    assert_eq!(completed.new_execution_run_id, second.run_id);
    bench.pass(1).await;
    second.turn(vec![fail("no")]).await;
    let third = first.current().await;
    let [second, third] = [started(&second).await, started(&third).await];
    assert_eq!(second.initiator(), ContinueAsNewInitiator::CronSchedule);
    assert_eq!(second.last_completion_result, payloads("result"));
    assert_eq!(second.continued_failure, None);
    assert_eq!(third.last_completion_result, payloads("result"));
    assert_eq!(third.continued_failure, Some(failure("no")));
    assert_eq!(third.attempt, 1);
    first.current().await.terminate().await;
}

/// Server semantics 8.69.
#[tokio::test]
async fn the_run_timeout_is_retried_and_the_execution_timeout_is_not() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    request.workflow_run_timeout = seconds(1);
    request.retry_policy = retrying(1, 2);
    let first = bench.start_as(&request).await;
    let mut request = bench.starting();
    request.workflow_execution_timeout = seconds(1);
    request.retry_policy = retrying(1, 2);
    let ended = bench.start_as(&request).await;
    bench.pass(1).await;
    let timed_out = attributes!(first.last().await, WorkflowExecutionTimedOutEventAttributes);
    assert_eq!(timed_out.retry_state(), RetryState::InProgress);
    let second = first.current().await;
    assert_eq!(timed_out.new_execution_run_id, second.run_id);
    let begun = started(&second).await;
    assert_eq!(
        (begun.attempt, begun.initiator()),
        (2, ContinueAsNewInitiator::Retry)
    );
    assert_eq!(begun.continued_failure.unwrap().message, "workflow timeout");
    let timed_out = attributes!(ended.last().await, WorkflowExecutionTimedOutEventAttributes);
    assert_eq!(timed_out.retry_state(), RetryState::Timeout);
    assert_eq!(timed_out.new_execution_run_id, "");
    assert_eq!(ended.current().await.run_id, ended.run_id);
    second.terminate().await;
}
