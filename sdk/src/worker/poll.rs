//! What a failed poll means for the worker (protocol 1.5).
//!
//! Errors that may pass are retried within the call, for ever. The others (an unknown namespace,
//! a missing permission) may pass too, shortly after a namespace was created say; so they are
//! borne for a minute before the worker ends with them.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::{ConnectError, RpcError};

/// How long polls may fail with errors that do not pass by themselves.
const GRACE: Duration = Duration::from_secs(60);
/// How long to wait between two polls meanwhile.
const RETRY_INTERVAL: Duration = Duration::from_secs(10);

/// What is polled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Polled {
    /// `PollWorkflowTaskQueue`.
    WorkflowTasks,
    /// `PollActivityTaskQueue`.
    ActivityTasks,
}

impl std::fmt::Display for Polled {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::WorkflowTasks => "workflow tasks",
            Self::ActivityTasks => "activity tasks",
        })
    }
}

/// Why a worker cannot poll.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PollError {
    /// The server refused polls for longer than errors of this kind are borne.
    #[error("the server refuses polls for {polled} on task queue \"{task_queue}\": {source}")]
    Refused {
        /// What was polled for.
        polled: Polled,
        /// The task queue.
        task_queue: String,
        /// The last refusal.
        source: RpcError,
    },
    /// No connection could be opened for polling.
    #[error("cannot open a connection for polling: {0}")]
    Connect(#[source] ConnectError),
}

/// What to do after a failed poll.
#[derive(Debug)]
pub(crate) enum PollVerdict {
    /// Poll again after this time.
    RetryAfter(Duration),
    /// The worker must end.
    Fatal(PollError),
}

/// The failures of one poller since its last success.
#[derive(Debug)]
pub(crate) struct PollStreak {
    polled: Polled,
    task_queue: String,
    failing_since: Option<Instant>,
}

impl PollStreak {
    pub(crate) fn new(polled: Polled, task_queue: &str) -> Self {
        Self {
            polled,
            task_queue: task_queue.to_owned(),
            failing_since: None,
        }
    }

    pub(crate) fn succeeded(&mut self) {
        if self.failing_since.take().is_some() {
            tracing::info!(polled = %self.polled, task_queue = self.task_queue, "polls succeed again");
        }
    }

    pub(crate) fn failed(&mut self, error: RpcError) -> PollVerdict {
        let now = Instant::now();
        let since = *self.failing_since.get_or_insert_with(|| {
            tracing::warn!(
                polled = %self.polled,
                task_queue = self.task_queue,
                %error,
                "a poll was refused; the worker ends if that lasts for a minute"
            );
            now
        });
        // What passes by itself was retried within the call; it comes here only when a call has
        // no retries of its own.
        if error.is_retryable() || now.duration_since(since) < GRACE {
            return PollVerdict::RetryAfter(RETRY_INTERVAL);
        }
        PollVerdict::Fatal(PollError::Refused {
            polled: self.polled,
            task_queue: self.task_queue.clone(),
            source: error,
        })
    }
}
