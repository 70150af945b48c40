//! When a failed call is made again, and after how long.
//!
//! The figures are those of the SDKs that share Temporal's core.

use std::error::Error;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;
use tonic::{Code, Status, TimeoutExpired};

/// Intervals that grow by a factor from attempt to attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    initial: Duration,
    multiplier: f64,
    maximum: Duration,
    /// How long retries may go on in all, and how many attempts there may be.
    budget: Option<(Duration, u32)>,
    /// How long they may go on, with as many attempts, while the server cannot be reached.
    outage: Duration,
}

/// A server that is restarted or moved must not fail the calls made meanwhile.
pub(super) const ORDINARY: Backoff = Backoff {
    outage: Duration::from_secs(60),
    ..CONNECT
};

/// A program that starts is told soon that there is no server.
pub(super) const CONNECT: Backoff = Backoff {
    initial: Duration::from_millis(100),
    multiplier: 1.7,
    maximum: Duration::from_secs(5),
    budget: Some((Duration::from_secs(10), 10)),
    outage: Duration::from_secs(10),
};

/// For a wait that may last for days: a server that is restarted or moved must not end it.
pub(super) const CLIENT_POLL: Backoff = Backoff {
    budget: Some((Duration::from_secs(300), u32::MAX)),
    outage: Duration::from_secs(300),
    ..ORDINARY
};

pub(super) const TASK_POLL: Backoff = Backoff {
    initial: Duration::from_millis(200),
    multiplier: 2.0,
    maximum: Duration::from_secs(10),
    budget: None,
    outage: Duration::MAX,
};

/// How long to wait at least after the server said that it is overloaded.
const THROTTLE: Backoff = Backoff {
    initial: Duration::from_secs(1),
    multiplier: 2.0,
    maximum: Duration::from_secs(10),
    budget: None,
    outage: Duration::MAX,
};

/// How far an interval may lie from its nominal length, so that clients do not come in waves.
const JITTER: f64 = 0.2;

impl Backoff {
    /// The same with retries for a longer time, without a bound on their number.
    pub(super) fn for_at_least(mut self, longest: Duration) -> Self {
        self.budget = self.budget.map(|(own, attempts)| match longest > own {
            true => (longest, u32::MAX),
            false => (own, attempts),
        });
        self
    }

    /// The interval after that many failed attempts.
    fn interval(&self, failed_attempts: u32) -> Duration {
        let exponent = i32::try_from(failed_attempts.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.initial.as_secs_f64() * self.multiplier.powi(exponent);
        let nominal = seconds.min(self.maximum.as_secs_f64());
        Duration::from_secs_f64(nominal * (1.0 + JITTER * random_factor()))
    }
}

/// A number between -1 and 1. The keys of the standard library's hash maps are random, which is all
/// the randomness jitter needs.
fn random_factor() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 12;
    #[expect(clippy::cast_precision_loss, reason = "52 bits fit the mantissa")]
    let unit = bits as f64 / (1_u64 << 52) as f64;
    2.0 * unit - 1.0
}

/// The retries of one call.
#[derive(Debug)]
pub(super) struct Retries {
    backoff: Backoff,
    started: Instant,
    failed_attempts: u32,
    throttled_attempts: u32,
}

impl Retries {
    pub(super) fn new(backoff: Backoff, started: Instant) -> Self {
        Self {
            backoff,
            started,
            failed_attempts: 0,
            throttled_attempts: 0,
        }
    }

    pub(super) fn failed_attempts(&self) -> u32 {
        self.failed_attempts
    }

    /// Takes note of a failed attempt. Gives the time to wait before the next one, or `None` if there
    /// is to be none.
    pub(super) fn next(&mut self, status: &Status) -> Option<Duration> {
        self.failed_attempts += 1;
        let expired_poll = self.backoff.budget.is_none() && is_expired(status);
        if !is_retryable(status) && !expired_poll {
            return None;
        }
        let mut interval = self.backoff.interval(self.failed_attempts);
        if status.code() == Code::ResourceExhausted {
            self.throttled_attempts += 1;
            interval = interval.max(THROTTLE.interval(self.throttled_attempts));
        }
        let outage = self.backoff.outage;
        match self.backoff.budget {
            Some((longest, _)) if status.code() == Code::Unavailable && outage > longest => {
                (self.started.elapsed() + interval <= outage).then_some(interval)
            }
            Some((_, attempts)) if self.failed_attempts >= attempts => None,
            Some((longest, _)) if self.started.elapsed() + interval > longest => None,
            _ => Some(interval),
        }
    }
}

/// Whether the same call may succeed later.
pub(super) fn is_retryable(status: &Status) -> bool {
    match status.code() {
        Code::ResourceExhausted => !is_message_too_large(status.message()),
        Code::DataLoss
        | Code::Internal
        | Code::Unknown
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable => true,
        // A connection that broke (server restart, GOAWAY) shows as a cancellation of ours.
        Code::Cancelled => has_source::<tonic::transport::Error>(status) && !is_expired(status),
        _ => false,
    }
}

/// Whether the call ended without an answer in its time. What an expired call looks like depends on
/// who noticed first, the server or this client.
fn is_expired(status: &Status) -> bool {
    match status.code() {
        Code::DeadlineExceeded => true,
        Code::Cancelled => has_source::<TimeoutExpired>(status) || is_local_expiry(status),
        _ => false,
    }
}

