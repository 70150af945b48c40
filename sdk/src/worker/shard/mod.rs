//! A worker's share of one workflow thread: pollers, cached runs, workflow tasks.
//!
//! ```text
//! poll (normal, sticky) -> claim the run -> history -> Run -> completion -> RPC -> next task
//! ```
//!
//! Everything here is on one thread, so it is shared by `Rc`. A run starts on the shard that
//! polled its first task and comes back to it through the shard's own sticky queue.

mod cache;
mod complete;
mod eager;
mod eager_start;
mod history;
mod local;
mod poller;
mod progress;
mod task;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use durably_engine::Workflow;
use durably_protos::temporal::api::enums::v1::TaskQueueType;
use durably_protos::temporal::api::workflowservice::v1::ShutdownWorkerRequest;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use super::WorkerDeployment;
use super::activity::ActivityDispatcher;
use super::poll::PollError;
use super::shutdown::ShutdownSignal;
use super::threads::WorkflowThread;
use crate::client::{Call, Client, Rpc};
use crate::workflow::WorkflowRegistry;
use cache::RunCache;
pub(crate) use eager_start::{EagerStart, EagerTasks};
pub(crate) use progress::{BlockedRuns, Progress, Step};

/// What a shard needs to know; the same for all shards of a worker but for the last two.
#[derive(Debug, Clone)]
pub(crate) struct ShardConfig {
    pub(crate) namespace: String,
    pub(crate) task_queue: String,
    pub(crate) identity: String,
    pub(crate) worker_instance_key: String,
    /// How many runs to keep; none means no stickiness at all.
    pub(crate) max_cached_workflows: usize,
    pub(crate) max_concurrent_workflow_tasks: usize,
    pub(crate) pollers: usize,
    pub(crate) sticky_schedule_to_start_timeout: Duration,
    /// The server's limit on one payload, above which it would terminate the workflow.
    pub(crate) blob_size_limit: usize,
    pub(crate) eager_activities: bool,
    pub(crate) panics_fail_workflows: bool,
    pub(crate) nondeterminism_fails_workflows: bool,
    pub(crate) deployment: Option<WorkerDeployment>,
    /// How long a shutdown waits for local activities.
    pub(crate) graceful_shutdown_timeout: Option<Duration>,
    /// Unique for each shard, also between restarts.
    pub(crate) sticky_task_queue: String,
}

/// One worker's part on one thread.
pub(crate) struct Shard {
    config: ShardConfig,
    rpc: Rpc,
    registry: Arc<WorkflowRegistry>,
    /// The workflows this shard has met, made for this thread.
    workflows: RefCell<BTreeMap<String, Rc<dyn Workflow>>>,
    cache: RunCache,
    slots: Arc<Semaphore>,
    activities: Option<ActivityDispatcher>,
    progress: Arc<Progress>,
    blocked: Arc<BlockedRuns>,
    shutdown: ShutdownSignal,
    /// The shutdown has taken as long as it may: local activities are left to other workers.
    grace_over: CancellationToken,
}

/// How a shard is started, from another thread.
pub(crate) struct ShardStart {
    pub(crate) config: ShardConfig,
    pub(crate) client: Client,
    pub(crate) registry: Arc<WorkflowRegistry>,
    pub(crate) activities: Option<ActivityDispatcher>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) blocked: Arc<BlockedRuns>,
    pub(crate) slots: Arc<Semaphore>,
    /// First tasks of workflows that this process started, in slots that were taken for them.
    pub(crate) eager_tasks: EagerTasks,
    pub(crate) shutdown: ShutdownSignal,
    pub(crate) ended: oneshot::Sender<Result<(), PollError>>,
}

impl ShardStart {
    /// Runs the shard on the current workflow thread until the worker shuts down, or polling
    /// becomes impossible.
    pub(crate) async fn run(self, thread: Rc<WorkflowThread>) {
        let result = match thread.rpc(&self.client) {
            Ok(rpc) => {
                let shard = Rc::new(Shard {
                    slots: self.slots,
                    cache: RunCache::new(self.config.max_cached_workflows),
                    config: self.config,
                    rpc,
                    registry: self.registry,
                    workflows: RefCell::default(),
                    activities: self.activities,
                    progress: self.progress,
                    blocked: self.blocked,
                    shutdown: self.shutdown.clone(),
                    grace_over: CancellationToken::new(),
                });
                tokio::task::spawn_local(eager_start::receive(shard.clone(), self.eager_tasks));
                shard.run(self.shutdown).await
            }
            Err(error) => Err(PollError::Connect(error)),
        };
        // Nobody waits any more when the worker was stopped by force.
        let _ = self.ended.send(result);
    }
}

impl Shard {
    async fn run(self: Rc<Self>, mut shutdown: ShutdownSignal) -> Result<(), PollError> {
        let mut stop = shutdown.clone();
        let polls = poller::poll_all(&self, shutdown.clone());
        let announced = self.announce_shutdown(shutdown.clone());
        let (result, ()) = tokio::select! {
            ended = async { tokio::join!(polls, announced) } => ended,
            () = shutdown.stopping() => (Ok(()), ()),
        };
        let all = u32::try_from(self.config.max_concurrent_workflow_tasks).unwrap_or(u32::MAX);
        tokio::select! {
            // Every slot is free once the last task in progress has been answered.
            _ = self.slots.acquire_many(all) => {}
            () = self.end_of_grace() => {}
            () = stop.stopping() => {}
        }
        self.cache.clear();
        result
    }

    /// Makes tasks that wait for local activities end when the grace period is over.
    async fn end_of_grace(&self) {
        if let Some(period) = self.config.graceful_shutdown_timeout {
            tokio::time::sleep(period).await;
            self.grace_over.cancel();
        }
        std::future::pending::<()>().await;
    }

    /// Tells the server that the sticky queue is gone, so that its tasks go to other workers at
    /// once (`ShutdownWorker`, protocol 1.9). Best effort: a timeout does the same, later.
    async fn announce_shutdown(&self, mut shutdown: ShutdownSignal) {
        shutdown.draining().await;
        let request = ShutdownWorkerRequest {
            namespace: self.config.namespace.clone(),
            identity: self.config.identity.clone(),
            task_queue: self.config.task_queue.clone(),
            sticky_task_queue: self.config.sticky_task_queue.clone(),
            worker_instance_key: self.config.worker_instance_key.clone(),
            task_queue_types: vec![TaskQueueType::Workflow.into()],
            reason: "the worker shuts down".to_owned(),
            ..ShutdownWorkerRequest::default()
        };
        if let Err(error) = self.rpc.call(request, Call::NO_RETRY).await {
            tracing::debug!(%error, "the server was not told of the shutdown");
        }
    }

    fn workflow(&self, name: &str) -> Option<Rc<dyn Workflow>> {
        if let Some(workflow) = self.workflows.borrow().get(name) {
            return Some(workflow.clone());
        }
        let workflow = self.registry.make(name)?;
        self.workflows
            .borrow_mut()
            .insert(name.to_owned(), workflow.clone());
        Some(workflow)
    }

    fn is_sticky(&self) -> bool {
        self.config.max_cached_workflows > 0
    }
}
