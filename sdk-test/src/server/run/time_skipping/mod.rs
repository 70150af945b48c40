//! The time that a run skips by itself, by its `TimeSkippingConfig`.
//!
//! Such a run has a clock of its own: the server's, and what was skipped. All its times (of events, due
//! times, deadlines) are of that clock; only the table of what is due has times of the server's, which
//! [`Tx::arm`](crate::server::world::Tx::arm) reckons. A skip does not wait for the server's clock: what is due in the run is brought
//! forward instead.
//!
//! | file | what |
//! |---|---|
//! | `configure` | config and fast-forward: at the start, when options change, in a replayed history |
//! | `skip` | when time is skipped, how far, and what is written of it |
//! | `propagate` | what children and the next run of the chain take over |
//! | `describe` | what answers show |

mod configure;
mod describe;
mod propagate;
mod skip;

pub(crate) use describe::FastForwardState;

use super::Run;
use crate::server::time::{Span, Time};
use crate::server::timers::TimerKey;

/// What a run has skipped. Its config, as it is in effect, is among the run's options.
#[derive(Debug, Default)]
pub(crate) struct TimeSkipping {
    /// How far the run's clock is ahead of the server's.
    skipped: Span,
    /// How often time was skipped since the config was last set.
    skips: i32,
    fast_forward: Option<FastForward>,
}

/// How far time is to be skipped.
#[derive(Debug)]
struct FastForward {
    /// On the run's clock.
    target: Time,
    reached: bool,
    /// When the target comes by itself, if the run is busy until then.
    timer: Option<TimerKey>,
}

impl Run {
    /// How far the run's clock is ahead of the server's.
    pub(crate) fn skipped(&self) -> Span {
        let state = self.time_skipping.as_ref();
        state.map_or(Span::ZERO, |state| state.skipped)
    }

    /// The run's clock, when the server's shows this.
    pub(crate) fn now(&self, server: Time) -> Time {
        server.after(self.skipped())
    }

    pub(super) fn fast_forward_key(&mut self) -> Option<&mut TimerKey> {
        let fast_forward = self.time_skipping.as_mut()?.fast_forward.as_mut()?;
        fast_forward.timer.as_mut()
    }

    /// Whether time is skipped when nothing is under way.
    fn skips_time(&self) -> bool {
        let config = self.options.time_skipping_config.as_ref();
        config.is_some_and(|config| config.enabled)
    }
}
