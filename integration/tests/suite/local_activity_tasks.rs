//! Local activities and the workflow task they run in: its heartbeats, lost workers, messages that
//! come meanwhile, workers that do not know them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durably::prelude::*;
use durably::worker::WorkerBuilder;
use durably_integration::{Test, eventually};
use durably_protos::temporal::api::enums::v1::EventType;

use crate::local_activities::{data, markers};

/// Takes as long as it is told to; counts its calls.
#[derive(Default)]
struct Slow {
    begun: AtomicU32,
}

#[activities]
impl Slow {
    #[activity(start_to_close_timeout = "60s")]
    async fn takes(&self, milliseconds: u64) -> ActivityResult<u32> {
        let begun = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        Ok(begun)
    }
}

#[derive(Default)]
struct Order {
    notes: State<Vec<String>>,
}

#[workflow]
impl Order {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, milliseconds: u64) -> WorkflowResult<Vec<String>> {
        let call = ctx.local_activity(Slow::takes, milliseconds).await?;
        self.notes
            .update(|notes| notes.push(format!("call {call}")));
        Ok(self.notes.get())
    }

    #[signal]
    fn note(&self, text: String) {
        self.notes.update(|notes| notes.push(text));
    }

    #[query]
    fn notes(&self) -> Vec<String> {
        self.notes.get()
    }

    #[update]
    fn add(&self, text: String) -> WorkflowResult<usize> {
        self.notes.update(|notes| notes.push(text));
        Ok(self.notes.with(Vec::len))
    }
}

fn register(worker: WorkerBuilder, slow: &Arc<Slow>) -> WorkerBuilder {
    let worker = worker.workflow(Order::run).shared_activities(slow.clone());
    worker.options(|options| options.sticky_schedule_to_start_timeout = Duration::from_secs(1))
}

#[tokio::test]
async fn longer_than_the_workflow_task() {
    let test = Test::begin().await;
    let slow = Arc::new(Slow::default());
    let _worker = test.worker(|worker| register(worker, &slow));
    let start = test.starting(Order::run, 5000);
    let handle = start
        .workflow_task_timeout(Duration::from_secs(2))
        .await
        .unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), ["call 1"]);
    let events = test.events(&handle).await;
    assert!(
        events.count(EventType::WorkflowTaskCompleted) >= 3,
        "{events:?}"
    );
    assert_eq!(markers(&events).len(), 1);
    assert_eq!(slow.begun.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn its_worker_is_killed() {
    let test = Test::begin().await;
    let slow = Arc::new(Slow::default());
    let worker = test.worker(|worker| register(worker, &slow));
    let start = test.starting(Order::run, 1500);
    let handle = start
        .workflow_task_timeout(Duration::from_secs(2))
        .await
        .unwrap();
    eventually("a local activity that runs", async || {
        match slow.begun.load(Ordering::SeqCst) {
            0 => Err("none"),
            _ => Ok(()),
        }
    })
    .await;
    worker.kill().await;
    let _other = test.worker(|worker| register(worker, &slow));
    assert_eq!(test.result_of_troubled(&handle).await.unwrap(), ["call 2"]);
    let events = test.events(&handle).await;
    assert_eq!(markers(&events).len(), 1);
    assert!(!events.has(EventType::WorkflowTaskFailed), "{events:?}");
}

/// After a heartbeat the run is on the server's record; another worker begins it again.
#[tokio::test]
async fn its_worker_is_killed_after_a_heartbeat() {
    let test = Test::begin().await;
    let slow = Arc::new(Slow::default());
    let worker = test.worker(|worker| register(worker, &slow));
    let start = test.starting(Order::run, 4000);
    let handle = start
        .workflow_task_timeout(Duration::from_secs(2))
        .await
        .unwrap();
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    worker.kill().await;
    let _other = test.worker(|worker| register(worker, &slow));
    assert_eq!(test.result_of_troubled(&handle).await.unwrap(), ["call 2"]);
    let events = test.events(&handle).await;
    assert_eq!(markers(&events).len(), 1);
    assert!(!events.has(EventType::WorkflowTaskFailed), "{events:?}");
}

#[tokio::test]
async fn its_worker_is_stopped() {
    let test = Test::begin().await;
    let slow = Arc::new(Slow::default());
    let worker = test.worker(|worker| register(worker, &slow));
    let start = test.starting(Order::run, 3000);
    let handle = start
        .workflow_task_timeout(Duration::from_secs(2))
        .await
        .unwrap();
    eventually("a local activity that runs", async || {
        match slow.begun.load(Ordering::SeqCst) {
            0 => Err("none"),
            _ => Ok(()),
        }
    })
    .await;
    // The shutdown lets it end, or leaves it to the next worker; either way the run completes.
    worker.stop().await;
    let _other = test.worker(|worker| register(worker, &slow));
    let result = test.result_of_troubled(&handle).await.unwrap();
    assert!(result == ["call 1"] || result == ["call 2"], "{result:?}");
    let events = test.events(&handle).await;
    assert!(!events.has(EventType::WorkflowTaskFailed), "{events:?}");
}

/// The grace period is shorter than the local activity: another worker runs it again, at once.
#[tokio::test]
async fn its_worker_is_stopped_with_little_grace() {
    let test = Test::begin().await;
    let slow = Arc::new(Slow::default());
    let worker = test.worker(|worker| {
        register(worker, &slow).graceful_shutdown_timeout(Duration::from_millis(200))
    });
    let handle = test.start(Order::run, 3000).await;
    eventually("a local activity that runs", async || {
        match slow.begun.load(Ordering::SeqCst) {
            0 => Err("none"),
            _ => Ok(()),
        }
    })
    .await;
    worker.stop().await;
    let _other = test.worker(|worker| register(worker, &slow));
    assert_eq!(test.result(&handle).await.unwrap(), ["call 2"]);
}

#[tokio::test]
async fn messages_come_while_it_runs() {
    let test = Test::begin().await;
    let slow = Arc::new(Slow::default());
    let _worker = test.worker(|worker| register(worker, &slow));
    let start = test.starting(Order::run, 5000);
    let handle = start
        .workflow_task_timeout(Duration::from_secs(2))
        .await
        .unwrap();
    test.until_event(&handle, EventType::WorkflowTaskStarted)
        .await;
    handle.signal(Order::note, "a signal").await.unwrap();
    let notes = eventually("the signal is handled", async || {
        match handle.query(Order::notes, ()).await {
            Ok(notes) if !notes.is_empty() => Ok(notes),
            other => Err(other.map_err(|error| error.to_string())),
        }
    });
    assert_eq!(notes.await, ["a signal"]);
    assert_eq!(handle.update(Order::add, "an update").await.unwrap(), 2);
    let result = test.result(&handle).await.unwrap();
    assert_eq!(result, ["a signal", "an update", "call 1"]);
    assert_eq!(slow.begun.load(Ordering::SeqCst), 1);
}

#[activity(start_to_close_timeout = "5s")]
async fn unknown() -> ActivityResult<()> {
    Ok(())
}

#[workflow]
async fn calls_the_unknown(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.local_activity(unknown, ()).await?;
    Ok(())
}

#[tokio::test]
async fn a_type_that_is_not_registered() {
    let test = Test::begin().await;
    let worker = test.worker(|worker| worker.workflow(calls_the_unknown));
    let start = test.starting(calls_the_unknown, ());
    let handle = start
        .workflow_task_timeout(Duration::from_secs(1))
        .await
        .unwrap();
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let message = &events.task_failure().unwrap().message;
    assert!(
        message.contains("local activity \"unknown\" is not registered"),
        "{message}"
    );
    // A worker that knows it goes on.
    worker.stop().await;
    let _other = test.worker(|worker| worker.workflow(calls_the_unknown).activity(unknown));
    test.result_of_troubled(&handle).await.unwrap();
}

#[activity(start_to_close_timeout = "5s", schedule_to_close_timeout = "5s")]
async fn remote() -> ActivityResult<String> {
    Ok("done".to_owned())
}

#[workflow]
async fn local_and_remote(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let local = ctx.local_activity(remote, ()).await?;
    let call = ctx
        .activity(remote, ())
        .schedule_to_start_timeout(Duration::from_secs(1));
    let polled = call.await;
    Ok(format!(
        "{local}, {}",
        polled
            .err()
            .is_some_and(|failure| failure.timeout().is_some())
    ))
}

#[tokio::test]
async fn a_worker_for_local_activities_only() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(local_and_remote)
            .activity(remote)
            .local_activities_only(true)
    });
    assert_eq!(test.run(local_and_remote, ()).await, "done, true");
}

