//! `StartTimer` as a future.

use std::pin::Pin;
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::{Canceled, Context};
use crate::machines::TimerEnd;
use crate::shared::Place;
use crate::step::note_change;

/// The longest timer: the longest `google.protobuf.Duration`, 10,000 years. Longer ones are cut.
const MAXIMUM_TIMER: Duration = Duration::from_secs(315_576_000_000);

#[derive(Debug)]
enum State {
    Waiting(u32),
    Ended(TimerEnd),
    /// Made where nothing may be started; it never ends.
    Inert,
}

/// A running timer. Dropping it cancels it.
#[derive(Debug)]
#[must_use = "a timer that is dropped is canceled"]
pub struct TimerOperation {
    context: Context,
    state: State,
}

impl Context {
    /// Starts a timer. A duration of zero fires at once and records nothing.
    pub fn start_timer(
        &self,
        duration: Duration,
        metadata: Option<UserMetadata>,
        place: Place,
    ) -> TimerOperation {
        let state = if !self.may_act(|| format!("starting a timer at {place}")) {
            State::Inert
        } else {
            let scope = self.current_scope();
            let mut tables = self.shared.tables.borrow_mut();
            let tables = &mut *tables;
            if scope.is_canceled() {
                tables.timers.take_seq();
                State::Ended(TimerEnd::Canceled)
            } else if duration.is_zero() {
                State::Ended(TimerEnd::Fired)
            } else {
                let duration = duration.min(MAXIMUM_TIMER);
                let metadata = metadata.map(Box::new);
                State::Waiting(tables.timers.start(
                    &mut tables.commands,
                    duration,
                    metadata,
                    scope,
                    place,
                ))
            }
        };
        TimerOperation {
            context: self.clone(),
            state,
        }
    }
}

impl Context {
    /// A timer was not needed after all. It takes a number in runs of SDKs built on Temporal's core,
    /// which start it and cancel it before it is sent (protocol 3.8).
    pub fn leave_out_timer(&self) {
        if self.may_act(|| "leaving out a timer".to_owned()) {
            self.shared.tables.borrow_mut().timers.leave_out();
        }
    }
}

impl TimerOperation {
    /// Cancels the timer; whoever awaits it gets [`Canceled`].
    pub fn cancel(&self) {
        if let State::Waiting(seq) = self.state
            && self.context.may_act(|| "canceling a timer".to_owned())
        {
            let waker = {
                let mut tables = self.context.shared.tables.borrow_mut();
                let tables = &mut *tables;
                tables.timers.cancel(&mut tables.commands, seq)
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl Future for TimerOperation {
    type Output = Result<(), Canceled>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let end = match self.state {
            State::Inert => return Poll::Pending,
            State::Ended(end) => end,
            State::Waiting(seq) => {
                let waker = cx.waker().clone();
                let mut tables = self.context.shared.tables.borrow_mut();
                let (poll, spare) = tables.timers.poll(seq, waker);
                drop(tables);
                drop(spare);
                let Poll::Ready(end) = poll else {
                    return Poll::Pending;
                };
                self.state = State::Ended(end);
                end
            }
        };
        Poll::Ready(match end {
            TimerEnd::Fired => Ok(()),
            TimerEnd::Canceled => Err(Canceled),
        })
    }
}

impl Drop for TimerOperation {
    fn drop(&mut self) {
        if let State::Waiting(seq) = self.state {
            self.cancel();
            note_change("dropping a timer");
            // Not while the tables are borrowed: a waker's drop may run code of the user's.
            let waker = self.context.shared.tables.borrow_mut().timers.forget(seq);
            drop(waker);
        }
    }
}
