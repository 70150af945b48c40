//! Running a worker: its parts, and their end.

use std::sync::Arc;

use tokio::task::JoinSet;
use uuid::Uuid;

use super::activity::{ActivityDispatcher, ActivityWorker, ActivityWorkerOptions};
use super::poll::PollError;
use super::session::session_workers;
use super::shard::ShardConfig;
use super::shutdown::ShutdownHandle;
use super::workflow_worker::WorkflowWorker;
use super::{WorkerBuilder, WorkerOptions, panic_hook};
use crate::activity::ActivityRegistry;
use crate::client::{Client, RpcError};
use crate::replay::Replayer;
use crate::workflow::WorkflowRegistry;

/// The server's own default, for servers that do not tell theirs.
const DEFAULT_BLOB_SIZE_LIMIT: usize = 2 * 1024 * 1024;

/// A process's work on one task queue: polls it, runs workflows and activities, reports.
///
/// ```no_run
/// # use durably::prelude::*;
/// # #[workflow]
/// # async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> { Ok(name) }
/// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// let worker = Worker::builder(&client, "greetings").workflow(greet).build()?;
/// worker.run_until(async { tokio::signal::ctrl_c().await.ok(); }).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Worker {
    client: Client,
    task_queue: String,
    workflows: Arc<WorkflowRegistry>,
    activities: Arc<ActivityRegistry>,
    options: WorkerOptions,
    shutdown: ShutdownHandle,
}

