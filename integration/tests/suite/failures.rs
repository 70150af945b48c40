//! Failures as they travel: types, causes, details, stack traces.

use std::fmt;

use durably::client::ResultError;
use durably::failure::RetryState;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

async fn failure_of<W>(test: &Test, handle: &durably::client::WorkflowHandle<W>) -> Failure
where
    W: durably::definition::WorkflowDefinition<Output = ()>,
{
    match test.result(handle).await {
        Err(ResultError::Failed(failure)) => failure,
        other => panic!("a failure, not {other:?}"),
    }
}

#[derive(Debug)]
struct DiskFull {
    source: std::io::Error,
}

impl fmt::Display for DiskFull {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the disk is full")
    }
}

impl std::error::Error for DiskFull {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

#[activity(start_to_close_timeout = "10s", retry(maximum_attempts = 1))]
async fn writes() -> ActivityResult<()> {
    let source = std::io::Error::other("no space left");
    Err(DiskFull { source })?
}

#[workflow]
async fn passes_on(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.activity(writes, ()).await?;
    Ok(())
}

#[tokio::test]
async fn an_activitys_error_reaches_the_client_with_its_sources() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(passes_on).activity(writes));
    let handle = test.start(passes_on, ()).await;
    let failure = failure_of(&test, &handle).await;
    let Failure::Activity(outer) = &failure else {
        panic!("the activity's failure, not {failure:?}");
    };
    assert_eq!(outer.activity_type(), "writes");
    assert_eq!(outer.retry_state(), RetryState::MaximumAttemptsReached);
    assert_eq!(outer.identity(), test.client().identity());
    let messages: Vec<_> = failure
        .chain()
        .skip(1)
        .map(|failure| failure.message().to_owned())
        .collect();
    assert_eq!(messages, ["the disk is full", "no space left"]);
    assert_eq!(failure.application().unwrap().failure_type(), "DiskFull");
    let mut sources = 0;
    let mut error: &dyn std::error::Error = &failure;
    while let Some(source) = error.source() {
        (error, sources) = (source, sources + 1);
    }
    assert_eq!(sources, 2);
}

#[workflow]
async fn fails_in_detail(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    let cause = ApplicationFailure::new("the ledger is closed")
        .with_type("Closed")
        .with_details(&1)?;
    let failure = ApplicationFailure::new("cannot book")
        .with_type("Booking")
        .with_details(&"order-17".to_owned())?
        .with_details(&vec![1, 2, 3])?
        .with_stack_trace("at the counter\nin the bank")
        .with_cause(cause)
        .non_retryable();
    Err(failure.into())
}

#[tokio::test]
async fn a_workflows_failure_reaches_the_client_whole() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(fails_in_detail));
    let handle = test.start(fails_in_detail, ()).await;
    let failure = failure_of(&test, &handle).await;
    let Failure::Application(outer) = &failure else {
        panic!("an application failure, not {failure:?}");
    };
    assert_eq!(
        (outer.message(), outer.failure_type()),
        ("cannot book", "Booking")
    );
    assert_eq!(
        outer.detail::<String>(0).unwrap().as_deref(),
        Some("order-17")
    );
    assert_eq!(outer.detail::<Vec<u32>>(1).unwrap(), Some(vec![1, 2, 3]));
    assert_eq!(outer.stack_trace(), "at the counter\nin the bank");
    assert!(outer.is_non_retryable());
    let Some(Failure::Application(cause)) = outer.cause() else {
        panic!("a cause, not {:?}", outer.cause());
    };
    assert_eq!(
        (cause.failure_type(), cause.detail::<i32>(0).unwrap()),
        ("Closed", Some(1))
    );
}

#[workflow]
async fn wraps(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let error = ctx.activity(writes, ()).await.unwrap_err();
    Err(ApplicationFailure::new("cannot go on")
        .with_type("Stuck")
        .with_cause(error)
        .into())
}

#[tokio::test]
async fn what_is_passed_on_as_a_cause_stays_as_it_came() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(wraps).activity(writes));
    let handle = test.start(wraps, ()).await;
    let failure = failure_of(&test, &handle).await;
    assert_eq!(failure.message(), "cannot go on");
    let Some(Failure::Activity(activity)) = failure.cause() else {
        panic!("the activity's failure, not {failure:?}");
    };
    let events = test.events(&handle).await;
    let recorded = events.attributes().find_map(|attributes| match attributes {
        Attributes::ActivityTaskFailedEventAttributes(failed) => failed.failure.clone(),
        _ => None,
    });
    let sent = events.attributes().find_map(|attributes| match attributes {
        Attributes::WorkflowExecutionFailedEventAttributes(failed) => failed.failure.clone(),
        _ => None,
    });
    assert_eq!(sent.unwrap().cause.unwrap().cause, recorded.map(Box::new));
    assert_eq!(activity.activity_type(), "writes");
}

#[workflow]
async fn any_error(_ctx: &WorkflowContext, text: String) -> WorkflowResult<()> {
    let number: u8 = text.parse()?;
    Err(format!("a number: {number}").into())
}

#[tokio::test]
async fn any_error_fails_the_workflow() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(any_error));
    let handle = test.start(any_error, "x").await;
    let failure = failure_of(&test, &handle).await;
    assert_eq!(
        failure.application().unwrap().failure_type(),
        "ParseIntError"
    );
    let handle = test.start(any_error, "7").await;
    assert_eq!(failure_of(&test, &handle).await.message(), "a number: 7");
}
