//! Activities that fail: retries and their end, what the workflow gets to see.

use std::time::Duration;

use durably::failure::RetryState;
use durably::payload::ToPayload;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

/// What a workflow tells of a failure it was given.
type Seen = (String, String, String, bool);

fn seen(failure: &Failure) -> Seen {
    let Failure::Activity(outer) = failure else {
        panic!("the failure of an activity, not {failure:?}");
    };
    let inner = failure
        .application()
        .expect("the activity's own failure is the cause");
    let state = format!("{:?}", outer.retry_state());
    let (kind, message) = (inner.failure_type().to_owned(), inner.message().to_owned());
    (state, kind, message, inner.is_non_retryable())
}

#[activity(start_to_close_timeout = "10s", retry(initial_interval = "50ms"))]
async fn flaky(ctx: &ActivityContext, good_attempt: u32) -> ActivityResult<u32> {
    let attempt = ctx.info().attempt;
    if attempt < good_attempt {
        return Err(format!("attempt {attempt} fails").into());
    }
    Ok(attempt)
}

#[workflow]
async fn calls_flaky(ctx: &WorkflowContext, good_attempt: u32) -> WorkflowResult<u32> {
    Ok(ctx.activity(flaky, good_attempt).await?)
}

#[tokio::test]
async fn a_failure_is_retried_until_it_works() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(calls_flaky).activity(flaky));
    let handle = test.start(calls_flaky, 3).await;
    assert_eq!(test.result(&handle).await.unwrap(), 3);
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::ActivityTaskStarted), 1);
    let last_failure = events.attributes().find_map(|attributes| match attributes {
        Attributes::ActivityTaskStartedEventAttributes(started) => started.last_failure.as_ref(),
        _ => None,
    });
    assert_eq!(last_failure.unwrap().message, "attempt 2 fails");
}

#[workflow]
async fn gives_up(ctx: &WorkflowContext) -> WorkflowResult<Seen> {
    let policy = RetryPolicy::new()
        .initial_interval(Duration::from_millis(20))
        .maximum_attempts(3);
    let failure = ctx
        .activity(flaky, 100_u32)
        .retry(policy)
        .await
        .unwrap_err();
    Ok(seen(&failure))
}

#[tokio::test]
async fn retries_end_with_the_last_attempt() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(gives_up).activity(flaky));
    let (state, _, message, _) = test.run(gives_up, ()).await;
    assert_eq!(state, format!("{:?}", RetryState::MaximumAttemptsReached));
    assert_eq!(message, "attempt 3 fails");
}

#[activity(start_to_close_timeout = "10s", retry(non_retryable_error_types = ["Listed"]))]
async fn refuses(how: String) -> ActivityResult<()> {
    let failure = ApplicationFailure::new("no").with_details(&42)?;
    Err(match how.as_str() {
        "flag" => failure.with_type("Flagged").non_retryable(),
        _ => failure.with_type("Listed"),
    }
    .into())
}

#[workflow]
async fn refused(ctx: &WorkflowContext, how: String) -> WorkflowResult<(Seen, Option<i32>)> {
    let failure = ctx.activity(refuses, how).await.unwrap_err();
    let detail = failure
        .application()
        .and_then(|inner| inner.detail::<i32>(0).transpose());
    Ok((seen(&failure), detail.transpose()?))
}

#[tokio::test]
async fn a_non_retryable_failure_is_final() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(refused).activity(refuses));
    for (how, kind) in [("flag", "Flagged"), ("list", "Listed")] {
        let ((state, failure_type, _, flagged), detail) = test.run(refused, how).await;
        assert_eq!(state, format!("{:?}", RetryState::NonRetryableFailure));
        assert_eq!(failure_type, kind);
        assert_eq!(flagged, how == "flag");
        assert_eq!(detail, Some(42));
    }
}

#[activity(start_to_close_timeout = "10s", retry(initial_interval = "10m"))]
async fn knows_when(ctx: &ActivityContext) -> ActivityResult<u32> {
    let attempt = ctx.info().attempt;
    if attempt == 1 {
        let soon = Duration::from_millis(10);
        return Err(ApplicationFailure::new("come back soon")
            .with_next_retry_delay(soon)
            .into());
    }
    Ok(attempt)
}

#[workflow]
async fn comes_back(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    Ok(ctx.activity(knows_when, ()).await?)
}

#[tokio::test]
async fn a_failure_can_say_when_to_retry() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(comes_back).activity(knows_when));
    assert_eq!(test.run(comes_back, ()).await, 2);
}

#[activity(start_to_close_timeout = "10s", retry(initial_interval = "20ms"))]
async fn panics_once(ctx: &ActivityContext) -> ActivityResult<u32> {
    let attempt = ctx.info().attempt;
    assert!(attempt > 1, "the first attempt panics");
    Ok(attempt)
}

#[activity(start_to_close_timeout = "10s", retry(maximum_attempts = 1))]
fn panics() -> ActivityResult<()> {
    panic!("blocking bodies may panic too");
}

#[workflow]
async fn survives_panics(ctx: &WorkflowContext) -> WorkflowResult<(u32, Seen)> {
    let attempt = ctx.activity(panics_once, ()).await?;
    let failure = ctx.activity(panics, ()).await.unwrap_err();
    Ok((attempt, seen(&failure)))
}

#[tokio::test]
async fn a_panic_is_a_failure_of_the_attempt() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(survives_panics)
            .activity(panics_once)
            .activity(panics)
    });
    let (attempt, (_, kind, message, final_)) = test.run(survives_panics, ()).await;
    assert_eq!(attempt, 2);
    assert_eq!(kind, "PanicError");
    assert!(
        message.contains("blocking bodies may panic too"),
        "{message}"
    );
    assert!(!final_);
}

#[workflow]
async fn wrong_calls(ctx: &WorkflowContext) -> WorkflowResult<Vec<Seen>> {
    let mut all = Vec::new();
    for (name, arguments) in [("nobody", vec![]), ("flaky", vec!["text".to_payload()?])] {
        let call = ctx.activity_by_name::<()>(name, arguments);
        let call = call.start_to_close_timeout(Duration::from_secs(10));
        let failure = call.retry(RetryPolicy::no_retries()).await.unwrap_err();
        all.push(seen(&failure));
    }
    Ok(all)
}

#[tokio::test]
async fn unknown_types_and_unreadable_arguments_are_explained() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(wrong_calls).activity(flaky));
    let seen = test.run(wrong_calls, ()).await;
    let [
        (_, unknown, unknown_message, _),
        (_, unreadable, unreadable_message, _),
    ] = &seen[..]
    else {
        panic!("two failures, not {seen:?}");
    };
    assert_eq!(unknown, "NotFoundError");
    assert!(
        unknown_message.contains("nobody") && unknown_message.contains("flaky"),
        "{unknown_message}"
    );
    assert_eq!(unreadable, "PayloadError");
    assert!(unreadable_message.contains("u32"), "{unreadable_message}");
}

#[activity(start_to_close_timeout = "10s", retry(maximum_attempts = 1))]
async fn too_much() -> ActivityResult<String> {
    Ok("x".repeat(3 << 20))
}

#[workflow]
async fn asks_too_much(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let failure = ctx.activity(too_much, ()).await.unwrap_err();
    Ok(failure
        .application()
        .map_or(String::new(), |inner| inner.message().to_owned()))
}

#[tokio::test]
async fn a_result_above_the_servers_limit_is_a_clear_failure() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(asks_too_much).activity(too_much));
    let message = test.run(asks_too_much, ()).await;
    assert!(message.contains("limit"), "{message}");
}
