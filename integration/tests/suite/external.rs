//! Messages from one workflow to another: signals, requests to cancel, and targets that are gone.

use std::time::Duration;

use durably::client::ResultError;
use durably::payload::ToPayload;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

#[derive(Default)]
struct Receiver {
    got: State<Vec<String>>,
    closed: State<bool>,
}

#[workflow]
impl Receiver {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
        ctx.wait_until(|| self.closed.get()).await?;
        Ok(self.got.get())
    }

    #[signal]
    fn take(&self, text: String, last: bool) {
        self.got.update(|got| got.push(text));
        if last {
            self.closed.set(true);
        }
    }
}

/// The workflow's name for a failure's type.
fn kind(result: Result<(), Failure>) -> String {
    match result {
        Ok(()) => "delivered".to_owned(),
        Err(Failure::Canceled(canceled)) => format!("canceled: {}", canceled.message()),
        Err(failure) => match failure.application() {
            Some(cause) => format!("{}: {}", cause.failure_type(), cause.message()),
            None => format!("{failure:?}"),
        },
    }
}

#[workflow]
async fn sends(ctx: &WorkflowContext, to: String, run_id: String) -> WorkflowResult<String> {
    let receiver = ctx.external(Receiver::run, &to);
    receiver.signal(Receiver::take, ("typed", false)).await?;
    let named = ctx.external_by_id(&to);
    let arguments = vec!["named".to_payload()?, false.to_payload()?];
    named.signal_by_name("take", arguments).await?;
    let of_run = ctx.external(Receiver::run, &to).run_id(run_id);
    of_run.signal(Receiver::take, ("to its run", true)).await?;
    let other = ctx
        .external(Receiver::run, &to)
        .run_id(ctx.uuid().to_string());
    Ok(kind(
        other.signal(Receiver::take, ("to another run", true)).await,
    ))
}

#[tokio::test]
async fn signals() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(sends).workflow(Receiver::run));
    let receiver = test.start(Receiver::run, ()).await;
    let run_id = receiver.run_id().unwrap().to_owned();
    let arguments = (receiver.workflow_id().to_owned(), run_id);
    let handle = test.start(sends, arguments).await;
    let other = test.result(&handle).await.unwrap();
    assert!(
        other.starts_with("ExternalWorkflowExecutionNotFound"),
        "{other}"
    );
    let got = test.result(&receiver).await.unwrap();
    assert_eq!(got, ["typed", "named", "to its run"]);
    let events = test.events(&handle).await;
    assert_eq!(
        events.count(EventType::ExternalWorkflowExecutionSignaled),
        3
    );
    assert!(events.has(EventType::SignalExternalWorkflowExecutionFailed));
}

#[workflow]
async fn sends_to_nobody(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let nobody = ctx.external(
        Receiver::run,
        format!("{}/nobody", ctx.info().workflow_id()),
    );
    let signaled = nobody.signal(Receiver::take, ("hello", false)).await;
    let canceled = nobody.cancel("why not").await;
    Ok(vec![kind(signaled), kind(canceled)])
}

#[tokio::test]
async fn to_nobody() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(sends_to_nobody));
    let handle = test.start(sends_to_nobody, ()).await;
    for told in test.result(&handle).await.unwrap() {
        assert!(
            told.starts_with("ExternalWorkflowExecutionNotFound"),
            "{told}"
        );
        assert!(told.contains("/nobody"), "{told}");
    }
}

#[workflow]
async fn cancels(ctx: &WorkflowContext, id: String, reason: String) -> WorkflowResult<()> {
    ctx.external_by_id(id).cancel(&reason).await?;
    Ok(())
}

#[workflow]
async fn tells_why(ctx: &WorkflowContext) -> WorkflowResult<String> {
    Ok(ctx.canceled().await)
}

#[tokio::test]
async fn cancellation() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(cancels)
            .workflow(tells_why)
            .workflow(Receiver::run)
    });
    for (reason, expected) in [("not needed", "not needed"), ("", "requested by workflow")] {
        let canceled = test.start(tells_why, ()).await;
        let arguments = (canceled.workflow_id().to_owned(), reason.to_owned());
        test.run(cancels, arguments).await;
        let why = test.result(&canceled).await.unwrap();
        assert!(why.contains(expected), "{why}");
    }
    let canceled = test.start(Receiver::run, ()).await;
    let arguments = (canceled.workflow_id().to_owned(), "enough".to_owned());
    test.run(cancels, arguments).await;
    let error = test.result(&canceled).await.unwrap_err();
    assert!(matches!(error, ResultError::Canceled { .. }), "{error:?}");
}

#[workflow]
async fn takes_it_back(ctx: &WorkflowContext, to: String) -> WorkflowResult<Vec<String>> {
    let receiver = ctx.external(Receiver::run, &to);
    drop(receiver.signal(Receiver::take, ("dropped", false)));
    let scoped =
        ctx.cancel_scope(async { receiver.signal(Receiver::take, ("canceled", false)).await });
    let scope = scoped.scope();
    let (signaled, ()) = join!(scoped, async move { scope.cancel("a mistake") });
    let detached = receiver.signal(Receiver::take, ("detached", false));
    detached.detach();
    // Servers pass on the signals of one task in any order.
    ctx.sleep(Duration::from_millis(100)).await?;
    // In a scope that is canceled nothing is sent at all.
    let scoped = ctx.cancel_scope(async {
        ctx.canceled().await;
        kind(receiver.cancel("too late").await)
    });
    let scope = scoped.scope();
    let (late, ()) = join!(scoped, async move { scope.cancel("a mistake") });
    receiver.signal(Receiver::take, ("last", true)).await?;
    Ok(vec![kind(signaled), late])
}

#[tokio::test]
async fn taken_back_before_it_is_sent() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(takes_it_back).workflow(Receiver::run));
    let receiver = test.start(Receiver::run, ()).await;
    let handle = test
        .start(takes_it_back, receiver.workflow_id().to_owned())
        .await;
    for told in test.result(&handle).await.unwrap() {
        assert!(told.starts_with("canceled"), "{told}");
    }
    assert_eq!(test.result(&receiver).await.unwrap(), ["detached", "last"]);
    let events = test.events(&handle).await;
    let sent = EventType::SignalExternalWorkflowExecutionInitiated;
    assert_eq!(events.count(sent), 2);
}

#[workflow]
async fn sends_many(ctx: &WorkflowContext, to: String) -> WorkflowResult<()> {
    let receiver = ctx.external(Receiver::run, to);
    let texts = (0..30).map(|number| {
        let text = number.to_string();
        receiver.signal(Receiver::take, (text, false))
    });
    try_join_all(texts).await?;
    ctx.sleep(Duration::from_millis(5)).await?;
    receiver.signal(Receiver::take, ("end", true)).await?;
    Ok(())
}

#[tokio::test]
async fn many_at_once() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(sends_many).workflow(Receiver::run));
    let receiver = test.start(Receiver::run, ()).await;
    test.run(sends_many, receiver.workflow_id().to_owned())
        .await;
    assert_eq!(test.result(&receiver).await.unwrap().len(), 31);
}
