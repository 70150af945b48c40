//! Handlers that are registered while a workflow runs, handlers of every name, and handlers that a
//! workflow leaves unfinished.

use std::rc::Rc;
use std::time::Duration;

use durably::client::UpdateError;
use durably::payload::{FromPayload, Payload, ToPayload};
use durably::prelude::*;
use durably_integration::{Test, eventually};
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
    let Some(test) = Test::begin().await else {
        return;
    };
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
    let Some(test) = Test::begin().await else {
        return;
    };
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
    let Some(test) = Test::begin().await else {
        return;
    };
    let _worker = test.worker(|worker| worker.workflow(Hasty::run));
    let handle = test.start(Hasty::run, 3).await;
    handle.signal(Hasty::linger, ()).await.unwrap();
    handle.signal(Hasty::may_be_cut, ()).await.unwrap();
    // Its workflow ends before it does, and says so.
    let update = handle.update(Hasty::slow, ()).await.unwrap_err();
    assert!(update.to_string().contains("completed"), "{update}");
    assert!(!test.result(&handle).await.unwrap());
}
