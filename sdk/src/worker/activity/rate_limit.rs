//! How many activities a worker starts in a second.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// For how long back unused starts may be made up for. Timers are exact to a millisecond, so that
/// high rates need bursts.
const BURST: Duration = Duration::from_millis(10);

/// Spaces starts evenly. Each start is given a time; one that comes early waits for it.
#[derive(Debug)]
pub(super) struct RateLimit {
    interval: Duration,
    /// When the next start is due, were it not for bursts.
    next: Mutex<Instant>,
}

impl RateLimit {
    /// The rate must be positive; one too small to be told from none is one start in a century.
    pub(super) fn new(per_second: f64) -> Self {
        const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
        Self {
            interval: Duration::try_from_secs_f64(1.0 / per_second)
                .map_or(CENTURY, |interval| interval.min(CENTURY)),
            next: Mutex::new(Instant::now()),
        }
    }

    /// Waits until another start is allowed. One that is dropped while it waits has used its turn.
    pub(super) async fn acquire(&self) {
        let due = {
            let mut next = self.lock();
            let due = (*next).max(self.earliest());
            *next = due + self.interval;
            due
        };
        sleep_until(due).await;
    }

    /// Takes a start that is allowed now.
    pub(super) fn try_acquire(&self) -> bool {
        let mut next = self.lock();
        let due = (*next).max(self.earliest());
        let allowed = due <= Instant::now();
        if allowed {
            *next = due + self.interval;
        }
        allowed
    }

    /// Gives a start back that was not made.
    pub(super) fn release(&self) {
        let mut next = self.lock();
        if let Some(earlier) = next.checked_sub(self.interval) {
            *next = earlier;
        }
    }

    /// The oldest turn that can still be used.
    fn earliest(&self) -> Instant {
        let now = Instant::now();
        now.checked_sub(BURST).unwrap_or(now)
    }

    fn lock(&self) -> MutexGuard<'_, Instant> {
        // Nothing panics while it holds the lock.
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn starts_are_spaced() {
        let limit = RateLimit::new(10.0);
        let began = Instant::now();
        for _ in 0..11 {
            limit.acquire().await;
        }
        let elapsed = began.elapsed();
        assert!((980..=1010).contains(&elapsed.as_millis()), "{elapsed:?}");
        assert!(!limit.try_acquire());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(limit.try_acquire());
        assert!(!limit.try_acquire(), "an idle time is not made up for");
        limit.release();
        assert!(limit.try_acquire());
    }

    #[tokio::test(start_paused = true)]
    async fn high_rates_are_reached() {
        let limit = RateLimit::new(50_000.0);
        let began = Instant::now();
        for _ in 0..50_000 {
            limit.acquire().await;
        }
        let elapsed = began.elapsed();
        assert!((900..=1100).contains(&elapsed.as_millis()), "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn odd_rates_do_no_harm() {
        for rate in [f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::NAN] {
            RateLimit::new(rate).try_acquire();
        }
    }
}
