//! The workflow side of a worker: its shards, and the watch over them.
//!
//! Workflow code must not block its thread: it would stop every run on it. The watch finds code
//! that computes for too long, fails its task (TMPRL1101), and starts another shard on a fresh
//! thread in place of the blocked one. Tasks of the blocking run are refused while it blocks, so
//! that one run cannot take thread after thread.

use std::sync::Arc;
use std::time::Duration;

use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use durably_protos::temporal::api::workflowservice::v1::RespondWorkflowTaskFailedRequest;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::WorkerError;
use super::activity::ActivityDispatcher;
use super::poll::PollError;
use super::shard::{BlockedRuns, EagerStart, Progress, ShardConfig, ShardStart, Step};
use super::shutdown::ShutdownSignal;
use crate::client::{Call, Client, EagerRegistration};
use crate::failure::ApplicationFailure;
use crate::workflow::WorkflowRegistry;

/// How many blocked shards are replaced at a time. Each holds a thread.
const MAX_REPLACED: usize = 8;

pub(super) struct WorkflowWorker {
    pub(super) client: Client,
    pub(super) config: ShardConfig,
    pub(super) registry: Arc<WorkflowRegistry>,
    pub(super) activities: Option<ActivityDispatcher>,
    pub(super) threads: usize,
    pub(super) deadlock_timeout: Duration,
}

/// The shards that were started, by number.
#[derive(Default)]
struct Shards {
    progress: Vec<Arc<Progress>>,
    running: JoinSet<(usize, Result<(), PollError>)>,
    ended: usize,
    blocked: Arc<BlockedRuns>,
    /// While these live, starts in this process may hand their first task to a shard.
    eager: Vec<EagerRegistration>,
}

impl WorkflowWorker {
    pub(super) async fn run(self, mut shutdown: ShutdownSignal) -> Result<(), WorkerError> {
        let mut shards = Shards::default();
        for thread in 0..self.threads {
            self.start_shard(&mut shards, thread, &shutdown).await?;
        }
        let mut watch =
            tokio::time::interval(self.deadlock_timeout.max(Duration::from_millis(10)) / 2);
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ended = shards.running.join_next() => match ended {
                    Some(Ok((number, result))) => {
                        shards.ended += 1;
                        if shards.progress[number].is_replaced() {
                            tracing::info!("a workflow thread that was blocked is free again");
                        } else {
                            result?;
                        }
                    }
                    Some(Err(error)) => return Err(WorkerError::Panicked { message: error.to_string() }),
                    None => return Ok(()),
                },
                _ = watch.tick() => self.look_for_blocked(&mut shards, &shutdown).await?,
                () = shutdown.stopping() => return Ok(()),
            }
            let replaced = shards
                .progress
                .iter()
                .filter(|progress| progress.is_replaced())
                .count();
            // A blocked shard may never end; a shutdown does not wait for it.
            if shutdown.is_draining() && shards.ended + replaced >= shards.progress.len() {
                return Ok(());
            }
        }
    }

    async fn start_shard(
        &self,
        shards: &mut Shards,
        thread: usize,
        shutdown: &ShutdownSignal,
    ) -> Result<(), WorkerError> {
        let number = shards.progress.len();
        let progress = Arc::new(Progress::default());
        let (sender, ended) = oneshot::channel();
        let config = ShardConfig {
            sticky_task_queue: format!("{}-{}", self.config.identity, Uuid::new_v4()),
            ..self.config.clone()
        };
        let slots = Arc::new(Semaphore::new(config.max_concurrent_workflow_tasks));
        let (eager, eager_tasks) =
            EagerStart::new(slots.clone(), shutdown.clone(), progress.clone());
        let start = ShardStart {
            config,
            client: self.client.clone(),
            registry: self.registry.clone(),
            activities: self.activities.clone(),
            progress: progress.clone(),
            blocked: shards.blocked.clone(),
            slots,
            eager_tasks,
            shutdown: shutdown.clone(),
            ended: sender,
        };
        let threads = self.client.workflow_threads();
        threads
            .spawn(thread, move |thread| start.run(thread))
            .await
            .map_err(WorkerError::Thread)?;
        shards.progress.push(progress);
        let dispatchers = self.client.eager_dispatchers();
        let (namespace, task_queue) = (&self.config.namespace, &self.config.task_queue);
        shards
            .eager
            .push(dispatchers.register(namespace, task_queue, Arc::new(eager)));
        // The sender is dropped unused only when the thread's runtime is torn down.
        shards
            .running
            .spawn(async move { (number, ended.await.unwrap_or(Ok(()))) });
        Ok(())
    }

    async fn look_for_blocked(
        &self,
        shards: &mut Shards,
        shutdown: &ShutdownSignal,
    ) -> Result<(), WorkerError> {
        for number in 0..shards.progress.len() {
            let progress = shards.progress[number].clone();
            if progress.is_replaced() {
                continue;
            }
            let Some(step) = progress.blocked(self.deadlock_timeout) else {
                continue;
            };
            let held = shards.blocked.len();
            shards.blocked.insert(&step.run_id);
            self.report(&step).await;
            if held >= MAX_REPLACED {
                tracing::error!(
                    blocked_threads = held,
                    "too many workflow threads are blocked; this one is not replaced"
                );
                continue;
            }
            progress.replace();
            if !shutdown.is_draining() {
                let thread = self.client.workflow_threads().next_index();
                self.start_shard(shards, thread, shutdown).await?;
            }
        }
        Ok(())
    }

    /// Says which workflow blocks, in the log and to the server.
    async fn report(&self, step: &Step) {
        let message = format!(
            "[TMPRL1101] potential deadlock: the code of workflow \"{}\" has not yielded for {:?}; workflow code must not \
             block or compute for long: move that into an activity",
            step.workflow_type,
            step.elapsed(),
        );
        tracing::error!(
            workflow_type = step.workflow_type,
            workflow_id = step.workflow_id,
            run_id = step.run_id,
            attempt = step.attempt,
            "{message}"
        );
        if step.attempt > 1 {
            return;
        }
        let failure = ApplicationFailure::new(message).with_type("DeadlockError");
        let request = RespondWorkflowTaskFailedRequest {
            task_token: step.task_token.clone(),
            namespace: self.config.namespace.clone(),
            identity: self.config.identity.clone(),
            cause: WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure.into(),
            failure: Some(failure.into()),
            ..RespondWorkflowTaskFailedRequest::default()
        };
        if let Err(error) = self.client.rpc().call(request, Call::NO_RETRY).await {
            tracing::warn!(%error, "cannot report a blocked workflow task; it will time out");
        }
    }
}
