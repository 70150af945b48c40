//! Workflows that fail and are retried by the server.

use std::time::Duration;

use durably::client::ResultError;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::RetryState;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

#[workflow]
async fn unlucky(ctx: &WorkflowContext, good_attempt: u32) -> WorkflowResult<String> {
    let attempt = ctx.info().attempt();
    if attempt < good_attempt {
        return Err(format!("attempt {attempt}").into());
    }
    let last = ctx
        .info()
        .last_failure()
        .map(|failure| failure.message().to_owned());
    Ok(format!("attempt {attempt} after {last:?}"))
}

#[tokio::test]
async fn until_it_works() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(unlucky));
    let policy = RetryPolicy::new()
        .initial_interval(Duration::from_millis(50))
        .maximum_attempts(5);
    let handle = test
        .starting(unlucky, 3)
        .retry_policy(policy)
        .await
        .unwrap();
    let result = test.result(&handle).await.unwrap();
    assert_eq!(result, "attempt 3 after Some(\"attempt 2\")");
    let first = handle.result().follow_runs(false).await.unwrap_err();
    assert!(matches!(first, ResultError::Failed(_)), "{first:?}");
}

#[tokio::test]
async fn until_the_last_attempt() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(unlucky));
    let policy = RetryPolicy::new()
        .initial_interval(Duration::from_millis(50))
        .maximum_attempts(2);
    let handle = test
        .starting(unlucky, 100)
        .retry_policy(policy)
        .await
        .unwrap();
    let error = test.result(&handle).await.unwrap_err();
    let ResultError::Failed(failure) = error else {
        panic!("a failure, not {error:?}");
    };
    assert_eq!(failure.message(), "attempt 2");
}

#[workflow]
async fn hopeless(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    Err(ApplicationFailure::new("never")
        .with_type("Hopeless")
        .non_retryable()
        .into())
}

#[tokio::test]
async fn not_where_the_failure_is_final() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(hopeless));
    let handle = test
        .starting(hopeless, ())
        .retry_policy(RetryPolicy::new())
        .await
        .unwrap();
    let error = test.result(&handle).await.unwrap_err();
    assert!(matches!(error, ResultError::Failed(_)), "{error:?}");
    let events = test.events(&handle).await;
    let state = events.attributes().find_map(|attributes| match attributes {
        Attributes::WorkflowExecutionFailedEventAttributes(failed) => Some(failed.retry_state()),
        _ => None,
    });
    assert_eq!(state, Some(RetryState::NonRetryableFailure));
}
