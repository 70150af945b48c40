//! Queries that fail: unknown, unreadable, refused by the handler, with side effects, to nobody.

use std::time::Duration;

use durably::client::{QueryError, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably::payload::ToPayload;
use durably::prelude::*;
use durably_integration::{Test, eventually};

/// A workflow whose queries do what queries must not.
#[derive(Default)]
struct Careless {
    reads: State<u32>,
    done: State<bool>,
}

#[activity(start_to_close_timeout = "10s")]
async fn nothing() -> ActivityResult<()> {
    Ok(())
}

#[workflow]
impl Careless {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<u32> {
        ctx.wait_until(|| self.done.get()).await?;
        Ok(self.reads.get())
    }

    #[signal]
    fn finish(&self) {
        self.done.set(true);
    }

    #[query]
    fn writes(&self) -> u32 {
        self.reads.update(|reads| *reads += 1);
        self.reads.get()
    }

    #[query]
    fn schedules(&self, ctx: &WorkflowContext) -> u32 {
        ctx.activity(nothing, ()).start().detach();
        0
    }

    #[query]
    fn starts_a_timer(&self, ctx: &WorkflowContext) -> u32 {
        drop(ctx.sleep(Duration::from_secs(1)));
        0
    }

    #[query]
    fn draws(&self, ctx: &WorkflowContext) -> String {
        ctx.uuid().to_string()
    }

    #[query]
    fn panics(&self) -> u32 {
        panic!("the handler panics");
    }

    #[query]
    fn fails(&self) -> Result<u32, ApplicationFailure> {
        Err(ApplicationFailure::new("not today").with_type("Closed"))
    }

    #[query]
    fn reads(&self) -> u32 {
        self.reads.get()
    }

    #[query]
    fn echo(&self, number: u32) -> u32 {
        number
    }

    #[query]
    fn huge(&self) -> String {
        "x".repeat(5 << 20)
    }
}

async fn message<W: WorkflowDefinition>(handle: &WorkflowHandle<W>, query: &str) -> String {
    match handle.query_by_name(query, vec![]).await {
        Err(QueryError::Failed { message, .. }) => message,
        other => panic!("{query}: a failed query, not {other:?}"),
    }
}

#[tokio::test]
async fn what_a_query_must_not_do_fails_it_and_changes_nothing() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Careless::run).activity(nothing));
    let handle = test.start(Careless::run, ()).await;
    for query in ["writes", "schedules", "starts_a_timer", "draws"] {
        let message = message(&handle, query).await;
        assert!(
            message.contains("read") || message.contains("query"),
            "{query}: {message}"
        );
    }
    let message = message(&handle, "panics").await;
    assert!(message.contains("the handler panics"), "{message}");

    assert_eq!(handle.query(Careless::reads, ()).await.unwrap(), 0);
    handle.signal(Careless::finish, ()).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), 0);
}

#[tokio::test]
async fn the_handlers_failure_reaches_the_caller() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Careless::run));
    let handle = test.start(Careless::run, ()).await;
    let error = handle.query(Careless::fails, ()).await.unwrap_err();
    let QueryError::Failed {
        message,
        failure: Some(failure),
    } = error
    else {
        panic!("a failure, not {error:?}");
    };
    assert!(message.contains("not today"), "{message}");
    assert_eq!(failure.application().unwrap().failure_type(), "Closed");
    handle.terminate("done").await.unwrap();
}

#[tokio::test]
async fn unknown_names_and_unreadable_arguments() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Careless::run));
    let handle = test.start(Careless::run, ()).await;
    let unknown = message(&handle, "wirtes").await;
    assert!(
        unknown.contains("wirtes") && unknown.contains("writes"),
        "{unknown}"
    );
    let unreadable = handle
        .query_by_name("echo", vec!["text".to_payload().unwrap()])
        .await;
    let Err(QueryError::Failed { message, .. }) = unreadable else {
        panic!("a failed query, not {unreadable:?}");
    };
    assert!(message.contains("u32"), "{message}");
    let missing = self::message(&handle, "echo").await;
    assert!(!missing.is_empty());
    let huge = self::message(&handle, "huge").await;
    assert!(huge.contains("large"), "{huge}");
    handle.terminate("done").await.unwrap();
}

#[workflow]
async fn broken(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    panic!("this workflow never works");
}

#[tokio::test]
async fn a_workflow_whose_tasks_fail_cannot_be_asked() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(broken));
    let handle = test.start(broken, ()).await;
    eventually("the server refuses queries", async || {
        match handle.query_by_name("anything", vec![]).await {
            Err(QueryError::NotReady { message, .. }) => Ok(message),
            other => Err(other),
        }
    })
    .await;
    handle.terminate("never worked").await.unwrap();
}

#[tokio::test]
async fn nobody_to_ask_and_nobody_to_answer() {
    let test = Test::begin().await;
    let unknown = test
        .client()
        .workflow_handle(Careless::run, test.workflow_id("unknown"));
    let error = unknown.query(Careless::reads, ()).await.unwrap_err();
    assert!(matches!(error, QueryError::NotFound { .. }), "{error:?}");

    let handle = test.start(Careless::run, ()).await;
    let error = handle.query(Careless::reads, ()).await.unwrap_err();
    assert!(matches!(error, QueryError::NoAnswer { .. }), "{error:?}");
    handle.terminate("no worker").await.unwrap();
}