/// Whether tonic's own timer ended the call: it reports that as a cancellation.
pub(super) fn is_local_expiry(status: &Status) -> bool {
    status.code() == Code::Cancelled && status.message() == TimeoutExpired(()).to_string()
}

/// Whether the server refused a message for its size. It says so with the code for overload, but the
/// same message will never be accepted.
pub(super) fn is_message_too_large(message: &str) -> bool {
    const REFUSALS: [&str; 3] = [
        "grpc: received message larger than max",
        "grpc: message after decompression larger than max",
        "grpc: received message after decompression larger than max",
    ];
    REFUSALS.iter().any(|refusal| message.starts_with(refusal))
}

fn has_source<E: Error + 'static>(status: &Status) -> bool {
    std::iter::successors(status.source(), |&error| error.source()).any(<dyn Error>::is::<E>)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: Code) -> Status {
        Status::new(code, "test")
    }

    fn assert_near(interval: Duration, nominal: f64) {
        let ratio = interval.as_secs_f64() / nominal;
        assert!(
            (0.8..=1.2).contains(&ratio),
            "{interval:?} is not near {nominal} s"
        );
    }

    #[test]
    fn intervals_grow_to_their_maximum() {
        for (attempts, nominal) in [(1, 0.1), (2, 0.17), (3, 0.289), (10, 5.0), (u32::MAX, 5.0)] {
            assert_near(ORDINARY.interval(attempts), nominal);
        }
        for (attempts, nominal) in [(1, 0.2), (2, 0.4), (6, 6.4), (7, 10.0)] {
            assert_near(TASK_POLL.interval(attempts), nominal);
        }
    }

    #[test]
    fn jitter_varies() {
        let intervals: Vec<_> = (0..50).map(|_| ORDINARY.interval(1)).collect();
        assert!(intervals.iter().any(|interval| *interval != intervals[0]));
    }

    #[tokio::test(start_paused = true)]
    async fn ordinary_calls_give_up_after_their_time_or_attempts() {
        let mut retries = Retries::new(ORDINARY, Instant::now());
        let internal = status(Code::Internal);
        let waits: Vec<_> = std::iter::from_fn(|| retries.next(&internal)).collect();
        assert_eq!(waits.len(), 9);

        let mut retries = Retries::new(ORDINARY, Instant::now());
        assert!(retries.next(&internal).is_some());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(retries.next(&internal).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn ordinary_calls_outlast_a_short_outage_and_connecting_does_not() {
        let unavailable = status(Code::Unavailable);
        let mut retries = Retries::new(ORDINARY, Instant::now());
        let mut connecting = Retries::new(CONNECT, Instant::now());
        for _ in 0..15 {
            assert!(retries.next(&unavailable).is_some());
        }
        tokio::time::advance(Duration::from_secs(50)).await;
        assert!(retries.next(&unavailable).is_some());
        assert!(connecting.next(&unavailable).is_none());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(retries.next(&unavailable).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_clients_wait_outlasts_a_restart_of_the_server() {
        let mut retries = Retries::new(CLIENT_POLL, Instant::now());
        let unavailable = status(Code::Unavailable);
        for _ in 0..50 {
            tokio::time::advance(Duration::from_secs(5)).await;
            assert!(retries.next(&unavailable).is_some());
        }
        tokio::time::advance(Duration::from_secs(50)).await;
        assert!(retries.next(&unavailable).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn polls_never_give_up_and_overload_waits_longer() {
        let mut polls = Retries::new(TASK_POLL, Instant::now());
        tokio::time::advance(Duration::from_secs(3600)).await;
        for code in [Code::Unavailable, Code::DeadlineExceeded] {
            assert!(polls.next(&status(code)).is_some());
        }
        let mut throttled = Retries::new(ORDINARY, Instant::now());
        assert_near(
            throttled.next(&status(Code::ResourceExhausted)).unwrap(),
            1.0,
        );
        assert_near(throttled.next(&status(Code::Unavailable)).unwrap(), 0.17);
        assert_near(
            throttled.next(&status(Code::ResourceExhausted)).unwrap(),
            2.0,
        );
    }

    #[test]
    fn only_some_codes_are_retried() {
        use Code::*;
        for code in [
            DataLoss,
            Internal,
            Unknown,
            ResourceExhausted,
            Aborted,
            OutOfRange,
            Unavailable,
        ] {
            assert!(is_retryable(&status(code)), "{code:?}");
        }
        for code in [
            Cancelled,
            DeadlineExceeded,
            InvalidArgument,
            NotFound,
            PermissionDenied,
            Unauthenticated,
            FailedPrecondition,
            AlreadyExists,
            Unimplemented,
        ] {
            assert!(!is_retryable(&status(code)), "{code:?}");
        }
    }

    #[test]
    fn a_message_that_is_too_large_stays_so() {
        for text in [
            "grpc: received message larger than max (5000000 vs. 4194304)",
            "grpc: message after decompression larger than max (1 vs. 2)",
            "grpc: received message after decompression larger than max 4194304",
        ] {
            assert!(!is_retryable(&Status::resource_exhausted(text)));
        }
    }
}
