//! Workers that vanish in the middle of their work, and those that take it over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durably::prelude::*;
use durably::worker::WorkerBuilder;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

/// Counts how often each step was done.
#[derive(Default)]
struct Steps {
    done: AtomicU32,
}

#[activities]
impl Steps {
    #[activity(start_to_close_timeout = "3s", retry(initial_interval = "20ms"))]
    async fn step(&self, number: u32) -> ActivityResult<String> {
        let done = self.done.fetch_add(1, Ordering::SeqCst);
        Ok(format!("step {number}, call {done}"))
    }
}

#[derive(Default)]
struct Journey {
    go: State<u32>,
}

#[workflow]
impl Journey {
    /// A step for each signal. Random numbers must be the same wherever the run is rebuilt.
    #[run]
    async fn run(&self, ctx: &WorkflowContext, steps: u32) -> WorkflowResult<Vec<String>> {
        let mut taken = vec![ctx.uuid().to_string()];
        for number in 0..steps {
            ctx.wait_until(|| self.go.get() > number).await?;
            taken.push(ctx.activity(Steps::step, number).await?);
        }
        taken.push(ctx.uuid().to_string());
        Ok(taken)
    }

    #[signal]
    fn go(&self) {
        self.go.update(|go| *go += 1);
    }

    #[query]
    fn gone(&self) -> u32 {
        self.go.get()
    }
}

fn register(worker: WorkerBuilder, steps: &Arc<Steps>) -> WorkerBuilder {
    let worker = worker
        .workflow(Journey::run)
        .shared_activities(steps.clone());
    worker.options(|options| options.sticky_schedule_to_start_timeout = Duration::from_secs(1))
}

#[tokio::test]
async fn a_worker_is_killed_between_tasks() {
    let test = Test::begin().await;
    let steps = Arc::new(Steps::default());
    let handle = test.start(Journey::run, 3).await;
    for taken in 1..=3 {
        let worker = test.worker(|worker| register(worker, &steps));
        handle.signal(Journey::go, ()).await.unwrap();
        test.until(&handle, "a step", |events| {
            events.count(EventType::ActivityTaskCompleted) == taken
                && events.last() != EventType::ActivityTaskCompleted
        })
        .await;
        worker.kill().await;
    }
    let _last = test.worker(|worker| register(worker, &steps));
    let result = test.result_of_troubled(&handle).await.unwrap();
    // Each step was done once, whoever rebuilt the run.
    assert_eq!(
        result[1..4],
        ["step 0, call 0", "step 1, call 1", "step 2, call 2"]
    );
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::ActivityTaskScheduled), 3);
    assert!(!events.has(EventType::WorkflowTaskFailed), "{events:?}");
}

#[activity(start_to_close_timeout = "2s", retry(initial_interval = "20ms"))]
async fn hangs_at_first(ctx: &ActivityContext) -> ActivityResult<u32> {
    if ctx.info().attempt == 1 {
        std::future::pending::<()>().await;
    }
    Ok(ctx.info().attempt)
}

#[workflow]
async fn waits_for_it(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    Ok(ctx.activity(hangs_at_first, ()).await?)
}

#[tokio::test]
async fn a_worker_is_killed_in_an_activity() {
    let test = Test::begin().await;
    let register = |worker: WorkerBuilder| {
        let worker = worker.workflow(waits_for_it).activity(hangs_at_first);
        worker.options(|options| options.sticky_schedule_to_start_timeout = Duration::from_secs(1))
    };
    let worker = test.worker(register);
    let handle = test.start(waits_for_it, ()).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    worker.kill().await;
    let _other = test.worker(register);
    assert!(test.result_of_troubled(&handle).await.unwrap() >= 1);
    assert!(
        !test
            .events(&handle)
            .await
            .has(EventType::WorkflowTaskFailed)
    );
}

#[tokio::test]
async fn several_workers_share_the_work() {
    let test = Test::begin().await;
    let steps = Arc::new(Steps::default());
    let _workers: Vec<_> = (0..3)
        .map(|_| test.worker(|worker| register(worker, &steps)))
        .collect();
    let handles =
        futures_util::future::join_all((0..20).map(|_| test.start(Journey::run, 2))).await;
    for handle in &handles {
        handle.signal(Journey::go, ()).await.unwrap();
    }
    for handle in &handles {
        handle.signal(Journey::go, ()).await.unwrap();
    }
    for handle in &handles {
        assert_eq!(test.result(handle).await.unwrap().len(), 4);
    }
    assert_eq!(steps.done.load(Ordering::SeqCst), 40);
}

#[tokio::test]
async fn a_worker_is_killed_while_it_is_asked() {
    let test = Test::begin().await;
    let steps = Arc::new(Steps::default());
    let worker = test.worker(|worker| register(worker, &steps));
    let handle = test.start(Journey::run, 1).await;
    assert_eq!(handle.query(Journey::gone, ()).await.unwrap(), 0);
    worker.kill().await;
    let _other = test.worker(|worker| register(worker, &steps));
    // Asked of the worker that is gone at first, then of the other.
    let asked = durably_integration::eventually("an answer", async || {
        handle.query(Journey::gone, ()).await
    });
    assert_eq!(asked.await, 0);
    handle.signal(Journey::go, ()).await.unwrap();
    assert_eq!(test.result_of_troubled(&handle).await.unwrap().len(), 3);
}
