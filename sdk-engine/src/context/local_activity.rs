//! A local activity as a future.

use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use super::Context;
use crate::machines::{LocalActivityOptions, LocalActivityResolution};
use crate::shared::Place;
use crate::step::note_change;

#[derive(Debug)]
enum State {
    Waiting(u32),
    Done,
    /// Made where nothing may be scheduled; it never ends.
    Inert,
}

/// A local activity. Dropping it cancels it.
#[derive(Debug)]
#[must_use = "a local activity whose operation is dropped is canceled"]
pub struct LocalActivityOperation {
    context: Context,
    state: State,
}

impl Context {
    /// Schedules a local activity. An empty id becomes its number in the run.
    pub fn schedule_local_activity(
        &self,
        mut options: LocalActivityOptions,
        place: Place,
    ) -> LocalActivityOperation {
        let context = self.clone();
        if !self.may_act(|| format!("scheduling a local activity at {place}")) {
            let state = State::Inert;
            return LocalActivityOperation { context, state };
        }
        let scope = self.current_scope();
        let now = self.shared.now();
        let mut tables = self.shared.tables.borrow_mut();
        let (more, commands, numbers) = tables.for_local_activities();
        let table = &mut more.local_activities;
        let seq = options
            .seq
            .take()
            .unwrap_or_else(|| table.take_seq(numbers));
        let canceled = scope.is_canceled();
        table.schedule(seq, options, now, scope, place);
        if canceled {
            // Nothing was begun that a marker would have to record.
            let nobody_waits_yet = table.cancel(commands, seq, now, numbers);
            drop(nobody_waits_yet);
        }
        let state = State::Waiting(seq);
        LocalActivityOperation { context, state }
    }
}

impl LocalActivityOperation {
    /// Cancels the local activity, as its cancellation type says.
    pub fn cancel(&self) {
        if let State::Waiting(seq) = self.state
            && self
                .context
                .may_act(|| "canceling a local activity".to_owned())
        {
            let now = self.context.shared.now();
            let waker = {
                let mut tables = self.context.shared.tables.borrow_mut();
                let (more, commands, numbers) = tables.for_local_activities();
                more.local_activities.cancel(commands, seq, now, numbers)
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// Lets the local activity run to its end without anyone waiting for it.
    pub fn detach(mut self) {
        self.forget();
    }

    fn forget(&mut self) {
        if let State::Waiting(seq) = std::mem::replace(&mut self.state, State::Done) {
            note_change("dropping a local activity");
            // Not while the tables are borrowed: a waker's drop may run code of the user's.
            let rest = {
                let mut tables = self.context.shared.tables.borrow_mut();
                tables.more().local_activities.forget(seq)
            };
            drop(rest);
        }
    }
}

impl Future for LocalActivityOperation {
    /// Pending for ever when polled again after the end.
    type Output = LocalActivityResolution;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let State::Waiting(seq) = self.state else {
            return Poll::Pending;
        };
        let waker = cx.waker().clone();
        let mut tables = self.context.shared.tables.borrow_mut();
        let (poll, spare) = tables.more().local_activities.poll(seq, waker);
        drop(tables);
        drop(spare);
        if poll.is_ready() {
            self.state = State::Done;
        }
        poll
    }
}

impl Drop for LocalActivityOperation {
    fn drop(&mut self) {
        self.cancel();
        self.forget();
    }
}
