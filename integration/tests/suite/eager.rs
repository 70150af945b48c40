//! Eager starts and eager activities: without the way through the task queue.

use durably::prelude::*;
use durably_integration::{Test, eventually};

#[activity(start_to_close_timeout = "10s")]
async fn quick(number: u32) -> ActivityResult<u32> {
    Ok(number + 1)
}

#[workflow]
async fn counts(ctx: &WorkflowContext, to: u32) -> WorkflowResult<u32> {
    let mut number = 0;
    while number < to {
        number = ctx.activity(quick, number).await?;
    }
    Ok(number)
}

#[tokio::test]
async fn the_first_task_comes_with_the_answer() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(counts).activity(quick));
    // Until the worker has registered itself a start goes through the queue, as any other.
    eventually("an eager start", async || {
        let handle = test
            .starting(counts, 3)
            .request_eager_start()
            .await
            .unwrap();
        assert_eq!(test.result(&handle).await.unwrap(), 3);
        let events = test.events(&handle).await;
        if events.started().eager_execution_accepted {
            Ok(())
        } else {
            Err(events)
        }
    })
    .await;
}

#[tokio::test]
async fn without_a_worker_the_start_goes_through_the_queue() {
    let test = Test::begin().await;
    let handle = test
        .starting(counts, 1)
        .request_eager_start()
        .await
        .unwrap();
    assert!(
        !test
            .events(&handle)
            .await
            .started()
            .eager_execution_accepted
    );
    let _worker = test.worker(|worker| worker.workflow(counts).activity(quick));
    assert_eq!(test.result(&handle).await.unwrap(), 1);
}

#[tokio::test]
async fn with_the_last_slots_taken_activities_go_through_the_queue() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(counts)
            .activity(quick)
            .max_concurrent_activities(1)
    });
    let (one, two) = tokio::join!(test.run(counts, 20), test.run(counts, 20));
    assert_eq!((one, two), (20, 20));
}

#[workflow]
async fn plain(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    Ok(ctx
        .activity(quick, 1_u32)
        .disable_eager_execution(true)
        .await?)
}

#[tokio::test]
async fn eager_activities_can_be_turned_off() {
    let test = Test::begin().await;
    let worker = test.worker(|worker| worker.workflow(plain).activity(quick));
    assert_eq!(test.run(plain, ()).await, 2);
    worker.stop().await;
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(counts).activity(quick);
        worker.options(|options| options.eager_activities = false)
    });
    assert_eq!(test.run(counts, 3).await, 3);
}
