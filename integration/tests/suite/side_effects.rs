//! Side effects: made once, recorded, and the same ever after.

use std::sync::atomic::{AtomicU32, Ordering};

use durably::prelude::*;
use durably_integration::{Events, Test};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

fn markers(events: &Events, name: &str) -> usize {
    let named = events.attributes().filter(|attributes| match attributes {
        Attributes::MarkerRecordedEventAttributes(marker) => marker.marker_name == name,
        _ => false,
    });
    named.count()
}

/// Code that gives another value at each call.
static CALLS: AtomicU32 = AtomicU32::new(1);

#[derive(Default)]
struct Drawn {
    values: State<Vec<u32>>,
    go: State<u32>,
}

#[workflow]
impl Drawn {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<u32>> {
        for round in 1..=2 {
            let value = ctx.side_effect(|| CALLS.fetch_add(1, Ordering::SeqCst));
            self.values.update(|values| values.push(value));
            let value = ctx.side_effect(|| CALLS.fetch_add(1, Ordering::SeqCst));
            self.values.update(|values| values.push(value));
            ctx.wait_until(|| self.go.get() >= round).await?;
        }
        Ok(self.values.get())
    }

    #[signal]
    fn go(&self) {
        self.go.update(|go| *go += 1);
    }

    #[query]
    fn values(&self) -> Vec<u32> {
        self.values.get()
    }
}

#[tokio::test]
async fn recorded_once() {
    let test = Test::begin().await;
    let worker = test.worker(|worker| worker.workflow(Drawn::run));
    let handle = test.start(Drawn::run, ()).await;
    let first = handle.query(Drawn::values, ()).await.unwrap();
    worker.stop().await;
    // A worker that has never seen the run says the same.
    let _other = test.worker(|worker| worker.workflow(Drawn::run));
    assert_eq!(handle.query(Drawn::values, ()).await.unwrap(), first);
    assert_eq!(first.len(), 2);
    assert!(first[0] < first[1]);
    handle.signal(Drawn::go, ()).await.unwrap();
    handle.signal(Drawn::go, ()).await.unwrap();
    let result = test.result(&handle).await.unwrap();
    assert_eq!(result[..2], first);
    assert!(result.is_sorted() && result.len() == 4, "{result:?}");
    assert_eq!(markers(&test.events(&handle).await, "SideEffect"), 4);
}

/// A setting outside of the workflow, one for each test run of this module.
static SETTING: AtomicU32 = AtomicU32::new(10);

#[derive(Default)]
struct Follows {
    seen: State<Vec<u32>>,
    look: State<u32>,
}

#[workflow]
impl Follows {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, looks: u32) -> WorkflowResult<Vec<u32>> {
        for round in 1..=looks {
            ctx.wait_until(|| self.look.get() >= round).await?;
            let setting = ctx.mutable_side_effect("setting", || SETTING.load(Ordering::SeqCst));
            self.seen.update(|seen| seen.push(setting));
        }
        Ok(self.seen.get())
    }

    #[signal]
    fn look(&self) {
        self.look.update(|look| *look += 1);
    }

    #[query]
    fn seen(&self) -> Vec<u32> {
        self.seen.get()
    }
}

#[tokio::test]
async fn recorded_when_changed() {
    let test = Test::begin().await;
    let worker = test.worker(|worker| worker.workflow(Follows::run));
    let handle = test.start(Follows::run, 5).await;
    let look = async |setting: u32, looks: usize| {
        SETTING.store(setting, Ordering::SeqCst);
        handle.signal(Follows::look, ()).await.unwrap();
        durably_integration::eventually("a look", async || {
            match handle.query(Follows::seen, ()).await.unwrap() {
                seen if seen.len() == looks => Ok(()),
                seen => Err(seen),
            }
        })
        .await;
    };
    look(10, 1).await;
    look(10, 2).await;
    look(20, 3).await;
    worker.stop().await;
    let _other = test.worker(|worker| worker.workflow(Follows::run));
    // The setting has changed; what the run has seen has not.
    SETTING.store(30, Ordering::SeqCst);
    assert_eq!(handle.query(Follows::seen, ()).await.unwrap(), [10, 10, 20]);
    look(20, 4).await;
    look(10, 5).await;
    SETTING.store(99, Ordering::SeqCst);
    assert_eq!(test.result(&handle).await.unwrap(), [10, 10, 20, 20, 10]);
    let events = test.events(&handle).await;
    assert_eq!(markers(&events, "MutableSideEffect"), 3, "{events:?}");
}

#[workflow]
async fn only_side_effects(ctx: &WorkflowContext) -> WorkflowResult<(String, Option<u8>, ())> {
    let text = ctx.side_effect(|| "made".to_owned());
    let nothing = ctx.side_effect(|| None);
    ctx.side_effect(|| ());
    Ok((text, nothing, ()))
}

#[tokio::test]
async fn of_every_kind_of_value() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(only_side_effects));
    let handle = test.start(only_side_effects, ()).await;
    let result = test.result(&handle).await.unwrap();
    assert_eq!(result, ("made".to_owned(), None, ()));
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::WorkflowTaskCompleted), 1);
}
