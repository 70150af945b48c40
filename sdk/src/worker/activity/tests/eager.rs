//! Tasks that come past the task queue.

use std::time::Duration;

use tokio::time::sleep;

use super::{FakeServer, TestWorker, task};
use crate::activity::ActivityContext;
use crate::failure::ActivityResult;

async fn slow(_: ActivityContext, number: i32) -> ActivityResult<i32> {
    sleep(Duration::from_secs(10)).await;
    Ok(number)
}

#[tokio::test(start_paused = true)]
async fn a_reserved_slot_runs_a_task_from_any_thread() {
    let server = FakeServer::new();
    let setup = TestWorker::with("slow", slow).options(|options| {
        options.max_concurrent_activities = 3;
        options.activity_task_pollers = 1;
    });
    let worker = setup.start(&server).await;
    // One slot belongs to the poll.
    server.open_polls(1).await;
    let dispatcher = worker.dispatcher.clone();
    let first = dispatcher.try_reserve().unwrap();
    let second = dispatcher.try_reserve().unwrap();
    assert!(dispatcher.try_reserve().is_none(), "all slots are taken");
    drop(second);
    let dispatching = dispatcher.clone();
    std::thread::spawn(move || dispatching.dispatch(task("slow", 5), first))
        .join()
        .unwrap();
    assert!(
        dispatcher.try_reserve().is_some(),
        "what is not used is free again"
    );
    assert_eq!(server.report().await.result::<i32>(), 5);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_reserved_when_it_must_not_be() {
    let refused = |change: fn(&mut crate::worker::WorkerOptions)| async move {
        let server = FakeServer::new();
        let worker = TestWorker::with("slow", slow)
            .options(change)
            .start(&server)
            .await;
        worker.dispatcher.try_reserve().is_none()
    };
    assert!(!refused(|_| {}).await);
    assert!(refused(|options| options.eager_activities = false).await);
    assert!(refused(|options| options.max_task_queue_activities_per_second = Some(1000.0)).await);
}

#[tokio::test(start_paused = true)]
async fn the_worker_s_own_rate_limit_counts_eager_activities() {
    let server = FakeServer::new();
    let setup = TestWorker::with("slow", slow).options(|options| {
        options.max_worker_activities_per_second = Some(0.1);
        options.activity_task_pollers = 1;
    });
    let worker = setup.start(&server).await;
    server.open_polls(1).await;
    assert!(
        worker.dispatcher.try_reserve().is_none(),
        "the poll has taken the turn"
    );
    let polls = server.state.polls.lock().unwrap().requests.len();
    assert_eq!(polls, 1);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_drains_finishes_eager_tasks_and_takes_no_new_ones() {
    let server = FakeServer::new();
    let worker = TestWorker::with("slow", slow).start(&server).await;
    let permit = worker.dispatcher.try_reserve().unwrap();
    worker.shutdown.initiate();
    sleep(Duration::from_secs(60)).await;
    let dispatcher = worker.dispatcher.clone();
    assert!(dispatcher.try_reserve().is_none());
    assert!(!worker.has_ended(), "a reserved slot may still be used");
    dispatcher.dispatch(task("slow", 5), permit);
    assert_eq!(server.report().await.result::<i32>(), 5);
    worker.ended().await.unwrap();
}
