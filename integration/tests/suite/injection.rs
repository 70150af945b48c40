//! Workflows whose state is made by what they were registered with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use durably::payload::ToPayload;
use durably::prelude::*;
use durably::replay::Replayer;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

/// What each country adds to a price, in percent.
type Taxes = Arc<BTreeMap<&'static str, u64>>;

/// Has neither `Default` nor `#[init]`.
struct Invoice {
    taxes: Taxes,
    country: String,
    cents: State<u64>,
}

#[workflow]
impl Invoice {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, country: String) -> WorkflowResult<(String, u64)> {
        ctx.wait_until(|| self.cents.get() > 0).await?;
        let percent = ctx.side_effect(|| self.taxes.get(self.country.as_str()).copied());
        let cents = self.cents.get() * (100 + percent.unwrap_or_default()) / 100;
        ctx.sleep(Duration::from_millis(10)).await?;
        Ok((country, cents))
    }

    #[signal]
    fn add(&self, cents: u64) {
        self.cents.update(|sum| *sum += cents);
    }

    #[query]
    fn country(&self) -> String {
        self.country.clone()
    }
}

fn invoice(taxes: &Taxes, country: &str) -> Invoice {
    Invoice {
        taxes: taxes.clone(),
        country: country.to_owned(),
        cents: State::default(),
    }
}

fn taxes(percent: u64) -> Taxes {
    Arc::new(BTreeMap::from([("at", percent)]))
}

#[tokio::test]
async fn a_workflow_gets_what_its_worker_has() {
    let test = Test::begin().await;
    let made = Arc::new(AtomicUsize::new(0));
    let worker = |percent| {
        let (made, taxes) = (made.clone(), taxes(percent));
        test.worker(move |worker| {
            worker.workflow_with(Invoice::run, move |_, (country,)| {
                made.fetch_add(1, Ordering::Relaxed);
                invoice(&taxes, country)
            })
        })
    };
    let first = worker(20);
    let handle = test.start(Invoice::run, "at").await;
    assert_eq!(handle.query(Invoice::country, ()).await.unwrap(), "at");
    handle.signal(Invoice::add, 1000).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), ("at".to_owned(), 1200));
    let before = made.load(Ordering::Relaxed);
    assert!(before > 0);

    // Another worker has other taxes, makes the state anew, and goes by what is recorded.
    first.stop().await;
    let _second = worker(10);
    assert_eq!(handle.query(Invoice::country, ()).await.unwrap(), "at");
    assert!(made.load(Ordering::Relaxed) > before);

    let history = test.events(&handle).await.history().clone();
    let core =
        Replayer::new().workflow_with(Invoice::run, |_, (country,)| invoice(&taxes(0), country));
    core.unwrap().replay(history).unwrap();
}

/// Begins with what `#[init]` says, or with what it was registered with.
struct Greeter {
    greeting: String,
}

#[workflow]
impl Greeter {
    #[init]
    fn new(name: &str) -> Self {
        Self {
            greeting: format!("Hello, {name}"),
        }
    }

    #[run]
    async fn run(&self, _ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
        let _ = name;
        Ok(self.greeting.clone())
    }
}

#[tokio::test]
async fn it_takes_the_place_of_init() {
    let test = Test::begin().await;
    let worker = test.worker(|worker| worker.workflow(Greeter::run));
    assert_eq!(test.run(Greeter::run, "Ada").await, "Hello, Ada");
    worker.stop().await;
    let greeting = Arc::new("Servus".to_owned());
    let _worker = test.worker(move |worker| {
        worker.workflow_with(Greeter::run, move |ctx, (name,)| Greeter {
            greeting: format!("{greeting}, {name} of {}", ctx.info().workflow_type()),
        })
    });
    assert_eq!(
        test.run(Greeter::run, "Ada").await,
        "Servus, Ada of Greeter"
    );
}

#[tokio::test]
async fn its_panic_fails_the_workflow_task() {
    let test = Test::begin().await;
    let broken = Arc::new(AtomicBool::new(true));
    let configured = broken.clone();
    let _worker = test.worker(move |worker| {
        worker.workflow_with(Greeter::run, move |_, (name,)| {
            assert!(
                !configured.load(Ordering::Relaxed),
                "the greeting is not configured"
            );
            Greeter::new(name)
        })
    });
    let start = test.starting(Greeter::run, "Ada");
    let start = start.workflow_task_timeout(Duration::from_secs(1));
    let handle = start.await.unwrap();
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let message = events.task_failure().unwrap().message.clone();
    assert!(
        message.contains("the greeting is not configured"),
        "{message}"
    );
    broken.store(false, Ordering::Relaxed);
    assert_eq!(
        test.result_of_troubled(&handle).await.unwrap(),
        "Hello, Ada"
    );
}

/// Runs under every name.
struct Interpreter {
    steps: Arc<BTreeMap<&'static str, &'static str>>,
}

#[workflow]
impl Interpreter {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        let step = self.steps.get(ctx.info().workflow_type());
        Ok(step.copied().unwrap_or("nothing").to_owned())
    }
}

#[tokio::test]
async fn of_every_name() {
    let test = Test::begin().await;
    let steps = Arc::new(BTreeMap::from([("ship", "to the harbor")]));
    let _worker = test.worker(move |worker| {
        worker.dynamic_workflow_with(Interpreter::run, move |_| Interpreter {
            steps: steps.clone(),
        })
    });
    for (name, expected) in [("ship", "to the harbor"), ("fly", "nothing")] {
        let handle = test
            .client()
            .start_by_name(name, Vec::new())
            .workflow_id(test.workflow_id(name))
            .task_queue(test.task_queue())
            .await
            .unwrap();
        let result = handle.result().await.unwrap().0;
        assert_eq!(result, expected.to_payload().unwrap());
    }
}
