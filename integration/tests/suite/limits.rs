//! The bounds of a worker: slots, rates, cached runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use durably::prelude::*;
use durably_integration::Test;
use futures_util::future::join_all;

/// Counts how many attempts run at a time.
#[derive(Debug, Default)]
struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[activities]
impl Crowd {
    #[activity(start_to_close_timeout = "30s")]
    async fn enter(&self) -> ActivityResult<()> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
}

#[workflow]
async fn crowds(ctx: &WorkflowContext, count: u32) -> WorkflowResult<()> {
    let handles: Vec<_> = (0..count)
        .map(|_| ctx.activity(Crowd::enter, ()).start())
        .collect();
    for handle in handles {
        handle.await?;
    }
    Ok(())
}

#[tokio::test]
async fn no_more_activities_at_a_time_than_slots() {
    let test = Test::begin().await;
    let crowd = Arc::new(Crowd::default());
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(crowds).shared_activities(crowd.clone());
        worker.max_concurrent_activities(2)
    });
    test.run(crowds, 12).await;
    assert!(crowd.most.load(Ordering::SeqCst) <= 2, "{crowd:?}");
}

#[tokio::test]
async fn no_more_activities_in_a_second_than_allowed() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(crowds).activities(Crowd::default());
        worker.max_worker_activities_per_second(4.0)
    });
    let began = Instant::now();
    test.run(crowds, 12).await;
    // The rate may begin with what a second allows.
    assert!(
        began.elapsed() >= Duration::from_millis(1_500),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn the_rate_of_a_task_queue_is_the_servers_matter() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(crowds).activities(Crowd::default());
        worker.max_task_queue_activities_per_second(20.0)
    });
    test.run(crowds, 8).await;
}

/// Goes through several tasks.
#[workflow]
async fn walks(ctx: &WorkflowContext, steps: u32) -> WorkflowResult<u32> {
    let mut taken = 0;
    while taken < steps {
        ctx.activity(Crowd::enter, ()).await?;
        taken += 1;
    }
    Ok(taken)
}

#[tokio::test]
async fn more_runs_than_the_cache_holds() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(walks).activities(Crowd::default());
        worker.max_cached_workflows(3)
    });
    let taken = join_all((0..12).map(|_| test.run(walks, 4))).await;
    assert_eq!(taken, vec![4; 12]);
}

#[tokio::test]
async fn with_the_least_of_everything() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker
            .workflow(walks)
            .activities(Crowd::default())
            .max_concurrent_activities(1);
        worker
            .max_concurrent_workflow_tasks(2)
            .workflow_threads(1)
            .options(|options| {
                options.workflow_task_pollers = 2;
                options.activity_task_pollers = 1;
            })
    });
    let taken = join_all((0..5).map(|_| test.run(walks, 3))).await;
    assert_eq!(taken, vec![3; 5]);
}
