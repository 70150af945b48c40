//! Queries, in each of the forms in which they reach a worker (protocol 5.1).

use std::time::Duration;

use durably::client::{QueryError, QueryRejectCondition, WorkflowExecutionStatus, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably::prelude::*;
use durably_integration::{Test, in_time};
use durably_protos::temporal::api::enums::v1::EventType;

/// Counts its steps, and takes one for each signal.
#[derive(Default)]
struct Steps {
    taken: State<u32>,
    done: State<bool>,
}

#[workflow]
impl Steps {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<u32> {
        ctx.wait_until(|| self.done.get()).await?;
        Ok(self.taken.get())
    }

    #[signal]
    fn step(&self) {
        self.taken.update(|taken| *taken += 1);
    }

    /// Takes a step in a task that takes a while.
    #[signal]
    fn slow_step(&self) {
        busy(Duration::from_millis(800));
        self.taken.update(|taken| *taken += 1);
    }

    #[signal]
    fn finish(&self) {
        self.done.set(true);
    }

    #[query]
    fn taken(&self) -> u32 {
        self.taken.get()
    }

    #[query(name = "taken-times")]
    fn times(&self, ctx: &WorkflowContext, factor: u32) -> Result<String, ApplicationFailure> {
        let _ = ctx.now();
        match factor {
            0 => Err(ApplicationFailure::new("by zero").with_type("Zero")),
            factor => Ok(format!("{}", self.taken.get() * factor)),
        }
    }
}

/// Keeps the thread busy, for less than the time after which that counts as a deadlock.
fn busy(time: Duration) {
    std::thread::sleep(time);
}

async fn ask<W: WorkflowDefinition<Owner = Steps>>(handle: &WorkflowHandle<W>) -> u32 {
    let asked = handle.query(Steps::taken, ());
    in_time("an answer", asked.into_future())
        .await
        .expect("the query is answered")
}

async fn finish<W>(test: &Test, handle: &WorkflowHandle<W>, taken: u32)
where
    W: WorkflowDefinition<Owner = Steps, Output = u32>,
{
    handle.signal(Steps::finish, ()).await.unwrap();
    assert_eq!(test.result(handle).await.unwrap(), taken);
}

#[tokio::test]
async fn with_the_first_task() {
    let test = Test::begin().await;
    let handle = test.start(Steps::run, ()).await;
    handle.signal(Steps::step, ()).await.unwrap();
    // The worker comes while the query waits.
    let (taken, _worker) = tokio::join!(ask(&handle), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        test.worker(|worker| worker.workflow(Steps::run))
    });
    assert_eq!(taken, 1);
    finish(&test, &handle, 1).await;
}

#[tokio::test]
async fn to_an_idle_workflow_in_memory() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Steps::run));
    let handle = test.start(Steps::run, ()).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    assert_eq!(ask(&handle).await, 0);
    handle.signal(Steps::step, ()).await.unwrap();
    assert_eq!(ask(&handle).await, 1);
    assert_eq!(handle.query(Steps::times, 7).await.unwrap(), "7");
    finish(&test, &handle, 1).await;
}

#[tokio::test]
async fn to_an_idle_workflow_that_no_worker_has_in_memory() {
    let test = Test::begin().await;
    let worker = test.worker(|worker| worker.workflow(Steps::run));
    let handle = test.start(Steps::run, ()).await;
    handle.signal(Steps::step, ()).await.unwrap();
    test.until(&handle, "an idle workflow", |events| {
        events.last() == EventType::WorkflowTaskCompleted
    })
    .await;
    worker.stop().await;
    let _other = test.worker(|worker| worker.workflow(Steps::run));
    assert_eq!(ask(&handle).await, 1);
    assert_eq!(ask(&handle).await, 1);
    // What the queries rebuilt is carried on by the next task.
    handle.signal(Steps::step, ()).await.unwrap();
    assert_eq!(ask(&handle).await, 2);
    finish(&test, &handle, 2).await;
}

#[tokio::test]
async fn to_a_closed_workflow() {
    let test = Test::begin().await;
    let worker = test.worker(|worker| worker.workflow(Steps::run));
    let handle = test.start(Steps::run, ()).await;
    handle.signal(Steps::step, ()).await.unwrap();
    finish(&test, &handle, 1).await;
    assert_eq!(ask(&handle).await, 1);
    worker.stop().await;
    let _other = test.worker(|worker| worker.workflow(Steps::run));
    assert_eq!(ask(&handle).await, 1);
}

#[tokio::test]
async fn while_a_task_is_in_progress() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Steps::run));
    let handle = test.start(Steps::run, ()).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    handle.signal(Steps::slow_step, ()).await.unwrap();
    test.until(&handle, "a task in progress", |events| {
        events.last() == EventType::WorkflowTaskStarted
    })
    .await;
    assert_eq!(ask(&handle).await, 1);
    finish(&test, &handle, 1).await;
}

#[tokio::test]
async fn together_with_other_news() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Steps::run));
    let handle = test.start(Steps::run, ()).await;
    for round in 1..=20 {
        let (signal, _) = tokio::join!(handle.signal(Steps::step, ()), ask(&handle));
        signal.unwrap();
        assert_eq!(ask(&handle).await, round);
    }
    finish(&test, &handle, 20).await;
}

#[tokio::test]
async fn many_at_once() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Steps::run));
    let handle = test.start(Steps::run, ()).await;
    let answers = futures_util::future::join_all((0..30).map(|_| ask(&handle))).await;
    assert_eq!(answers, vec![0; 30]);
    finish(&test, &handle, 0).await;
}

#[tokio::test]
async fn of_terminated_and_failed_runs() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Steps::run));
    let handle = test.start(Steps::run, ()).await;
    handle.signal(Steps::step, ()).await.unwrap();
    assert_eq!(ask(&handle).await, 1);
    handle.terminate("to be asked").await.unwrap();
    assert_eq!(ask(&handle).await, 1);
}

#[tokio::test]
async fn rejected_by_status() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Steps::run));
    let handle = test.start(Steps::run, ()).await;
    let open_only = || {
        handle
            .query(Steps::taken, ())
            .reject_condition(QueryRejectCondition::NotOpen)
    };
    assert_eq!(open_only().await.unwrap(), 0);
    finish(&test, &handle, 0).await;
    let error = open_only().await.unwrap_err();
    let QueryError::Rejected { status } = error else {
        panic!("a rejection, not {error:?}");
    };
    assert_eq!(status, WorkflowExecutionStatus::Completed);
}

#[tokio::test]
async fn a_run_of_a_chain_can_be_asked() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Steps::run));
    let id = test.workflow_id("steps");
    let first = test
        .starting(Steps::run, ())
        .workflow_id(&id)
        .await
        .unwrap();
    first.signal(Steps::step, ()).await.unwrap();
    finish(&test, &first, 1).await;
    let second = test
        .starting(Steps::run, ())
        .workflow_id(&id)
        .await
        .unwrap();
    let old = second.clone().with_run_id(first.run_id().unwrap());
    assert_eq!(ask(&second).await, 0);
    assert_eq!(ask(&old).await, 1);
    finish(&test, &second, 0).await;
}
