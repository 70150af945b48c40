//! What makes an attempt stop without a word from the server: its timeouts, and the worker's end.
//!
//! The server gives an attempt up when a timeout has passed, but tells only those who ask. The
//! worker counts along, with some time to spare (protocol 6.2), so that a body that hangs or has
//! lost its connection is told.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::runner::ActivityRunner;
use crate::activity::{ActivityCancellationReason, ActivityInfo, Attempt};

/// How long after the server the worker gives an attempt up.
const MARGIN: Duration = Duration::from_secs(5);

impl ActivityRunner {
    /// Tells the attempt when it should stop. Does not end: the body does.
    pub(super) async fn watch(&self, attempt: &Attempt, started: Instant) -> Infallible {
        let timeouts = async {
            timed_out(attempt, started).await;
            if attempt.cancel(ActivityCancellationReason::TimedOut.into()) {
                tracing::warn!(
                    "a timeout of the activity's attempt has passed, and the attempt still runs; it is told to stop"
                );
            }
        };
        let shutdown = async {
            self.phases.grace_over.cancelled().await;
            attempt.cancel(ActivityCancellationReason::WorkerShutdown.into());
        };
        tokio::join!(timeouts, shutdown);
        std::future::pending().await
    }
}

/// Ready when a timeout of the attempt has passed with the margin.
async fn timed_out(attempt: &Attempt, started: Instant) {
    while let Some(at) = gives_up_at(attempt.info(), attempt.last_acknowledged(), started) {
        // Heartbeats may have put it off meanwhile.
        if at <= Instant::now() {
            return;
        }
        sleep_until(at).await;
    }
    std::future::pending::<()>().await;
}

/// When the attempt counts as lost, as far as is known now. Timeouts that end after the clock does
/// are as good as none.
fn gives_up_at(
    info: &ActivityInfo,
    last_heartbeat: Option<Instant>,
    started: Instant,
) -> Option<Instant> {
    let after = |from: Instant, timeout: Duration| from.checked_add(timeout.checked_add(MARGIN)?);
    let close = info
        .start_to_close_timeout
        .and_then(|timeout| after(started, timeout));
    let heartbeat = info
        .heartbeat_timeout
        .and_then(|timeout| after(last_heartbeat.unwrap_or(started), timeout));
    close.into_iter().chain(heartbeat).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_earlier_timeout_counts_and_heartbeats_put_it_off() {
        let now = Instant::now();
        let mut info = ActivityInfo::default();
        assert_eq!(gives_up_at(&info, None, now), None);
        info.start_to_close_timeout = Some(60 * SECOND);
        assert_eq!(gives_up_at(&info, None, now), Some(now + 65 * SECOND));
        info.heartbeat_timeout = Some(10 * SECOND);
        assert_eq!(gives_up_at(&info, None, now), Some(now + 15 * SECOND));
        let later = now + 9 * SECOND;
        assert_eq!(
            gives_up_at(&info, Some(later), now),
            Some(later + 15 * SECOND)
        );
        let later = now + 59 * SECOND;
        assert_eq!(
            gives_up_at(&info, Some(later), now),
            Some(now + 65 * SECOND)
        );
    }

    #[test]
    fn endless_timeouts_do_no_harm() {
        let info = ActivityInfo {
            start_to_close_timeout: Some(Duration::MAX),
            heartbeat_timeout: Some(Duration::from_secs(u64::MAX)),
            ..ActivityInfo::default()
        };
        assert_eq!(gives_up_at(&info, None, Instant::now()), None);
    }
}
