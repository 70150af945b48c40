//! Activities alone.

use std::time::Duration;

use durably::activity::ActivityCancellationReason as Reason;
use durably::payload::HeaderKey;
use durably::prelude::*;
use durably_test::prelude::*;

const TENANT: HeaderKey<String> = HeaderKey::new("tenant");

#[activity]
async fn describe(ctx: &ActivityContext, word: String, times: u32) -> ActivityResult<String> {
    let tenant = ctx.header(&TENANT)?.unwrap_or_default();
    let attempt = ctx.info().attempt;
    Ok(format!("{tenant}: {word} x {times}, attempt {attempt}"))
}

#[activity]
fn count(ctx: &ActivityContext) -> ActivityResult<bool> {
    ctx.heartbeat(&"alive")?;
    Ok(ctx.is_worker_shutting_down())
}

#[activity]
async fn wait(ctx: &ActivityContext) -> ActivityResult<()> {
    Err(ctx.canceled().await.into())
}

struct Shelf {
    books: u32,
}

#[activities]
impl Shelf {
    #[activity]
    async fn take(&self, number: u32) -> ActivityResult<u32> {
        match self.books.checked_sub(number) {
            Some(left) => Ok(left),
            None => Err(ApplicationFailure::new("too many").non_retryable().into()),
        }
    }
}

#[tokio::test]
async fn arguments_headers_and_attempt_reach_the_activity() {
    let env = ActivityEnv::new().attempt(3).header(&TENANT, "acme");
    let run = env.run(describe, ("tea", 2_u32)).await;
    assert_eq!(run.result.unwrap(), "acme: tea x 2, attempt 3");
    assert!(run.heartbeats.is_empty());
}

#[tokio::test]
async fn blocking_activities_run_too() {
    let run = ActivityEnv::new().worker_shuts_down().run(count, ()).await;
    assert_eq!(run.heartbeats_as::<String>().unwrap(), ["alive"]);
    assert!(run.result.unwrap());
}

#[tokio::test]
async fn cancellation_comes_when_the_test_wants_it() {
    for delay in [Duration::ZERO, Duration::from_millis(5)] {
        let env = ActivityEnv::new().cancel_after(delay, Reason::Canceled);
        assert!(env.run(wait, ()).await.is_canceled());
    }
    // A pause is no cancellation: the attempt fails, and may be retried.
    let env = ActivityEnv::new().cancel_after(Duration::ZERO, Reason::Paused);
    let run = env.run(wait, ()).await;
    assert!(!run.is_canceled() && run.result.is_err());
    let env = ActivityEnv::new().cancel_at_heartbeat(1, Reason::Canceled);
    let run = env.run(count, ()).await;
    assert!(run.is_canceled());
    assert_eq!(run.heartbeats.len(), 1);
}

#[tokio::test]
async fn methods_have_their_value() {
    let shelf = || Shelf { books: 5 };
    let run = ActivityEnv::new().run_method(Shelf::take, shelf(), 2_u32);
    assert_eq!(run.await.result.unwrap(), 3);
    let run = ActivityEnv::new().run_method(Shelf::take, shelf(), 6_u32);
    assert!(
        run.await
            .result
            .unwrap_err()
            .to_string()
            .contains("too many")
    );
}

#[tokio::test]
async fn a_panic_is_the_tests_own() {
    #[activity]
    fn explode() -> ActivityResult<()> {
        panic!("boom")
    }
    let run = tokio::spawn(async { ActivityEnv::new().run(explode, ()).await.result.is_ok() });
    assert!(run.await.unwrap_err().is_panic());
}
