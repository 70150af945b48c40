//! Local activities: results, retries, timeouts, cancellation.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durably::activity::ActivityCancellationType;
use durably::payload::{FromPayload, ToPayload};
use durably::prelude::*;
use durably_integration::{Events, Test};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::MarkerRecordedEventAttributes as Marker;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

const SECOND: Duration = Duration::from_secs(1);

/// The markers of local activities.
pub(crate) fn markers(events: &Events) -> Vec<&Marker> {
    let markers = events
        .attributes()
        .filter_map(|attributes| match attributes {
            Attributes::MarkerRecordedEventAttributes(marker) => Some(&**marker),
            _ => None,
        });
    markers
        .filter(|marker| marker.marker_name == "core_local_activity")
        .collect()
}

/// What a marker says of its local activity.
pub(crate) fn data(marker: &Marker) -> serde_json::Value {
    serde_json::from_slice(&marker.details["data"].payloads[0].data).unwrap()
}

/// The failure of a local activity as text.
pub(crate) fn told(failure: &Failure) -> String {
    let Failure::Activity(activity) = failure else {
        return format!("not an activity's failure: {failure:?}");
    };
    let cause = match activity.cause() {
        Some(Failure::Application(cause)) => {
            format!("{}: {}", cause.failure_type(), cause.message())
        }
        Some(Failure::Canceled(_)) => "canceled".to_owned(),
        Some(Failure::Timeout(cause)) => format!("{:?}", cause.timeout_type()),
        other => format!("{other:?}"),
    };
    let (kind, state) = (activity.activity_type(), activity.retry_state());
    format!("{kind} | {cause} | {state:?}")
}

#[activity(start_to_close_timeout = "10s")]
async fn greets(ctx: &ActivityContext, greeting: String, name: String) -> ActivityResult<String> {
    let info = ctx.info();
    if !info.is_local || info.workflow_id.is_empty() || info.attempt != 1 {
        return Err(format!("not a local activity's info: {info:?}").into());
    }
    Ok(format!("{greeting}, {name}"))
}

#[activity(start_to_close_timeout = "10s")]
async fn nothing() -> ActivityResult<()> {
    Ok(())
}

#[activity(start_to_close_timeout = "10s")]
fn blocks(number: u32) -> ActivityResult<u32> {
    std::thread::sleep(Duration::from_millis(50));
    Ok(number + 1)
}

#[workflow]
async fn calls_all(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let greeted = ctx.local_activity(greets, ("Hello", "world")).await?;
    ctx.local_activity(nothing, ())
        .activity_id("second")
        .await?;
    let blocked = ctx.local_activity(blocks, 6).await?;
    let arguments = vec!["Good".to_payload()?, "bye".to_payload()?];
    let named: String = ctx
        .local_activity_by_name("greets", arguments)
        .start_to_close_timeout(SECOND)
        .include_arguments_in_marker(true)
        .await?;
    Ok(vec![greeted, blocked.to_string(), named])
}

#[tokio::test]
async fn results() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(calls_all).activity(greets);
        worker.activity(nothing).activity(blocks)
    });
    let handle = test.start(calls_all, ()).await;
    assert_eq!(
        test.result(&handle).await.unwrap(),
        ["Hello, world", "7", "Good, bye"]
    );
    let events = test.events(&handle).await;
    // All in one workflow task, with nothing but markers.
    assert_eq!(
        events.count(EventType::WorkflowTaskCompleted),
        1,
        "{events:?}"
    );
    assert!(!events.has(EventType::ActivityTaskScheduled));
    let markers = markers(&events);
    let ids: Vec<_> = markers
        .iter()
        .map(|marker| data(marker)["activity_id"].clone())
        .collect();
    assert_eq!(ids, ["1", "second", "3", "4"]);
    assert!(
        markers[..3]
            .iter()
            .all(|marker| !marker.details.contains_key("input"))
    );
    let input = &markers[3].details["input"].payloads;
    assert_eq!(String::from_payload(&input[1]).unwrap(), "bye");
    let result = &markers[0].details["result"].payloads[0];
    assert_eq!(String::from_payload(result).unwrap(), "Hello, world");
}

/// Fails a number of times.
#[derive(Default)]
struct Flaky {
    attempts: AtomicU32,
}

#[activities]
impl Flaky {
    #[activity(start_to_close_timeout = "10s")]
    async fn fails(&self, ctx: &ActivityContext, times: u32) -> ActivityResult<u32> {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        let attempt = ctx.info().attempt;
        match attempt > times {
            true => Ok(attempt),
            false => Err(ApplicationFailure::new(format!("attempt {attempt}"))
                .with_type("Flaky")
                .into()),
        }
    }

    #[activity(start_to_close_timeout = "10s")]
    async fn refuses(&self) -> ActivityResult<()> {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        let refusal = ApplicationFailure::new("never").with_type("Refused");
        Err(refusal.non_retryable().into())
    }
}

fn quick() -> RetryPolicy {
    RetryPolicy::new().initial_interval(Duration::from_millis(10))
}

