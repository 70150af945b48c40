//! Handlers that are registered while a workflow runs, handlers of every name, and handlers that a
//! workflow leaves unfinished.

use std::rc::Rc;
use std::time::Duration;

use durably::client::UpdateError;
use durably::payload::{FromPayload, Payload, ToPayload};
use durably::prelude::*;
use durably_integration::{Test, eventually, warnings};
use durably_protos::temporal::api::enums::v1::EventType;

fn number(number: u64) -> Vec<Payload> {
    vec![number.to_payload().unwrap()]
}

/// Registers its handlers when it runs, as an interpreter would.
#[workflow]
async fn interprets(ctx: &WorkflowContext) -> WorkflowResult<u64> {
    let total = Rc::new(State::new(0_u64));
    ctx.sleep(Duration::from_millis(100)).await?;
    let (added, asked, context) = (total.clone(), total.clone(), ctx.clone());
    ctx.on_signal("add", move |(number,): (u64,)| {
        let (total, ctx) = (added.clone(), context.clone());
        async move {
            ctx.sleep(Duration::from_millis(5)).await?;
            total.update(|total| *total += number);
            Ok(())
        }
    });
    ctx.on_query("times", move |(number,): (u64,)| Ok(asked.get() * number));
    let (doubled, context) = (total.clone(), ctx.clone());
    ctx.on_update("double", move |(refuse,): (bool,)| {
        let (total, ctx) = (doubled.clone(), context.clone());
        async move {
            if refuse {
                return Err(ApplicationFailure::new("no").with_type("Refused").into());
            }
            ctx.sleep(Duration::from_millis(5)).await?;
            total.update(|total| *total *= 2);
            Ok(total.get())
        }
    });
    ctx.wait_until(|| total.get() >= 100).await?;
    ctx.wait_until(|| ctx.all_handlers_finished()).await?;
    Ok(total.get())
}

#[tokio::test]
async fn registered_while_it_runs() {
    let test = Test::begin().await;
    let handle = test.start(interprets, ()).await;
    // Before there is a worker, let alone a handler.
    handle.signal_by_name("add", number(3)).await.unwrap();
    handle.signal_by_name("add", number(4)).await.unwrap();
    let _worker = test.worker(|worker| worker.workflow(interprets));
    let answer = eventually("both signals are handled", async || {
        let answer = handle.query_by_name("times", number(10)).await;
        let answer = answer.map_err(|error| error.to_string())?;
        match u64::from_payload(&answer.0).unwrap() {
            70 => Ok(70),
            other => Err(other.to_string()),
        }
    });
    assert_eq!(answer.await, 70);
    let text = vec!["three".to_payload().unwrap()];
    handle.signal_by_name("add", text).await.unwrap();
    let doubled = handle.update_by_name("double", vec![false.to_payload().unwrap()]);
    assert_eq!(u64::from_payload(&doubled.await.unwrap().0).unwrap(), 14);
    let refused = handle.update_by_name("double", vec![true.to_payload().unwrap()]);
    let refused = refused.await.unwrap_err();
    assert!(refused.to_string().contains("no"), "{refused}");
    let unknown = handle.query_by_name("halves", vec![]).await.unwrap_err();
    assert!(unknown.to_string().contains("times"), "{unknown}");
    let unknown = handle.update_by_name("halve", vec![]).await.unwrap_err();
    assert!(unknown.to_string().contains("halve"), "{unknown}");
    handle.signal_by_name("add", number(90)).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), 104);
}

/// Says of its handlers what can be said, and leaves signals that came early unfinished.
#[workflow]
async fn describes(ctx: &WorkflowContext) -> WorkflowResult<u64> {
    let balance = Rc::new(State::new(100_u64));
    let (paid, known, context) = (balance.clone(), balance.clone(), ctx.clone());
    ctx.on_update("withdraw", move |(cents,): (u64,)| {
        let (balance, ctx) = (paid.clone(), context.clone());
        async move {
            ctx.sleep(Duration::from_millis(5)).await?;
            balance.update(|balance| *balance -= cents);
            Ok(balance.get())
        }
    })
    .validator(move |(cents,)| match known.get() >= *cents {
        true => Ok(()),
        false => Err(format!("{cents} are more than there is").into()),
    })
    .description("takes money out");
    let changed = balance.clone();
    ctx.on_update("change", |(): ()| async { Ok(()) })
        .validator(move |()| {
            changed.set(0);
            Ok(())
        });
    ctx.on_query("balance", {
        let balance = balance.clone();
        move |(): ()| Ok(balance.get())
    })
    .description("how much there is");
    let (done, context) = (Rc::new(State::new(false)), ctx.clone());
    let closed = done.clone();
    ctx.on_signal("close", move |(): ()| {
        let (done, ctx) = (closed.clone(), context.clone());
        async move {
            ctx.sleep(Duration::from_millis(50)).await?;
            done.set(true);
            Ok(())
        }
    })
    .description("ends it");
    let early = !ctx.all_handlers_finished();
    // A signal that was kept is handled like any other.
    ctx.wait_until(|| ctx.all_handlers_finished() && (!early || done.get()))
        .await?;
    ctx.wait_until(|| done.get()).await?;
    Ok(balance.get() + u64::from(early))
}

