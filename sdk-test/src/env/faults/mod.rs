//! Trouble between workers and server, as a seed has it.

mod dice;
mod layer;
mod message;
mod nudge;

use std::fmt;
use std::time::Duration;

pub(super) use dice::Dice;
pub(super) use layer::Faulty;
pub(super) use message::change as change_message;
pub(super) use nudge::nudge;

/// Trouble for a test environment: calls and answers that are lost, late, or come twice, workers that
/// forget their runs or are killed. [`TestEnvBuilder::faults`](super::TestEnvBuilder::faults) brings it
/// about; a durable workflow ends as if nothing had happened.
///
/// ```
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use durably_test::{Faults, TestEnv};
///
/// let faults = Faults::seeded(7)
///     .drop_requests(0.02)
///     .drop_answers(0.05)
///     .delay(0.2, Duration::from_millis(20))
///     .duplicate(0.05)
///     .evict_caches(0.2)
///     .kill_workers(Duration::from_millis(200));
/// let env = TestEnv::builder().faults(faults).start().await;
/// # }
/// ```
///
/// Each chance is between 0 and 1, of one call. The fate of the n-th call of a method follows from the
/// seed, whatever happens besides; in which order calls of different threads come does not. The seed is
/// part of every message with which an environment fails.
///
/// Where a task is lost with its answer, or with its worker, the server gives it up by its timeout. An
/// environment with faults moves its clock there as soon as nothing else moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    pub(super) seed: u64,
    drop_requests: f64,
    drop_answers: f64,
    delay: (f64, Duration),
    duplicate: f64,
    evict_caches: f64,
    pub(super) worker_life: Option<Duration>,
}

impl Faults {
    /// No trouble yet; where it comes from is this seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            seed,
            drop_requests: 0.0,
            drop_answers: 0.0,
            delay: (0.0, Duration::ZERO),
            duplicate: 0.0,
            evict_caches: 0.0,
            worker_life: None,
        }
    }

    /// The chance that a call does not reach the server: the caller sees `UNAVAILABLE`.
    #[must_use]
    pub fn drop_requests(mut self, chance: f64) -> Self {
        self.drop_requests = chance;
        self
    }

    /// The chance that the server does what a call asks for, and its answer is lost: the caller sees
    /// `UNAVAILABLE`. A task that a poll would have brought is lost with it.
    #[must_use]
    pub fn drop_answers(mut self, chance: f64) -> Self {
        self.drop_answers = chance;
        self
    }

    /// The chance that a call is held up on its way, and another time on its way back, for up to
    /// `longest` of real time: calls overtake one another.
    #[must_use]
    pub fn delay(mut self, chance: f64, longest: Duration) -> Self {
        self.delay = (chance, longest);
        self
    }

    /// The chance that a call, other than a poll, comes to the server twice. The caller sees the second
    /// answer.
    #[must_use]
    pub fn duplicate(mut self, chance: f64) -> Self {
        self.duplicate = chance;
        self
    }

    /// The chance, for each workflow task, that the next one does not come back to the worker that has
    /// the run in memory, or comes with the whole history.
    #[must_use]
    pub fn evict_caches(mut self, chance: f64) -> Self {
        self.evict_caches = chance;
        self
    }

    /// Kills each worker after a time of up to twice this, and starts it anew.
    #[must_use]
    pub fn kill_workers(mut self, mean_life: Duration) -> Self {
        self.worker_life = Some(mean_life);
        self
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (delay, longest) = self.delay;
        write!(
            formatter,
            "Faults::seeded({}): {} of requests and {} of answers dropped, {delay} delayed up to {longest:?}, {} \
             duplicated, {} evicted, ",
            self.seed, self.drop_requests, self.drop_answers, self.duplicate, self.evict_caches
        )?;
        match self.worker_life {
            Some(life) => write!(formatter, "workers live {life:?}"),
            None => formatter.write_str("workers are not killed"),
        }
    }
}