#[workflow]
async fn retries(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let third = ctx.local_activity(Flaky::fails, 2).retry(quick()).await?;
    let gave_up = ctx
        .local_activity(Flaky::fails, 9)
        .retry(quick().maximum_attempts(2))
        .await;
    let refused = ctx.local_activity(Flaky::refuses, ()).retry(quick()).await;
    let listed = quick().non_retryable_error_type("Flaky");
    let listed = ctx.local_activity(Flaky::fails, 9).retry(listed).await;
    let failures = [gave_up.err(), refused.err(), listed.err()];
    let told = failures.iter().flatten().map(told);
    Ok(std::iter::once(third.to_string()).chain(told).collect())
}

#[tokio::test]
async fn failures_and_retries() {
    let test = Test::begin().await;
    let flaky = Arc::new(Flaky::default());
    let _worker = test.worker(|worker| worker.workflow(retries).shared_activities(flaky.clone()));
    let handle = test.start(retries, ()).await;
    let told = test.result(&handle).await.unwrap();
    assert_eq!(
        told,
        [
            "3",
            "fails | Flaky: attempt 2 | MaximumAttemptsReached",
            "refuses | Refused: never | NonRetryableFailure",
            "fails | Flaky: attempt 1 | NonRetryableFailure",
        ]
    );
    assert_eq!(flaky.attempts.load(Ordering::SeqCst), 3 + 2 + 1 + 1);
    let events = test.events(&handle).await;
    assert_eq!(markers(&events).len(), 4);
    assert_eq!(data(markers(&events)[0])["attempt"], 3);
}

#[workflow]
async fn backs_off(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    let policy = RetryPolicy::new().initial_interval(Duration::from_millis(300));
    let call = ctx.local_activity(Flaky::fails, 2).retry(policy);
    Ok(call
        .local_retry_threshold(Duration::from_millis(100))
        .await?)
}

#[tokio::test]
async fn long_waits_between_attempts_are_timers() {
    let test = Test::begin().await;
    let flaky = Arc::new(Flaky::default());
    let _worker = test.worker(|worker| worker.workflow(backs_off).shared_activities(flaky.clone()));
    let handle = test.start(backs_off, ()).await;
    assert_eq!(test.result(&handle).await.unwrap(), 3);
    assert_eq!(flaky.attempts.load(Ordering::SeqCst), 3);
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::TimerFired), 2);
    let data: Vec<_> = markers(&events).into_iter().map(data).collect();
    assert_eq!(data.len(), 3);
    assert_eq!(data[0]["backoff"]["nanos"], 300_000_000);
    assert_eq!(data[1]["backoff"]["nanos"], 600_000_000);
    assert!(data[2]["backoff"].is_null());
    let attempts: Vec<_> = data.iter().map(|data| data["attempt"].as_u64()).collect();
    assert_eq!(attempts, [Some(1), Some(2), Some(3)]);
    assert_eq!(
        data[0]["original_schedule_time"],
        data[2]["original_schedule_time"]
    );
}

#[activity(start_to_close_timeout = "10s")]
async fn hangs() -> ActivityResult<()> {
    std::future::pending().await
}

#[activity(start_to_close_timeout = "200ms")]
async fn hangs_at_first(ctx: &ActivityContext) -> ActivityResult<u32> {
    if ctx.info().attempt < 3 {
        std::future::pending::<()>().await;
    }
    Ok(ctx.info().attempt)
}

#[workflow]
async fn times_out(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let short = Duration::from_millis(200);
    let once = ctx.local_activity(hangs, ()).start_to_close_timeout(short);
    let once = once.retry(RetryPolicy::no_retries()).await;
    let third = ctx
        .local_activity(hangs_at_first, ())
        .retry(quick())
        .await?;
    let whole = ctx
        .local_activity(hangs, ())
        .schedule_to_close_timeout(short)
        .await;
    let failing = ctx.local_activity(Flaky::fails, 99).retry(quick());
    let failing = failing.schedule_to_close_timeout(short).await;
    let failures = [once.err(), whole.err(), failing.err()];
    let told = failures.iter().flatten().map(told);
    Ok(std::iter::once(third.to_string()).chain(told).collect())
}

#[tokio::test]
async fn timeouts() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(times_out).activities(Flaky::default());
        worker.activity(hangs).activity(hangs_at_first)
    });
    let handle = test.start(times_out, ()).await;
    let told = test.result(&handle).await.unwrap();
    assert_eq!(
        told[..3],
        [
            "3",
            "hangs | StartToClose | Timeout",
            "hangs | ScheduleToClose | Timeout"
        ]
    );
    assert!(told[3].starts_with("fails | Flaky: attempt"), "{told:?}");
    assert!(told[3].ends_with("| Timeout"), "{told:?}");
}

/// Waits until it is canceled, and tells how it then ended.
#[derive(Default)]
struct Patient {
    canceled: AtomicU32,
}

