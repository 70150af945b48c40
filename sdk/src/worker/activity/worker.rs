//! The life of a worker's activity side: polling, draining, its end.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::rate_limit::RateLimit;
use super::runner::{ActivityRunner, Phases};
use super::{ActivityDispatcher, ActivityWorkerOptions};
use crate::activity::ActivityRegistry;
use crate::client::Client;
use crate::worker::ShutdownHandle;
use crate::worker::poll::PollError;

/// The activity side of a worker.
pub(crate) struct ActivityWorker {
    runner: Arc<ActivityRunner>,
    slots: u32,
}

impl ActivityWorker {
    /// Must be called on the runtime that is to run the activities.
    pub(crate) fn new(
        options: ActivityWorkerOptions,
        client: &Client,
        registry: Arc<ActivityRegistry>,
    ) -> Self {
        let rate = options.worker.max_worker_activities_per_second;
        let rate_limit = rate.map(|rate| Arc::new(RateLimit::new(rate)));
        Self::limited(options, client, registry, rate_limit)
    }

    /// The same worker's activity side of another queue: it has slots of its own, and the same rate
    /// limit.
    pub(crate) fn another(
        &self,
        options: ActivityWorkerOptions,
        client: &Client,
        registry: Arc<ActivityRegistry>,
    ) -> Self {
        Self::limited(options, client, registry, self.runner.rate_limit.clone())
    }

    fn limited(
        options: ActivityWorkerOptions,
        client: &Client,
        registry: Arc<ActivityRegistry>,
        rate_limit: Option<Arc<RateLimit>>,
    ) -> Self {
        let slots = options
            .worker
            .max_concurrent_activities
            .min(Semaphore::MAX_PERMITS);
        let slots = u32::try_from(slots).unwrap_or(u32::MAX);
        let runner = ActivityRunner {
            client: client.clone(),
            registry,
            runtime: Handle::current(),
            slots: Arc::new(Semaphore::new(slots as usize)),
            local_slots: Arc::new(Semaphore::new(
                options
                    .worker
                    .max_concurrent_local_activities
                    .min(Semaphore::MAX_PERMITS),
            )),
            rate_limit,
            phases: Phases::default(),
            options,
        };
        Self {
            runner: Arc::new(runner),
            slots,
        }
    }

    /// What gives tasks to this worker past its polls.
    pub(crate) fn dispatcher(&self) -> ActivityDispatcher {
        ActivityDispatcher {
            runner: Arc::clone(&self.runner),
        }
    }

    /// Polls and runs activities until the worker is shut down, or polling becomes impossible: that
    /// shuts the worker down. Returns when all attempts have ended. Dropping the future drops them.
    pub(crate) async fn run(self, shutdown: ShutdownHandle) -> Result<(), PollError> {
        let _stopped_when_dropped = self.runner.phases.stopped.clone().drop_guard();
        let mut signal = shutdown.signal();
        let mut pollers = self.pollers();
        let polls = !pollers.is_empty();
        let result = tokio::select! {
            result = all(&mut pollers), if polls => result,
            () = signal.draining() => Ok(()),
        };
        if let Err(error) = &result {
            tracing::error!(%error, "the worker stops: it cannot poll for activity tasks");
            shutdown.initiate();
        }
        self.runner.phases.draining.cancel();
        tokio::select! {
            () = self.drained(&mut pollers) => {}
            () = self.end_of_grace() => {}
            () = signal.stopping() => {}
        }
        result
    }

    fn pollers(&self) -> JoinSet<Result<(), PollError>> {
        let mut pollers = JoinSet::new();
        if self.runner.options.worker.local_activities_only {
            return pollers;
        }
        for _ in 0..self.runner.options.worker.activity_task_pollers {
            pollers.spawn(Arc::clone(&self.runner).poll());
        }
        pollers
    }

    /// Ready when the last polls have ended, and then the last attempts.
    async fn drained(&self, pollers: &mut JoinSet<Result<(), PollError>>) {
        while let Some(ended) = pollers.join_next().await {
            // Too late to matter: the worker is ending.
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a poll failed during the shutdown"),
                Err(error) => tracing::error!(%error, "a poller failed during the shutdown"),
            }
        }
        // Every slot is free once the last attempt has ended; an error cannot be, since nothing
        // closes the semaphore.
        let _ = self.runner.slots.acquire_many(self.slots).await;
    }

    /// Cancels the attempts when their grace period is over, and those that come later at once.
    async fn end_of_grace(&self) {
        if let Some(period) = self.runner.options.worker.graceful_shutdown_timeout {
            tokio::time::sleep(period).await;
            tracing::info!("the grace period is over: activities that still run are canceled");
            self.runner.phases.grace_over.cancel();
        }
        std::future::pending::<()>().await;
    }
}

/// Ready when a poller has failed, or all have ended.
async fn all(pollers: &mut JoinSet<Result<(), PollError>>) -> Result<(), PollError> {
    while let Some(ended) = pollers.join_next().await {
        match ended {
            Ok(result) => result?,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => {}
        }
    }
    Ok(())
}
