//! Time on the embedded server, whatever server is named: a real one has none to skip.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use durably_protos::temporal::api::command::v1::{
    Command, ContinueAsNewWorkflowExecutionCommandAttributes,
};
use durably_protos::temporal::api::enums::v1::{
    EventType as E, HistoryEventFilterType, ParentClosePolicy,
};
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_test::server::{Blocker, ClockMode, TestServer};
use tokio::task::JoinHandle;

use crate::bench::{Bench, call};
use crate::commands::{activity, child_of, complete, continue_as_new, start_child, timer};
use crate::events::{attributes, happened};
use crate::run::Run;

const HOUR: u64 = 3600;

fn origin() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn server(mode: ClockMode) -> TestServer {
    let builder = TestServer::builder().seed(7).time(origin());
    builder.clock(mode).start()
}

/// A worker of one run that answers each task with what is given for the history it has.
fn worker(
    run: &Run,
    answer: impl Fn(&[HistoryEvent]) -> Vec<Command> + Send + 'static,
) -> JoinHandle<()> {
    let run = run.clone();
    tokio::spawn(async move {
        loop {
            let task = run.task().await;
            let commands = answer(&task.history.as_ref().unwrap().events);
            run.respond(&task, commands).await.unwrap();
        }
    })
}

fn has(events: &[HistoryEvent], event_type: E) -> bool {
    events.iter().any(|event| event.event_type() == event_type)
}

/// Waits for the end of the run, as clients do.
async fn result(run: &Run) -> HistoryEvent {
    let mut reading = run.reading();
    reading.wait_new_event = true;
    reading.set_history_event_filter_type(HistoryEventFilterType::CloseEvent);
    let page = call!(run.bench, get_workflow_execution_history, reading);
    page.unwrap().history.unwrap().events.remove(0)
}

/// Waits an hour or for a signal.
fn an_hour_or_a_signal(events: &[HistoryEvent]) -> Vec<Command> {
    if has(events, E::WorkflowExecutionSignaled) {
        vec![complete("signal")]
    } else if has(events, E::TimerFired) {
        vec![complete("timer")]
    } else {
        vec![timer("hour", HOUR.cast_signed())]
    }
}

fn text(end: &HistoryEvent) -> String {
    let completed = attributes!(end, WorkflowExecutionCompletedEventAttributes);
    let data = completed.result.unwrap().payloads.remove(0).data;
    String::from_utf8(data.to_vec()).unwrap()
}

/// Server semantics 8.75.
#[tokio::test]
async fn no_time_is_skipped_before_somebody_waits() {
    let server = server(ClockMode::AutoSkip);
    let bench = Bench::on(server.clone());
    let run = bench.start().await;
    let worker = worker(&run, an_hour_or_a_signal);
    tokio::time::sleep(Duration::from_millis(50)).await;
    run.signal("signal").await;
    assert_eq!(text(&result(&run).await), "\"signal\"");
    assert_eq!(server.skipped(), Duration::ZERO);
    worker.abort();
}

/// Server semantics 8.76.
#[tokio::test]
async fn a_run_that_waits_for_a_signal_is_not_timed_out_by_skipping() {
    let server = server(ClockMode::AutoSkip);
    let bench = Bench::on(server.clone());
    let run = bench.start().await;
    run.turn(vec![]).await;
    let waiting = tokio::spawn({
        let run = run.clone();
        async move { result(&run).await }
    });
    bench.arrive().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    assert_eq!(
        (server.skipped(), server.next_target()),
        (Duration::ZERO, None)
    );
    assert_eq!(server.blocked_on(), [Blocker::NothingIsDue]);
    run.signal("signal").await;
    run.turn(vec![complete("done")]).await;
    assert_eq!(text(&waiting.await.unwrap()), "\"done\"");
}

/// Server semantics 8.77.
#[tokio::test]
async fn two_servers_have_clocks_of_their_own() {
    let [one, other] = [server(ClockMode::Manual), server(ClockMode::Manual)];
    one.advance(Duration::from_secs(HOUR)).await;
    assert_eq!(one.now(), origin() + Duration::from_secs(HOUR));
    assert_eq!(other.now(), origin());
    other.advance(Duration::from_secs(1)).await;
    assert_eq!(one.now(), origin() + Duration::from_secs(HOUR));
    assert_eq!(other.now(), origin() + Duration::from_secs(1));
}

/// Server semantics 8.78.
#[tokio::test]
async fn workflows_run_at_the_very_instants_of_their_timers_while_the_clock_is_moved_over_them() {
    let server = server(ClockMode::Manual);
    let bench = Bench::on(server.clone());
    let run = bench.start().await;
    let worker = worker(&run, |events| {
        if has(events, E::TimerStarted) {
            vec![]
        } else {
            vec![timer("late", 90 * 60), timer("early", 30 * 60)]
        }
    });
    server.advance(Duration::from_secs(2 * HOUR)).await;
    assert_eq!(server.now(), origin() + Duration::from_secs(2 * HOUR));
    let begun = happened(&run.event(1).await);
    let mut instants = HashMap::new();
    let mut order = Vec::new();
    let mut last = "start".to_owned();
    for event in run.events().await {
        if event.event_type() == E::TimerFired {
            last = attributes!(event, TimerFiredEventAttributes).timer_id;
            order.push(last.clone());
        }
        if matches!(event.event_type(), E::TimerFired | E::WorkflowTaskCompleted) {
            let seconds = (happened(&event) - begun) / 1_000_000_000;
            instants
                .entry(last.clone())
                .or_insert_with(Vec::new)
                .push(seconds);
        }
    }
    assert_eq!(order, ["early", "late"]);
    assert_eq!(instants["start"], [0]);
    assert_eq!(instants["early"], [30 * 60, 30 * 60]);
    assert_eq!(instants["late"], [90 * 60, 90 * 60]);
    worker.abort();
}

/// Server semantics 8.79.
#[tokio::test]
async fn an_activity_that_outlives_its_workflow_does_not_hold_time_up() {
    let server = server(ClockMode::AutoSkip);
    let bench = Bench::on(server.clone());
    let closed = bench.start().await;
    closed.turn(vec![activity(&closed, "a")]).await;
    closed.activity_task().await;
    closed.terminate().await;
    let run = bench.start().await;
    let worker = worker(&run, an_hour_or_a_signal);
    assert_eq!(text(&result(&run).await), "\"timer\"");
    let hour = Duration::from_secs(HOUR);
    let skipped = server.skipped();
    assert!(
        skipped <= hour && skipped > hour - Duration::from_secs(5),
        "{skipped:?}"
    );
    worker.abort();
}

/// Server semantics 8.80.
#[tokio::test]
async fn the_timers_of_a_child_are_skipped_to_after_its_parent_continued_as_new() {
    let server = server(ClockMode::AutoSkip);
    let bench = Bench::on(server.clone());
    let run = bench.start().await;
    let child = Run::new(&bench, &format!("{}-child", run.workflow_id), "");
    let mut attributes = child_of(&child.workflow_id);
    attributes.set_parent_close_policy(ParentClosePolicy::Abandon);
    run.turn(vec![start_child(attributes)]).await;
    let again = ContinueAsNewWorkflowExecutionCommandAttributes::default();
    run.turn(vec![continue_as_new(again)]).await;
    let next = run.current().await;
    let workers = [
        worker(&child, an_hour_or_a_signal),
        worker(&next, |_| vec![]),
    ];
    assert_eq!(text(&result(&child).await), "\"timer\"");
    assert!(server.skipped() >= Duration::from_secs(HOUR - 5));
    for worker in workers {
        worker.abort();
    }
}
