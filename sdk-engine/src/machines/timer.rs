//! A timer (protocol 4.1): `StartTimer`, `TimerStarted`, then `TimerFired` or `TimerCanceled`.
//!
//! | from | input | to | effects |
//! |---|---|---|---|
//! | `StartIssued` | `Cancel` | `Canceled` | `Retract`, `ResolveCanceled` |
//! | `StartIssued` | `TimerStarted` | `Started` | |
//! | `Started` | `TimerFired` | `Fired` | `ResolveFired` |
//! | `Started` | `Cancel` | `CancelIssued` | `IssueCancel`, `ResolveCanceled` |
//! | `CancelIssued` | `TimerCanceled` | `Canceled` | |
//! | `CancelIssued` | `Cancel` | `CancelIssued` | |
//! | `Fired` | `Cancel` | `Fired` | |
//! | `Canceled` | `Cancel` | `Canceled` | |
//!
//! An unlisted event is nondeterminism. The timer's id is its sequence number in decimal.

use std::collections::BTreeMap;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use durably_protos::temporal::api::sdk::v1::UserMetadata;

use crate::command::{Command, CommandId, CommandQueue};
use crate::context::{OperationKind, Reach, Scope};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimerState {
    StartIssued,
    Started,
    Fired,
    CancelIssued,
    Canceled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimerInput {
    Cancel,
    TimerStarted,
    TimerFired,
    TimerCanceled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Retract,
    IssueCancel,
    ResolveFired,
    ResolveCanceled,
}

impl TimerState {
    fn next(self, input: TimerInput) -> Option<(Self, &'static [Effect])> {
        use Effect::{IssueCancel, ResolveCanceled, ResolveFired, Retract};

        Some(match (self, input) {
            (Self::StartIssued, TimerInput::Cancel) => {
                (Self::Canceled, &[Retract, ResolveCanceled])
            }
            (Self::StartIssued, TimerInput::TimerStarted) => (Self::Started, &[]),
            (Self::Started, TimerInput::TimerFired) => (Self::Fired, &[ResolveFired]),
            (Self::Started, TimerInput::Cancel) => {
                (Self::CancelIssued, &[IssueCancel, ResolveCanceled])
            }
            (Self::CancelIssued, TimerInput::TimerCanceled) => (Self::Canceled, &[]),
            (Self::CancelIssued | Self::Fired | Self::Canceled, TimerInput::Cancel) => (self, &[]),
            _ => return None,
        })
    }

    fn is_final(self) -> bool {
        matches!(self, Self::Fired | Self::Canceled)
    }
}

/// How a timer ended for the code that waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimerEnd {
    Fired,
    Canceled,
}

#[derive(Debug)]
struct Timer {
    state: TimerState,
    command: CommandId,
    location: &'static Location<'static>,
    scope: Rc<Scope>,
    end: Option<TimerEnd>,
    waker: Option<Waker>,
    /// Nobody waits for it any more.
    forgotten: bool,
}

/// The timers of a run that are open or not yet seen by the code.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    open: BTreeMap<u32, Box<Timer>>,
    next: u32,
    /// Those that are left out take a number as well.
    numbers_left_out: bool,
}

impl Timers {
    /// See [`leave_out`](Self::leave_out).
    pub(crate) fn number_left_out(&mut self) {
        self.numbers_left_out = true;
    }

    /// A timer was not needed after all.
    pub(crate) fn leave_out(&mut self) {
        if self.numbers_left_out {
            self.take_seq();
        }
    }