#[tokio::test]
async fn registered_with_validators_and_descriptions() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(describes));
    let handle = test.start(describes, ()).await;
    let withdraw = |cents| handle.update_by_name("withdraw", number(cents));
    let left = withdraw(30).await.unwrap().0;
    assert_eq!(u64::from_payload(&left).unwrap(), 70);
    let refused = withdraw(71).await.unwrap_err().to_string();
    assert!(refused.contains("71 are more than there is"), "{refused}");
    let wrong = vec!["much".to_payload().unwrap()];
    let refused = handle.update_by_name("withdraw", wrong).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be read"), "{refused}");
    let refused = handle.update_by_name("change", vec![]).await.unwrap_err();
    assert!(refused.to_string().contains("may only read"), "{refused}");
    let unknown = handle.update_by_name("none", vec![]).await.unwrap_err();
    assert!(
        unknown.to_string().contains("[change withdraw]"),
        "{unknown}"
    );

    let metadata = handle.query_by_name("__temporal_workflow_metadata", vec![]);
    let metadata = metadata.await.unwrap().0.data;
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    let definition = &metadata["definition"];
    let described = |name: &str, description: &str| serde_json::json!({ "name": name, "description": description });
    let close = [described("close", "ends it")];
    assert_eq!(definition["signalDefinitions"], serde_json::json!(close));
    let updates = [
        described("change", ""),
        described("withdraw", "takes money out"),
    ];
    assert_eq!(definition["updateDefinitions"], serde_json::json!(updates));
    let queries = definition["queryDefinitions"].as_array().unwrap();
    assert!(
        queries.contains(&described("balance", "how much there is")),
        "{queries:?}"
    );

    handle.signal_by_name("close", vec![]).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), 70);
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::WorkflowExecutionUpdateAccepted), 1);
}

#[tokio::test]
async fn signals_that_were_kept_count_as_handlers_in_progress() {
    let test = Test::begin().await;
    let start = test.starting(describes, ());
    let start = start.with_signal_by_name("close", vec![]);
    let handle = start.await.unwrap();
    let _worker = test.worker(|worker| worker.workflow(describes));
    assert_eq!(test.result(&handle).await.unwrap(), 101);
}

/// Takes everything.
#[derive(Default)]
struct Inbox {
    seen: State<Vec<String>>,
    closed: State<bool>,
}

