//! Signals: before the first task, with the start, many, unknown, unreadable, with waiting handlers.

use std::time::Duration;

use durably::client::SignalError;
use durably::payload::ToPayload;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

/// Keeps what it is told until it has been told enough.
#[derive(Default)]
struct Diary {
    entries: State<Vec<String>>,
}

#[workflow]
impl Diary {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, enough: usize) -> WorkflowResult<Vec<String>> {
        self.entries
            .update(|entries| entries.push("run".to_owned()));
        ctx.wait_until(|| self.entries.with(Vec::len) > enough)
            .await?;
        Ok(self.entries.get())
    }

    #[signal]
    fn tell(&self, entry: String) {
        self.entries.update(|entries| entries.push(entry));
    }

    #[signal(name = "tell-both")]
    fn tell_both(&self, first: String, second: Option<u32>) {
        self.entries
            .update(|entries| entries.push(format!("{first} {second:?}")));
    }

    /// Waits before it notes anything.
    #[signal]
    async fn tell_later(&self, ctx: &WorkflowContext, entry: String) -> WorkflowResult<()> {
        ctx.sleep(Duration::from_millis(50)).await?;
        self.entries.update(|entries| entries.push(entry));
        Ok(())
    }

    #[signal]
    fn fail(&self, message: String) -> WorkflowResult<()> {
        Err(ApplicationFailure::new(message).with_type("Told").into())
    }
}

#[tokio::test]
async fn one_after_the_other() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Diary::run));
    let handle = test.start(Diary::run, 3).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    for entry in ["one", "two"] {
        handle.signal(Diary::tell, entry).await.unwrap();
    }
    handle
        .signal(Diary::tell_both, ("three", Some(3)))
        .await
        .unwrap();
    assert_eq!(
        test.result(&handle).await.unwrap(),
        ["run", "one", "two", "three Some(3)"]
    );
}

#[tokio::test]
async fn before_the_first_task_they_come_before_the_body() {
    let test = Test::begin().await;
    let handle = test.start(Diary::run, 2).await;
    for entry in ["one", "two"] {
        handle.signal(Diary::tell, entry).await.unwrap();
    }
    let _worker = test.worker(|worker| worker.workflow(Diary::run));
    assert_eq!(test.result(&handle).await.unwrap(), ["one", "two", "run"]);
}

#[tokio::test]
async fn with_the_start_and_to_what_runs_already() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Diary::run));
    let id = test.workflow_id("diary");
    let start = |entry| {
        test.starting(Diary::run, 2)
            .workflow_id(&id)
            .with_signal(Diary::tell, entry)
    };
    let first = start("with the start").await.unwrap();
    let second = start("to the same").await.unwrap();
    assert_eq!(first.run_id(), second.run_id());
    let result = test.result(&first).await.unwrap();
    assert!(
        result.contains(&"with the start".to_owned()) && result.contains(&"to the same".to_owned()),
        "{result:?}"
    );
    assert_eq!(
        test.events(&first)
            .await
            .count(EventType::WorkflowExecutionSignaled),
        2
    );
}

#[tokio::test]
async fn hundreds_are_kept_in_order() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Diary::run));
    let count = 300;
    let handle = test.start(Diary::run, count).await;
    for number in 0..count {
        handle
            .signal(Diary::tell, number.to_string())
            .await
            .unwrap();
    }
    let mut entries = test.result(&handle).await.unwrap();
    entries.retain(|entry| entry != "run");
    assert!(
        entries
            .iter()
            .enumerate()
            .all(|(number, entry)| *entry == number.to_string())
    );
}

#[tokio::test]
async fn unknown_and_unreadable_ones_do_no_harm() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Diary::run));
    let handle = test.start(Diary::run, 1).await;
    handle
        .signal_by_name("nobody-knows-it", vec![])
        .await
        .unwrap();
    handle
        .signal_by_name("tell", vec![17.to_payload().unwrap()])
        .await
        .unwrap();
    handle.signal_by_name("tell", vec![]).await.unwrap();
    test.until(&handle, "the signals", |events| {
        events.count(EventType::WorkflowExecutionSignaled) == 3
    })
    .await;
    handle.signal(Diary::tell, "readable").await.unwrap();
    let mut entries = test.result(&handle).await.unwrap();
    entries.sort();
    assert_eq!(entries, ["readable", "run"]);
}

#[tokio::test]
async fn a_handler_may_wait() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Diary::run));
    let handle = test.start(Diary::run, 2).await;
    handle.signal(Diary::tell_later, "later").await.unwrap();
    handle.signal(Diary::tell, "sooner").await.unwrap();
    let mut entries = test.result(&handle).await.unwrap();
    entries.retain(|entry| entry != "run");
    assert_eq!(entries, ["sooner", "later"]);
}

#[tokio::test]
async fn a_handler_that_fails_fails_the_workflow() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Diary::run));
    let handle = test.start(Diary::run, 10).await;
    handle.signal(Diary::fail, "enough").await.unwrap();
    let error = test.result(&handle).await.unwrap_err();
    let durably::client::ResultError::Failed(failure) = error else {
        panic!("a failure, not {error:?}");
    };
    assert_eq!(failure.application().unwrap().failure_type(), "Told");
}

#[tokio::test]
async fn a_closed_workflow_takes_none() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Diary::run));
    let handle = test.start(Diary::run, 0).await;
    test.result(&handle).await.unwrap();
    let error = handle.signal(Diary::tell, "too late").await.unwrap_err();
    assert!(matches!(error, SignalError::NotFound { .. }), "{error:?}");
}

/// Ends with each signal, so that signals meet tasks that are about to end the run.
#[derive(Default)]
struct Relay {
    baton: State<Option<u32>>,
}

#[workflow]
impl Relay {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, sum: u32, left: u32) -> WorkflowResult<u32> {
        ctx.wait_until(|| self.baton.with(Option::is_some)).await?;
        let sum = sum + self.baton.get().unwrap_or(0);
        if left > 1 {
            return ctx.continue_as_new(Self::run, (sum, left - 1));
        }
        Ok(sum)
    }

    #[signal]
    fn pass(&self, baton: u32) {
        self.baton
            .update(|held| *held = Some(held.unwrap_or(0) + baton));
    }
}

#[tokio::test]
async fn none_is_lost_between_the_runs_of_a_chain() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Relay::run));
    let handle = test.start(Relay::run, (0, 5)).await;
    let mut sent = 0;
    // Several signals may meet in one run; more are sent until the chain has ended.
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    while handle.signal(Relay::pass, 1).await.is_ok() {
        sent += 1;
        assert!(sent < 5_000, "the chain does not end");
        pace.tick().await;
    }
    assert_eq!(test.result_of_troubled(&handle).await.unwrap(), sent);
}