    pub(crate) fn take_seq(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    pub(crate) fn start(
        &mut self,
        commands: &mut CommandQueue,
        duration: Duration,
        metadata: Option<Box<UserMetadata>>,
        scope: Rc<Scope>,
        location: &'static Location<'static>,
    ) -> u32 {
        let seq = self.take_seq();
        let command = commands.push(
            Command::StartTimer {
                seq,
                duration,
                metadata,
            },
            Some(location),
        );
        let timer = Timer {
            state: TimerState::StartIssued,
            command,
            location,
            scope,
            end: None,
            waker: None,
            forgotten: false,
        };
        timer.scope.enter(OperationKind::Timer, seq);
        self.open.insert(seq, Box::new(timer));
        seq
    }

    /// Puts an input to a timer. Gives the waker of the code that waits, if the timer ended for it.
    ///
    /// # Errors
    /// The timer's state in words, when the input does not fit it.
    pub(crate) fn apply(
        &mut self,
        commands: &mut CommandQueue,
        seq: u32,
        input: TimerInput,
    ) -> Result<Option<Waker>, String> {
        let Some(timer) = self.open.get_mut(&seq) else {
            return if input == TimerInput::Cancel {
                Ok(None)
            } else {
                Err(format!(
                    "timer {seq}, which the code did not start or which has ended"
                ))
            };
        };
        let Some((state, effects)) = timer.state.next(input) else {
            return Err(format!("timer {seq} in state {:?}", timer.state));
        };
        timer.state = state;
        for effect in effects {
            match effect {
                Effect::Retract => {
                    commands.retract(timer.command);
                }
                Effect::IssueCancel => {
                    commands.push(Command::CancelTimer { seq }, Some(timer.location));
                }
                Effect::ResolveFired => timer.end = Some(TimerEnd::Fired),
                Effect::ResolveCanceled => timer.end = Some(TimerEnd::Canceled),
            }
        }
        let waker = timer.end.and_then(|_| timer.waker.take());
        self.sweep(seq);
        Ok(waker)
    }

    /// The code cancels a timer.
    pub(crate) fn cancel(&mut self, commands: &mut CommandQueue, seq: u32) -> Option<Waker> {
        // Every state has a row for a cancel, as the table test shows.
        self.apply(commands, seq, TimerInput::Cancel)
            .unwrap_or_default()
    }

    /// Gives the end, or keeps the waker. The second part is a waker to drop, outside of any borrow.
    pub(crate) fn poll(&mut self, seq: u32, waker: Waker) -> (Poll<TimerEnd>, Option<Waker>) {
        let Some(timer) = self.open.get_mut(&seq) else {
            return (Poll::Ready(TimerEnd::Canceled), Some(waker));
        };
        if let Some(end) = timer.end {
            timer.forgotten = true;
            self.sweep(seq);
            return (Poll::Ready(end), Some(waker));
        }
        (Poll::Pending, timer.waker.replace(waker))
    }

    /// Nobody waits for the timer any more; the caller has canceled it if it should be.
    pub(crate) fn forget(&mut self, seq: u32) -> Option<Waker> {
        let timer = self.open.get_mut(&seq)?;
        timer.forgotten = true;
        let waker = timer.waker.take();
        self.sweep(seq);
        waker
    }

    /// The timers that wait where a cancellation reaches, in order of creation.
    pub(crate) fn waiting_within(&self, reach: &Reach) -> Vec<u32> {
        reach.within(OperationKind::Timer, &self.open, |timer| {
            timer.end.is_none().then_some(&timer.scope)
        })
    }

    /// Whether some code waits for a timer.
    pub(crate) fn has_waiters(&self) -> bool {
        self.open.values().any(|timer| timer.waker.is_some())
    }

    /// The timers that code waits for, and where.
    pub(crate) fn waits(&self) -> impl Iterator<Item = (u32, &'static Location<'static>)> {
        let awaited = self.open.iter().filter(|(_, timer)| timer.waker.is_some());
        awaited.map(|(seq, timer)| (*seq, timer.location))
    }

    fn sweep(&mut self, seq: u32) {
        if self
            .open
            .get(&seq)
            .is_some_and(|timer| timer.forgotten && timer.state.is_final())
            && let Some(ended) = self.open.remove(&seq)
        {
            ended.scope.leave(OperationKind::Timer, seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machines::table;

    #[test]
    fn the_table_is_the_machine() {
        use TimerInput as I;
        use TimerState as S;
        table::check(
            include_str!("timer.rs"),
            &[
                S::StartIssued,
                S::Started,
                S::Fired,
                S::CancelIssued,
                S::Canceled,
            ],
            &[I::Cancel, I::TimerStarted, I::TimerFired, I::TimerCanceled],
            S::next,
        );
    }

    #[test]
    fn a_timer_leaves_the_table_when_it_ended_and_was_seen() {
        let mut timers = Timers::default();
        let mut commands = CommandQueue::default();
        let here = Location::caller();
        let seq = timers.start(
            &mut commands,
            Duration::from_secs(1),
            None,
            Rc::default(),
            here,
        );
        timers
            .apply(&mut commands, seq, TimerInput::TimerStarted)
            .unwrap();
        timers
            .apply(&mut commands, seq, TimerInput::TimerFired)
            .unwrap();
        assert_eq!(
            timers.poll(seq, Waker::noop().clone()).0,
            Poll::Ready(TimerEnd::Fired)
        );
        assert!(timers.open.is_empty());
        assert!(
            timers
                .apply(&mut commands, seq, TimerInput::TimerFired)
                .is_err()
        );
    }
}