#[derive(Default)]
struct Mixed {
    go: State<u32>,
}

#[workflow]
impl Mixed {
    /// Local and other things at once, in an order that a replay must find again.
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
        let mut seen = Vec::new();
        for round in 0..4_u64 {
            let locals = try_join_all((0..3).map(|n| ctx.local_activity(Slow::takes, n * 7)));
            let timer = ctx.timer(Duration::from_millis(20 * round));
            let (calls, timer) = join!(locals, timer);
            timer?;
            seen.push(format!("{}", calls?.len()));
            ctx.wait_until(|| u64::from(self.go.get()) > round).await?;
        }
        seen.push(ctx.uuid().to_string());
        Ok(seen)
    }

    #[signal]
    fn go(&self) {
        self.go.update(|go| *go += 1);
    }
}

#[tokio::test]
async fn a_cold_worker_goes_on() {
    let test = Test::begin().await;
    let slow = Arc::new(Slow::default());
    let register = |worker: WorkerBuilder| {
        let worker = worker.workflow(Mixed::run).shared_activities(slow.clone());
        worker.options(|options| options.sticky_schedule_to_start_timeout = Duration::from_secs(1))
    };
    let handle = test.start(Mixed::run, ()).await;
    for round in 1..=4 {
        let worker = test.worker(register);
        test.until(&handle, "the round's local activities", |events| {
            markers(events).len() == 3 * round
        })
        .await;
        worker.kill().await;
        handle.signal(Mixed::go, ()).await.unwrap();
    }
    let _last = test.worker(register);
    assert_eq!(test.result_of_troubled(&handle).await.unwrap().len(), 5);
    let events = test.events(&handle).await;
    assert!(!events.has(EventType::WorkflowTaskFailed), "{events:?}");
    let seqs: Vec<_> = markers(&events)
        .into_iter()
        .map(|one| data(one)["seq"].clone())
        .collect();
    assert_eq!(seqs.len(), 12);
}
