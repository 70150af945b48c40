//! Workers on the runtimes that programs have, several on one client, and clients that are clones.

use durably::prelude::*;
use durably_integration::{RunningWorker, Test};

#[activity(start_to_close_timeout = "10s")]
async fn shout(text: String) -> ActivityResult<String> {
    Ok(text.to_uppercase())
}

#[workflow]
async fn shouts(ctx: &WorkflowContext, text: String) -> WorkflowResult<String> {
    Ok(ctx.activity(shout, text).await?)
}

fn worker(client: &Client, task_queue: &str) -> RunningWorker {
    let builder = Worker::builder(client, task_queue)
        .workflow(shouts)
        .activity(shout);
    RunningWorker::start(builder.build().unwrap())
}

async fn shouted(client: &Client, task_queue: &str) -> String {
    client
        .execute(shouts, "hey")
        .task_queue(task_queue)
        .await
        .expect("the workflow completes")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_runtime_of_several_threads() {
    let test = Test::begin().await;
    let _worker = worker(test.client(), test.task_queue());
    assert_eq!(shouted(test.client(), test.task_queue()).await, "HEY");
}

#[tokio::test]
async fn several_workers_on_one_client() {
    let test = Test::begin().await;
    let queues: Vec<_> = (0..4)
        .map(|number| format!("{}-{number}", test.task_queue()))
        .collect();
    let workers: Vec<_> = queues
        .iter()
        .map(|queue| worker(test.client(), queue))
        .collect();
    for queue in &queues {
        assert_eq!(shouted(test.client(), queue).await, "HEY");
    }
    let mut workers = workers.into_iter();
    workers.next().unwrap().stop().await;
    for queue in &queues[1..] {
        assert_eq!(shouted(test.client(), queue).await, "HEY");
    }
    for worker in workers {
        worker.stop().await;
    }
    // The client outlives its workers, and can have others.
    let _again = worker(test.client(), &queues[0]);
    assert_eq!(shouted(test.client(), &queues[0]).await, "HEY");
}

#[tokio::test]
async fn worker_and_starter_with_clients_of_their_own() {
    let test = Test::begin().await;
    let other = test.connect().await;
    let _worker = worker(&other.clone(), test.task_queue());
    drop(other);
    assert_eq!(shouted(test.client(), test.task_queue()).await, "HEY");
}

#[tokio::test]
async fn workflows_and_activities_on_workers_of_their_own() {
    let test = Test::begin().await;
    let _workflows = test.worker(|worker| worker.workflow(shouts));
    let _activities = test.worker(|worker| worker.activity(shout));
    assert_eq!(test.run(shouts, "hey").await, "HEY");
}
