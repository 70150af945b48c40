//! No time is longer than a hundred years of 365 days: what is longer is written as that.

use durably_protos::temporal::api::enums::v1::EventType as E;

use crate::bench::Bench;
use crate::commands::{schedule, scheduling, seconds, timer};
use crate::events::attributes;

const CENTURY: i64 = 100 * 365 * 86_400;

#[tokio::test]
async fn a_workflow_takes_a_century_at_most_and_its_tasks_two_minutes() {
    let bench = Bench::begin();
    for (given, written) in [
        (CENTURY - 1, CENTURY - 1),
        (CENTURY + 1, CENTURY),
        (3 * CENTURY, CENTURY),
    ] {
        let mut request = bench.starting();
        request.workflow_execution_timeout = seconds(given);
        request.workflow_task_timeout = seconds(given);
        let run = bench.start_as(&request).await;
        let started = attributes!(run.event(1).await, WorkflowExecutionStartedEventAttributes);
        assert_eq!(started.workflow_execution_timeout, seconds(written));
        assert_eq!(started.workflow_run_timeout, seconds(written));
        assert_eq!(started.workflow_task_timeout, seconds(120));
        run.terminate().await;
        let mut request = bench.starting();
        request.workflow_start_delay = seconds(given);
        let run = bench.start_as(&request).await;
        let started = attributes!(run.event(1).await, WorkflowExecutionStartedEventAttributes);
        assert_eq!(started.first_workflow_task_backoff, seconds(written));
        run.terminate().await;
    }
}

#[tokio::test]
async fn so_do_timers_and_activities() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut activity = scheduling(&run, "activity");
    activity.schedule_to_close_timeout = seconds(2 * CENTURY);
    activity.start_to_close_timeout = seconds(3 * CENTURY);
    activity.heartbeat_timeout = seconds(4 * CENTURY);
    run.turn(vec![timer("timer", 2 * CENTURY), schedule(activity)])
        .await;
    assert_eq!(
        run.types(5).await,
        [E::TimerStarted, E::ActivityTaskScheduled]
    );
    let started = attributes!(run.event(5).await, TimerStartedEventAttributes);
    assert_eq!(started.start_to_fire_timeout, seconds(CENTURY));
    let scheduled = attributes!(run.event(6).await, ActivityTaskScheduledEventAttributes);
    let century = seconds(CENTURY);
    assert_eq!(scheduled.schedule_to_close_timeout, century);
    assert_eq!(scheduled.schedule_to_start_timeout, century);
    assert_eq!(scheduled.start_to_close_timeout, century);
    assert_eq!(scheduled.heartbeat_timeout, century);
    run.terminate().await;
}
