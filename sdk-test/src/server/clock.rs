//! The server's clock, and what moves it.

use std::time::Instant;

use super::time::{Span, Time};

/// How the clock moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockMode {
    /// With real time, and at once to the next thing that is due when nothing is under way and a
    /// caller waits for something to come.
    #[default]
    AutoSkip,
    /// Only when it is told to.
    Manual,
    /// With real time.
    RealTime,
}

/// The clock.
#[derive(Debug)]
pub(crate) struct Clock {
    pub(crate) mode: ClockMode,
    origin: Time,
    started: Instant,
    skipped: Span,
}

impl Clock {
    pub(crate) fn new(mode: ClockMode, origin: Time) -> Self {
        Self {
            mode,
            origin,
            started: Instant::now(),
            skipped: Span::ZERO,
        }
    }

    pub(crate) fn now(&self) -> Time {
        let moved = match self.mode {
            ClockMode::Manual => Span::ZERO,
            ClockMode::AutoSkip | ClockMode::RealTime => Span::from_std(self.started.elapsed()),
        };
        self.origin.after(moved).after(self.skipped)
    }

    /// Moves the clock from `now` to a later time; one that has passed changes nothing.
    pub(crate) fn skip(&mut self, now: Time, to: Time) {
        let further = to.since(now);
        self.skipped = Span(self.skipped.0.saturating_add(further.0));
    }

    /// How much of the time has not passed but been skipped.
    pub(crate) fn skipped(&self) -> Span {
        self.skipped
    }
}
