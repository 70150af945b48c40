//! The activity side of a worker, connected to a server in this process.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::FakeServer;
use crate::activity::{ActivityContext, ActivityRegistry};
use crate::failure::ActivityResult;
use crate::payload::{FromPayload, Payload, ToPayload};
use crate::worker::WorkerOptions;
use crate::worker::activity::{ActivityDispatcher, ActivityWorker, ActivityWorkerOptions};
use crate::worker::poll::PollError;
use crate::worker::shutdown::ShutdownHandle;

pub(super) struct TestWorker {
    pub(super) shutdown: ShutdownHandle,
    pub(super) dispatcher: ActivityDispatcher,
    running: JoinHandle<Result<(), PollError>>,
}

/// What to run, and how.
#[derive(Default)]
pub(super) struct Setup {
    pub(super) registry: ActivityRegistry,
    pub(super) options: WorkerOptions,
}

impl Setup {
    /// Adds an activity with one number as parameter.
    pub(super) fn activity<F, R, T>(mut self, name: &str, activity: F) -> Self
    where
        F: Fn(ActivityContext, i32) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = ActivityResult<T>> + Send + 'static,
        T: ToPayload + Send + Sync + 'static,
    {
        self.registry
            .untyped(name, move |context, input: Vec<Payload>| {
                let activity = activity.clone();
                async move {
                    let argument = i32::from_payload(&input[0])?;
                    let result = activity(context, argument).await?;
                    Ok(Some(result.to_payload()?))
                }
            });
        self
    }

    pub(super) fn options(mut self, change: impl FnOnce(&mut WorkerOptions)) -> Self {
        change(&mut self.options);
        self
    }

    pub(super) async fn start(self, server: &FakeServer) -> TestWorker {
        let client = server.connect().await;
        self.registry.check().unwrap();
        let options = ActivityWorkerOptions {
            task_queue: "orders".to_owned(),
            identity: "tester".to_owned(),
            worker_instance_key: "key".to_owned(),
            blob_size_limit: 100_000,
            worker: self.options,
        };
        let worker = ActivityWorker::new(options, &client, Arc::new(self.registry));
        let shutdown = ShutdownHandle::new();
        TestWorker {
            dispatcher: worker.dispatcher(),
            running: tokio::spawn(worker.run(shutdown.clone())),
            shutdown,
        }
    }
}

impl TestWorker {
    /// A worker with one activity.
    pub(super) fn with<F, R, T>(name: &str, activity: F) -> Setup
    where
        F: Fn(ActivityContext, i32) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = ActivityResult<T>> + Send + 'static,
        T: ToPayload + Send + Sync + 'static,
    {
        Setup::default().activity(name, activity)
    }

    /// Waits until the worker ends of itself, or because it was told to.
    pub(super) async fn ended(self) -> Result<(), PollError> {
        let ended = timeout(Duration::from_secs(24 * 3600), self.running).await;
        ended.expect("the worker ends within a day").unwrap()
    }

    pub(super) fn has_ended(&self) -> bool {
        self.running.is_finished()
    }

    /// Drops the worker's future, as a program does that has no time.
    pub(super) fn abort(&self) {
        self.running.abort();
    }
}