/// Why a worker ended other than by its shutdown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The namespace does not exist, or may not be used.
    #[error("the worker cannot use namespace \"{namespace}\": {source}")]
    Namespace {
        /// The namespace.
        namespace: String,
        /// What the server says.
        source: RpcError,
    },
    /// The server refused polls for longer than such errors are borne.
    #[error(transparent)]
    Poll(#[from] PollError),
    /// A thread for workflow code could not be started.
    #[error("cannot start a thread for workflow code: {0}")]
    Thread(#[source] std::io::Error),
    /// A part of the worker panicked: a bug in durably.
    #[error("a part of the worker panicked; please report it: {message}")]
    Panicked {
        /// What is known of it.
        message: String,
    },
}

impl Worker {
    /// Begins a worker for a task queue.
    pub fn builder(client: &Client, task_queue: impl Into<String>) -> WorkerBuilder {
        WorkerBuilder::new(client, task_queue.into())
    }

    pub(super) fn new(
        client: Client,
        task_queue: String,
        workflows: WorkflowRegistry,
        activities: ActivityRegistry,
        options: WorkerOptions,
    ) -> Self {
        Self {
            client,
            task_queue,
            workflows: Arc::new(workflows),
            activities: Arc::new(activities),
            options,
            shutdown: ShutdownHandle::new(),
        }
    }

    /// A further worker with the same registrations and options, which is stopped by itself: to go on
    /// where one was dropped, in tests of what then happens.
    #[must_use]
    pub fn another(&self) -> Self {
        Self {
            client: self.client.clone(),
            task_queue: self.task_queue.clone(),
            workflows: self.workflows.clone(),
            activities: self.activities.clone(),
            options: self.options.clone(),
            shutdown: ShutdownHandle::new(),
        }
    }

    /// Stops the worker from elsewhere.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        self.shutdown.clone()
    }

    /// A replayer that knows this worker's workflows: to check, before it runs, that histories of
    /// those under way fit the code.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # fn example(worker: &Worker, history: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// worker.replayer().replay_bytes(history)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn replayer(&self) -> Replayer {
        Replayer::of(WorkflowRegistry::clone(&self.workflows), &self.client)
    }

    /// Works until a future is ready (`ctrl_c`, say), then drains and returns.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub async fn run_until<F: Future>(self, stop: F) -> Result<(), WorkerError> {
        let shutdown = self.shutdown_handle();
        let run = self.run();
        tokio::pin!(run);
        tokio::select! {
            result = &mut run => return result,
            _ = stop => shutdown.initiate(),
        }
        run.await
    }

    /// Works until the worker is shut down through its [handle](Self::shutdown_handle), or cannot
    /// go on. Activities run on the tokio runtime that polls this future; workflow code runs on
    /// threads of its own. Dropping the future stops the worker at once.
    ///
    /// # Errors
    /// The namespace does not exist, the server refuses polls, a thread cannot be started.
    pub async fn run(self) -> Result<(), WorkerError> {
        panic_hook::install();
        let namespace = self.client.namespace().to_owned();
        let facts = self.client.namespace_facts().await;
        let facts = facts.map_err(|source| WorkerError::Namespace { namespace, source })?;
        let blob_size_limit = facts.blob_size_limit.unwrap_or(DEFAULT_BLOB_SIZE_LIMIT);
        // Dropping this future must end the parts on other threads as well.
        let _stop_when_dropped = StopWhenDropped(self.shutdown.clone());
        let instance_key = Uuid::new_v4().to_string();
        tracing::info!(
            task_queue = self.task_queue,
            workflows = ?self.workflows,
            activities = self.activities.names().count(),
            "worker started"
        );
        let mut parts: JoinSet<Result<(), WorkerError>> = JoinSet::new();
        let mut dispatcher = None;
        if !self.activities.is_empty() {
            let options = self.activity_options(&instance_key, blob_size_limit);
            let activities = self.activities.clone();
            let worker = ActivityWorker::new(options.clone(), &self.client, activities.clone());
            if self.options.max_concurrent_sessions > 0 {
                for worker in session_workers(&worker, &options, &self.client, activities) {
                    let shutdown = self.shutdown.clone();
                    parts.spawn(async move { Ok(worker.run(shutdown).await?) });
                }
            }
            dispatcher = Some(worker.dispatcher());
            let shutdown = self.shutdown.clone();
            parts.spawn(async move { Ok(worker.run(shutdown).await?) });
        }
        if !self.workflows.is_empty() {
            let worker = self.workflow_worker(&instance_key, blob_size_limit, dispatcher);
            let signal = self.shutdown.signal();
            parts.spawn(worker.run(signal));
        }
        let result = join(parts, &self.shutdown).await;
        tracing::info!(task_queue = self.task_queue, "worker stopped");
        result
    }

    fn identity(&self) -> String {
        self.options
            .identity
            .clone()
            .unwrap_or_else(|| self.client.identity().to_owned())
    }

    fn activity_options(
        &self,
        instance_key: &str,
        blob_size_limit: usize,
    ) -> ActivityWorkerOptions {
        ActivityWorkerOptions {
            task_queue: self.task_queue.clone(),
            identity: self.identity(),
            worker_instance_key: instance_key.to_owned(),
            blob_size_limit,
            worker: self.options.clone(),
        }
    }

    fn workflow_worker(
        &self,
        instance_key: &str,
        blob_size_limit: usize,
        activities: Option<ActivityDispatcher>,
    ) -> WorkflowWorker {
        let threads = self.options.workflow_threads;
        let config = ShardConfig {
            namespace: self.client.namespace().to_owned(),
            task_queue: self.task_queue.clone(),
            identity: self.identity(),
            worker_instance_key: instance_key.to_owned(),
            max_cached_workflows: self.options.max_cached_workflows.div_ceil(threads),
            max_concurrent_workflow_tasks: self
                .options
                .max_concurrent_workflow_tasks
                .div_ceil(threads)
                .max(2),
            pollers: self.options.workflow_task_pollers,
            sticky_schedule_to_start_timeout: self.options.sticky_schedule_to_start_timeout,
            blob_size_limit,
            eager_activities: self.options.eager_activities
                && self.options.max_task_queue_activities_per_second.is_none(),
            panics_fail_workflows: self.options.panics_fail_workflows,
            nondeterminism_fails_workflows: self.options.nondeterminism_fails_workflows,
            deployment: self.options.deployment.clone(),
            graceful_shutdown_timeout: self.options.graceful_shutdown_timeout,
            sticky_task_queue: String::new(),
        };
        WorkflowWorker {
            client: self.client.clone(),
            config,
            registry: self.workflows.clone(),
            activities,
            threads,
            deadlock_timeout: self.options.deadlock_timeout,
        }
    }
}

struct StopWhenDropped(ShutdownHandle);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.force();
    }
}

/// Waits for all parts; the first that fails makes the others drain.
async fn join(
    mut parts: JoinSet<Result<(), WorkerError>>,
    shutdown: &ShutdownHandle,
) -> Result<(), WorkerError> {
    let mut result = Ok(());
    while let Some(ended) = parts.join_next().await {
        let ended = ended.unwrap_or_else(|error| {
            Err(WorkerError::Panicked {
                message: error.to_string(),
            })
        });
        shutdown.initiate();
        if result.is_ok() {
            result = ended;
        }
    }
    result
}
