//! Local activities: run here for a workflow task of this worker, without the server (protocol 4.3).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use durably_engine::{LocalActivityEnd, LocalActivityOutcome, LocalActivityTask};
use durably_protos::temporal::api::enums::v1::TimeoutType;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{
    CanceledFailureInfo, Failure as ProtoFailure, TimeoutFailureInfo,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::ActivityDispatcher;
use super::body::run_body;
use super::local_retry::{self, Next};
use super::runner::ActivityRunner;
use crate::activity::{
    ActivityCancellationReason, ActivityContext, ActivityInfo, Attempt, AttemptHost,
};
use crate::failure::{ActivityError, Failure};
use crate::payload::{Payload, payloads};

/// The workflow for which a local activity is run.
#[derive(Debug, Clone)]
pub(crate) struct LocalCaller {
    pub(crate) namespace: String,
    pub(crate) workflow_type: String,
    pub(crate) workflow_id: String,
    pub(crate) run_id: String,
}

/// A local activity that was begun. Dropped, it is dropped too: the run is not in memory any more.
#[derive(Debug)]
pub(crate) struct RunningLocalActivity {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl RunningLocalActivity {
    /// Asks it to stop.
    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl Drop for RunningLocalActivity {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ActivityDispatcher {
    /// Whether the worker has an activity of this type.
    pub(crate) fn knows(&self, activity_type: &str) -> bool {
        self.runner.registry.handler(activity_type).is_some()
    }

    /// Runs a local activity; tells its end to `ends`.
    pub(crate) fn run_local(
        &self,
        task: LocalActivityTask,
        caller: &LocalCaller,
        ends: mpsc::UnboundedSender<LocalActivityEnd>,
    ) -> RunningLocalActivity {
        let cancel = CancellationToken::new();
        if task.cancel_requested {
            cancel.cancel();
        }
        let span = tracing::warn_span!(
            parent: None,
            "local_activity",
            activity_type = task.options.activity_type,
            activity_id = task.options.activity_id,
            workflow_id = caller.workflow_id,
            run_id = caller.run_id,
        );
        let execution = LocalExecution {
            runner: Arc::clone(&self.runner),
            caller: caller.clone(),
            cancel: cancel.clone(),
            handed_out: Instant::now(),
            task,
        };
        let running = async move {
            let end = execution.run().await;
            // The run may have been dropped meanwhile: then nobody wants to know.
            let _ = ends.send(end);
        };
        let task = self.runner.runtime.spawn(running.instrument(span));
        RunningLocalActivity { cancel, task }
    }
}

struct LocalExecution {
    runner: Arc<ActivityRunner>,
    caller: LocalCaller,
    cancel: CancellationToken,
    handed_out: Instant,
    task: LocalActivityTask,
}

impl LocalExecution {
    async fn run(self) -> LocalActivityEnd {
        let mut attempt = self.task.options.attempt.max(1);
        let outcome = self.attempts(&mut attempt).await;
        LocalActivityEnd {
            seq: self.task.seq,
            attempt,
            runtime: self.handed_out.elapsed(),
            outcome,
        }
    }

    async fn attempts(&self, attempt: &mut u32) -> LocalActivityOutcome {
        let deadline = self.deadline();
        let _slot = match self.slot(deadline).await {
            Ok(slot) => slot,
            Err(failure) => return LocalActivityOutcome::Failed(failure),
        };
        loop {
            let failure = match self.attempt(*attempt, deadline).await {
                Ok(result) => {
                    return LocalActivityOutcome::Completed(payloads(result.into_iter().collect()));
                }
                Err(failure) => failure,
            };
            let next = match self.cancel.is_cancelled() {
                true => Next::End,
                false => local_retry::next(&self.task.options, *attempt, &failure, deadline),
            };
            match next {
                Next::End => return LocalActivityOutcome::Failed(failure),
                Next::ByTimer(backoff) => {
                    return LocalActivityOutcome::Backoff { failure, backoff };
                }
                Next::After(delay) => {
                    tracing::warn!(
                        attempt,
                        failure = failure.message,
                        ?delay,
                        "an attempt of a local activity failed; it is tried again"
                    );
                    tokio::select! {
                        () = sleep(delay) => *attempt += 1,
                        () = self.cancel.cancelled() => {
                            return LocalActivityOutcome::Failed(Box::new(canceled()));
                        }
                    }
                }
            }
        }
    }

    /// When all attempts together must have ended. The first was scheduled by the server's clock.
    fn deadline(&self) -> Option<Instant> {
        let whole = self.task.options.schedule_to_close_timeout?;
        let passed = SystemTime::now()
            .duration_since(self.task.scheduled_time)
            .unwrap_or_default();
        self.handed_out.checked_add(whole.saturating_sub(passed))
    }

    /// Room for the local activity.
    async fn slot(
        &self,
        deadline: Option<Instant>,
    ) -> Result<OwnedSemaphorePermit, Box<ProtoFailure>> {
        let start = self
            .task
            .options
            .schedule_to_start_timeout
            .and_then(|timeout| self.handed_out.checked_add(timeout));
        let start = start.map(|at| (at, TimeoutType::ScheduleToStart));
        let close = deadline.map(|at| (at, TimeoutType::ScheduleToClose));
        let first = start.into_iter().chain(close).min_by_key(|(at, _)| *at);
        let slots = Arc::clone(&self.runner.local_slots);
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Box::new(canceled())),
            // Nothing closes the semaphore.
            Ok(slot) = slots.acquire_owned() => Ok(slot),
            kind = passed(first) => Err(Box::new(timed_out(kind))),
        }
    }

    async fn attempt(
        &self,
        number: u32,
        deadline: Option<Instant>,
    ) -> Result<Option<Payload>, Box<ProtoFailure>> {
        let options = &self.task.options;
        let started = Instant::now();
        let attempt = Attempt::new(
            self.info(number),
            Arc::clone(&self.runner) as Arc<dyn AttemptHost>,
        );
        let context = ActivityContext::new(Arc::clone(&attempt));
        let body = run_body(&self.runner.registry, context, options.arguments.clone());
        let close = options
            .start_to_close_timeout
            .and_then(|timeout| started.checked_add(timeout))
            .map(|at| (at, TimeoutType::StartToClose));
        let whole = deadline.map(|at| (at, TimeoutType::ScheduleToClose));
        let first = whole.into_iter().chain(close).min_by_key(|(at, _)| *at);
        let told = async {
            self.cancel.cancelled().await;
            attempt.cancel(ActivityCancellationReason::Canceled.into());
            std::future::pending::<()>().await;
        };
        let result = tokio::select! {
            biased;
            result = body => result,
            kind = passed(first) => {
                // A body that blocks its thread cannot be dropped; it is told at least.
                attempt.cancel(ActivityCancellationReason::TimedOut.into());
                Err(ActivityError::Failed(Failure::from(timed_out(kind))))
            }
            () = told => Ok(None),
        };
        attempt.end();
        result.map_err(|error| Box::new(failure_of(error)))
    }

    fn info(&self, attempt: u32) -> ActivityInfo {
        let (options, caller) = (&self.task.options, &self.caller);
        ActivityInfo {
            activity_id: options.activity_id.clone(),
            activity_type: options.activity_type.clone(),
            namespace: caller.namespace.clone(),
            task_queue: self.runner.options.task_queue.clone(),
            workflow_type: caller.workflow_type.clone(),
            workflow_id: caller.workflow_id.clone(),
            run_id: caller.run_id.clone(),
            attempt,
            is_local: true,
            scheduled_time: Some(self.task.scheduled_time),
            current_attempt_scheduled_time: Some(SystemTime::now()),
            started_time: Some(SystemTime::now()),
            schedule_to_close_timeout: options.schedule_to_close_timeout,
            start_to_close_timeout: options.start_to_close_timeout,
            retry_policy: options.retry_policy.clone().map(Into::into),
            headers: options.header.clone().into(),
            ..ActivityInfo::default()
        }
    }
}

fn failure_of(error: ActivityError) -> ProtoFailure {
    match error {
        ActivityError::Failed(failure) => failure.into(),
        ActivityError::Canceled(failure) => Failure::from(failure).into(),
        ActivityError::CompleteAsynchronously => super::outcome::own_failure(
            "a local activity cannot be completed from elsewhere".to_owned(),
            "CompleteAsynchronously",
        )
        .non_retryable()
        .into(),
    }
}

/// Ready when the time has come; gives which timeout it was.
async fn passed(first: Option<(Instant, TimeoutType)>) -> TimeoutType {
    match first {
        Some((at, kind)) => {
            // Only the time matters.
            let _ = timeout_at(at, std::future::pending::<()>()).await;
            kind
        }
        None => std::future::pending().await,
    }
}

fn timed_out(kind: TimeoutType) -> ProtoFailure {
    ProtoFailure {
        message: format!("local activity {} timeout", name(kind)),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: kind.into(),
            ..TimeoutFailureInfo::default()
        })),
        ..ProtoFailure::default()
    }
}

fn name(kind: TimeoutType) -> &'static str {
    match kind {
        TimeoutType::ScheduleToStart => "schedule-to-start",
        TimeoutType::ScheduleToClose => "schedule-to-close",
        _ => "start-to-close",
    }
}

fn canceled() -> ProtoFailure {
    ProtoFailure {
        message: "local activity canceled".to_owned(),
        failure_info: Some(FailureInfo::CanceledFailureInfo(
            CanceledFailureInfo::default(),
        )),
        ..ProtoFailure::default()
    }
}

/// The longest wait between attempts that is made here, unless the code says otherwise.
pub(super) const RETRY_THRESHOLD: Duration = Duration::from_secs(60);
