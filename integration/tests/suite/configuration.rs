//! Configurations that cannot work: an error names the thing, when the worker is built or started.

use std::time::{Duration, Instant};

use durably::client::ConnectError;
use durably::prelude::*;
use durably::worker::{BuildError, WorkerBuilder, WorkerError};
use durably_integration::{RunningWorker, Test, free_port};

#[workflow]
async fn greet(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    Ok(())
}

#[workflow(name = "greet")]
async fn also_greet(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    Ok(())
}

#[activity(start_to_close_timeout = "1s")]
async fn charge() -> ActivityResult<()> {
    Ok(())
}

fn builder(task_queue: &str) -> WorkerBuilder {
    let client = Client::connect_lazy(ConnectOptions::new("localhost:1")).unwrap();
    Worker::builder(&client, task_queue)
}

fn message(builder: WorkerBuilder) -> String {
    builder
        .build()
        .expect_err("this worker cannot work")
        .to_string()
}

#[tokio::test]
async fn a_worker_with_nothing_to_do() {
    let error = message(builder("orders"));
    assert!(
        error.contains("orders") && error.contains(".workflow("),
        "{error}"
    );
}

#[tokio::test]
async fn names_that_are_taken_twice() {
    let error = builder("orders")
        .workflow(greet)
        .workflow(also_greet)
        .build()
        .unwrap_err();
    assert!(
        matches!(error, BuildError::DuplicateWorkflow(_)),
        "{error:?}"
    );
    assert!(error.to_string().contains("\"greet\""), "{error}");
    let error = message(builder("orders").activity(charge).activity(charge));
    assert!(error.contains("`charge`"), "{error}");
}

#[tokio::test]
async fn task_queues_that_cannot_be() {
    for task_queue in ["", "__temporal_mine", "/_sys/mine"] {
        let error = builder(task_queue).workflow(greet).build().unwrap_err();
        assert!(matches!(error, BuildError::TaskQueue { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn bounds_with_which_nothing_could_be_done() {
    let with = |change: fn(WorkerBuilder) -> WorkerBuilder| {
        message(change(builder("orders").workflow(greet)))
    };
    for (option, error) in [
        (
            "workflow_threads",
            with(|worker| worker.workflow_threads(0)),
        ),
        (
            "max_concurrent_workflow_tasks",
            with(|worker| worker.max_concurrent_workflow_tasks(0)),
        ),
        (
            "max_concurrent_workflow_tasks",
            with(|worker| worker.max_concurrent_workflow_tasks(1)),
        ),
        (
            "max_concurrent_activities",
            with(|worker| worker.max_concurrent_activities(0)),
        ),
        (
            "workflow_task_pollers",
            with(|worker| worker.options(|options| options.workflow_task_pollers = 0)),
        ),
        (
            "activity_task_pollers",
            with(|worker| worker.options(|options| options.activity_task_pollers = 0)),
        ),
        (
            "max_worker_activities_per_second",
            with(|worker| worker.max_worker_activities_per_second(0.0)),
        ),
        (
            "max_task_queue_activities_per_second",
            with(|worker| worker.max_task_queue_activities_per_second(f64::NAN)),
        ),
    ] {
        assert!(error.contains(option), "{option}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let address = format!("127.0.0.1:{}", free_port().unwrap());
    let began = Instant::now();
    let error = Client::connect(ConnectOptions::new(&address))
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Server { .. }), "{error:?}");
    assert!(error.to_string().contains(&address), "{error}");
    assert!(
        began.elapsed() < Duration::from_secs(25),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn an_address_that_is_none() {
    for address in ["", "local host:7233", "ftp://localhost:7233"] {
        let error = Client::connect(ConnectOptions::new(address))
            .await
            .unwrap_err();
        assert!(
            matches!(error, ConnectError::InvalidAddress(_)),
            "{address}: {error:?}"
        );
    }
}

#[test]
fn a_client_outside_of_a_runtime() {
    let error = Client::connect_lazy(ConnectOptions::new("localhost:7233")).unwrap_err();
    assert!(matches!(error, ConnectError::NoRuntime), "{error:?}");
}

#[tokio::test]
async fn a_namespace_that_is_not_there() {
    let test = Test::begin().await;
    let elsewhere = test.client().with_namespace("no-such-namespace").unwrap();
    let worker = Worker::builder(&elsewhere, "orders")
        .workflow(greet)
        .build()
        .unwrap();
    let error = RunningWorker::start(worker).ended().await.unwrap_err();
    let WorkerError::Namespace { namespace, .. } = &error else {
        panic!("an unknown namespace, not {error:?}");
    };
    assert_eq!(namespace, "no-such-namespace");
    let error = elsewhere
        .start(greet, ())
        .task_queue("orders")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no-such-namespace"), "{error}");
}

#[tokio::test]
async fn a_worker_of_a_server_that_is_not_there() {
    let address = format!("127.0.0.1:{}", free_port().unwrap());
    let client = Client::connect_lazy(ConnectOptions::new(&address)).unwrap();
    let worker = Worker::builder(&client, "orders")
        .workflow(greet)
        .build()
        .unwrap();
    let error = RunningWorker::start(worker).ended().await.unwrap_err();
    assert!(error.to_string().contains("default"), "{error}");
}