#[workflow]
impl Inbox {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
        ctx.wait_until(|| self.closed.get()).await?;
        ctx.wait_until(|| ctx.all_handlers_finished()).await?;
        Ok(self.seen.get())
    }

    #[signal]
    fn close(&self) {
        self.closed.set(true);
    }

    #[signal(dynamic)]
    async fn any_signal(
        &self,
        ctx: &WorkflowContext,
        name: String,
        arguments: Vec<Payload>,
    ) -> WorkflowResult<()> {
        ctx.sleep(Duration::from_millis(5)).await?;
        self.seen
            .update(|seen| seen.push(format!("{name}/{}", arguments.len())));
        Ok(())
    }

    #[query(dynamic)]
    fn any_query(&self, name: String, arguments: Vec<Payload>) -> String {
        format!("{name}/{} of {}", arguments.len(), self.seen.with(Vec::len))
    }

    #[update(dynamic)]
    async fn any_update(
        &self,
        ctx: &WorkflowContext,
        name: String,
        arguments: Vec<Payload>,
    ) -> WorkflowResult<String> {
        ctx.sleep(Duration::from_millis(5)).await?;
        let update = ctx.current_update().ok_or("no update")?;
        let text = format!(
            "{name}/{} as {} {}",
            arguments.len(),
            update.id,
            update.name
        );
        self.seen.update(|seen| seen.push(text.clone()));
        Ok(text)
    }

    #[validator(any_update)]
    fn check(&self, name: &str, _arguments: &[Payload]) -> WorkflowResult<()> {
        match name {
            "forbidden" => Err(format!("\"{name}\" is not allowed").into()),
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn of_every_name() {
    let test = Test::begin().await;
    let handle = test.start(Inbox::run, ()).await;
    handle.signal_by_name("early", number(1)).await.unwrap();
    let _worker = test.worker(|worker| worker.workflow(Inbox::run));
    handle.signal_by_name("late", vec![]).await.unwrap();
    eventually("both signals", async || {
        let answer = handle.query_by_name("count", vec![]).await.unwrap().0;
        match String::from_payload(&answer).unwrap() {
            text if text == "count/0 of 2" => Ok(()),
            text => Err(text),
        }
    })
    .await;
    let update = handle.update_by_name("rename", number(7)).update_id("u-1");
    let told = String::from_payload(&update.await.unwrap().0).unwrap();
    assert_eq!(told, "rename/1 as u-1 rename");
    let forbidden = handle
        .update_by_name("forbidden", vec![])
        .await
        .unwrap_err();
    assert!(
        matches!(forbidden, UpdateError::Failed { .. }),
        "{forbidden:?}"
    );
    assert!(forbidden.to_string().contains("not allowed"), "{forbidden}");
    let metadata = handle.query_by_name("__temporal_workflow_metadata", vec![]);
    let metadata = metadata.await.unwrap().0.data;
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    // One of every name has no name of its own.
    let updates = &metadata["definition"]["updateDefinitions"];
    assert_eq!(*updates, serde_json::json!([{ "description": "" }]));
    handle.signal(Inbox::close, ()).await.unwrap();
    let seen = test.result(&handle).await.unwrap();
    assert_eq!(seen, ["early/1", "late/0", "rename/1 as u-1 rename"]);
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::WorkflowExecutionUpdateAccepted), 1);
}

/// Ends while handlers run.
#[derive(Default)]
struct Hasty {
    begun: State<u32>,
}

#[workflow]
impl Hasty {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, wanted: u32) -> WorkflowResult<bool> {
        ctx.wait_until(|| self.begun.get() >= wanted).await?;
        Ok(ctx.all_handlers_finished())
    }

    #[signal]
    async fn linger(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        self.begun.update(|begun| *begun += 1);
        ctx.sleep(Duration::from_secs(3600)).await?;
        Ok(())
    }

    #[signal(unfinished_policy = "abandon")]
    async fn may_be_cut(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        self.begun.update(|begun| *begun += 1);
        ctx.sleep(Duration::from_secs(3600)).await?;
        Ok(())
    }

    #[update]
    async fn slow(&self, ctx: &WorkflowContext) -> WorkflowResult<u32> {
        self.begun.update(|begun| *begun += 1);
        ctx.sleep(Duration::from_secs(3600)).await?;
        Ok(1)
    }
}

#[tokio::test]
async fn left_unfinished() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Hasty::run));
    let handle = test.start(Hasty::run, 3).await;
    handle.signal(Hasty::linger, ()).await.unwrap();
    handle.signal(Hasty::may_be_cut, ()).await.unwrap();
    // Its workflow ends before it does, and says so.
    let update = handle.update(Hasty::slow, ()).await.unwrap_err();
    assert!(update.to_string().contains("completed"), "{update}");
    assert!(!test.result(&handle).await.unwrap());
    // One warning, that names those which must not be cut off.
    let warned = eventually("a warning", async || {
        let warned = warnings(handle.workflow_id(), "TMPRL1102");
        if warned.is_empty() {
            Err(warned)
        } else {
            Ok(warned)
        }
    })
    .await;
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert!(
        warned[0].contains("signal \"linger\", update \"slow\" (id "),
        "{warned:?}"
    );
    assert!(!warned[0].contains("may_be_cut"), "{warned:?}");
}

#[tokio::test]
async fn finished_in_time() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Inbox::run));
    let start = test.starting(Inbox::run, ());
    let handle = start.with_signal(Inbox::close, ()).await.unwrap();
    test.result(&handle).await.unwrap();
    assert!(warnings(handle.workflow_id(), "TMPRL1102").is_empty());
}
