//! What the log says of a call that is made again.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Status;

/// From how many failed attempts on there are warnings.
const WARN_FROM_ATTEMPT: u32 = 6;
/// How far warnings are apart: a server that is away for hours must not fill the log.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(60);

/// The log of one call's retries.
#[derive(Debug)]
pub(super) struct RetryLog {
    method: &'static str,
    warned: Option<Instant>,
}

impl RetryLog {
    pub(super) fn new(method: &'static str) -> Self {
        Self {
            method,
            warned: None,
        }
    }

    /// Logs that the call failed and is made again.
    pub(super) fn retry(&mut self, status: &Status, failed_attempts: u32) {
        let method = self.method;
        if self.warns(failed_attempts) {
            tracing::warn!(method, failed_attempts, %status, "call keeps failing, trying again");
        } else {
            tracing::debug!(method, failed_attempts, %status, "call failed, trying again");
        }
    }

    fn warns(&mut self, failed_attempts: u32) -> bool {
        let recently = self
            .warned
            .is_some_and(|warned| warned.elapsed() < BETWEEN_WARNINGS);
        if failed_attempts < WARN_FROM_ATTEMPT || recently {
            return false;
        }
        self.warned = Some(Instant::now());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn there_is_a_warning_at_the_sixth_attempt_and_then_one_a_minute() {
        let mut log = RetryLog::new("PollWorkflowTaskQueue");
        let mut warned = Vec::new();
        for attempt in 1..=20 {
            if log.warns(attempt) {
                warned.push(attempt);
            }
            tokio::time::advance(Duration::from_secs(10)).await;
        }
        assert_eq!(warned, [6, 12, 18]);
    }
}