#[activities]
impl Patient {
    #[activity(start_to_close_timeout = "20s")]
    async fn waits(&self, ctx: &ActivityContext, obeys: bool) -> ActivityResult<String> {
        ctx.canceled().await;
        self.canceled.fetch_add(1, Ordering::SeqCst);
        match obeys {
            true => Err(ActivityError::canceled(&"tidy".to_owned())?),
            false => Ok("done all the same".to_owned()),
        }
    }
}

#[workflow]
async fn cancels(ctx: &WorkflowContext, how: String, obeys: bool) -> WorkflowResult<String> {
    let cancellation = match how.as_str() {
        "abandon" => ActivityCancellationType::Abandon,
        "try" => ActivityCancellationType::TryCancel,
        _ => ActivityCancellationType::WaitCancellationCompleted,
    };
    let call = ctx.local_activity(Patient::waits, obeys);
    let scoped = ctx.cancel_scope(call.cancellation_type(cancellation));
    let scope = scoped.scope();
    let (ended, ()) = join!(scoped, async {
        // It runs by now.
        let slept = ctx.local_activity(nothing, ()).await;
        scope.cancel(if slept.is_ok() { "enough" } else { "failed" });
    });
    Ok(match ended {
        Ok(text) => text,
        Err(failure) => told(&failure),
    })
}

#[tokio::test]
async fn cancellation_types() {
    let test = Test::begin().await;
    let patient = Arc::new(Patient::default());
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(cancels).shared_activities(patient.clone());
        worker.activity(nothing)
    });
    const CANCELED: &str = "waits | canceled | CancelRequested";
    for (how, obeys, expected) in [
        ("abandon", true, CANCELED),
        ("try", true, CANCELED),
        ("wait", true, CANCELED),
        ("wait", false, "done all the same"),
    ] {
        let handle = test.start(cancels, (how.to_owned(), obeys)).await;
        assert_eq!(test.result(&handle).await.unwrap(), expected, "{how}");
        assert_eq!(markers(&test.events(&handle).await).len(), 2);
    }
    assert!(patient.canceled.load(Ordering::SeqCst) >= 2);
}

#[workflow]
async fn never_begins(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let scoped = ctx.cancel_scope(ctx.local_activity(hangs, ()));
    let scope = scoped.scope();
    let (ended, ()) = join!(scoped, async move { scope.cancel("a mistake") });
    Ok(ended.err().as_ref().map(told).unwrap_or_default())
}

#[tokio::test]
async fn canceled_before_it_begins() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(never_begins).activity(hangs));
    let handle = test.start(never_begins, ()).await;
    let told = test.result(&handle).await.unwrap();
    assert_eq!(told, "hangs | canceled | CancelRequested");
    assert!(markers(&test.events(&handle).await).is_empty());
}

#[workflow]
async fn races(ctx: &WorkflowContext) -> WorkflowResult<String> {
    // The timer ends first; the local activity is dropped, and canceled with that.
    let call = ctx.local_activity(Patient::waits, true).into_future();
    let timeout = ctx.timeout(Duration::from_millis(300), call).await;
    ctx.sleep(Duration::from_millis(10)).await?;
    Ok(format!("{}", timeout.is_err()))
}

#[tokio::test]
async fn given_up_by_a_timeout() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(races).activities(Patient::default()));
    let start = test.starting(races, ()).workflow_task_timeout(2 * SECOND);
    let handle = start.await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "true");
}

#[workflow]
async fn a_hundred(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    let numbers = try_join_all((0..100).map(|number| ctx.local_activity(blocks, number))).await?;
    Ok(numbers.iter().sum())
}

#[tokio::test]
async fn a_hundred_at_once() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(a_hundred).activity(blocks));
    let handle = test.start(a_hundred, ()).await;
    assert_eq!(test.result(&handle).await.unwrap(), 5050);
    assert_eq!(markers(&test.events(&handle).await).len(), 100);
}

#[activity(start_to_close_timeout = "10s", summary = "greets whoever it is")]
async fn summed_up() -> ActivityResult<()> {
    Ok(())
}

#[workflow]
async fn sums_up(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.local_activity(summed_up, ()).await?;
    ctx.local_activity(summed_up, ())
        .summary("another line")
        .await?;
    ctx.local_activity(nothing, ()).await?;
    Ok(())
}

#[tokio::test]
async fn summaries_stand_beside_the_markers() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(sums_up);
        worker.activity(summed_up).activity(nothing)
    });
    let handle = test.start(sums_up, ()).await;
    test.result(&handle).await.unwrap();
    let events = test.events(&handle).await;
    let markers = events
        .iter()
        .filter(|event| event.event_type() == EventType::MarkerRecorded);
    let summaries: Vec<_> = markers
        .map(|marker| {
            let metadata = marker.user_metadata.as_ref();
            let summary = metadata.and_then(|metadata| metadata.summary.as_ref());
            summary.map(|summary| String::from_payload(summary).unwrap())
        })
        .collect();
    let expected = ["greets whoever it is", "another line"];
    assert_eq!(summaries[..2], expected.map(|text| Some(text.to_owned())));
    assert_eq!(summaries[2], None);
}
