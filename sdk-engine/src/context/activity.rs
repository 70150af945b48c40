//! `ScheduleActivityTask` as a future.

use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use durably_protos::temporal::api::command::v1::ScheduleActivityTaskCommandAttributes;
use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::Context;
use crate::command::Command;
use crate::machines::{
    ActivityCancellationType, ActivityIdentity, ActivityResolution, activity_canceled,
};
use crate::shared::Place;
use crate::step::note_change;

#[derive(Debug)]
enum State {
    Waiting(u32),
    /// Scheduled in a scope that was canceled before.
    Refused(Option<ActivityResolution>),
    Done,
    /// Made where nothing may be scheduled; it never ends.
    Inert,
}

/// A scheduled activity. Dropping it cancels it, unless it was detached.
#[derive(Debug)]
#[must_use = "an activity whose operation is dropped is canceled"]
pub struct ActivityOperation {
    context: Context,
    state: State,
}

impl Context {
    /// Schedules an activity. An empty `activity_id` becomes the activity's number in the run.
    pub fn schedule_activity(
        &self,
        mut attributes: ScheduleActivityTaskCommandAttributes,
        metadata: Option<UserMetadata>,
        cancellation: ActivityCancellationType,
        place: Place,
    ) -> ActivityOperation {
        if !self.may_act(|| format!("scheduling an activity at {place}")) {
            return self.activity_operation(State::Inert);
        }
        let scope = self.current_scope();
        let mut tables = self.shared.tables.borrow_mut();
        let tables = &mut *tables;
        let seq = tables.activities.take_seq();
        if attributes.activity_id.is_empty() {
            attributes.activity_id = seq.to_string();
        }
        if scope.is_canceled() {
            let identity = ActivityIdentity::of(attributes);
            let failure = activity_canceled(&identity, None);
            let resolution = ActivityResolution::Failed(Box::new(failure));
            return self.activity_operation(State::Refused(Some(resolution)));
        }
        // The command goes out before history tells who the activity is; a stack trace names it.
        let identity = ActivityIdentity {
            activity_type: attributes
                .activity_type
                .as_ref()
                .map(|kind| kind.name.clone())
                .unwrap_or_default(),
            ..ActivityIdentity::default()
        };
        let command = Command::ScheduleActivity {
            seq,
            attributes: Box::new(attributes),
            metadata: metadata.map(Box::new),
        };
        let command = tables.commands.push(command, Some(place));
        tables
            .activities
            .schedule(seq, command, identity, cancellation, scope, place);
        self.activity_operation(State::Waiting(seq))
    }

    fn activity_operation(&self, state: State) -> ActivityOperation {
        ActivityOperation {
            context: self.clone(),
            state,
        }
    }
}

impl ActivityOperation {
    /// Cancels the activity, as its cancellation type says.
    pub fn cancel(&self) {
        if let State::Waiting(seq) = self.state
            && self.context.may_act(|| "canceling an activity".to_owned())
        {
            let waker = {
                let mut tables = self.context.shared.tables.borrow_mut();
                let tables = &mut *tables;
                tables.activities.cancel(&mut tables.commands, seq)
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// Lets the activity run on without anyone waiting for it.
    pub fn detach(mut self) {
        self.forget();
    }

    fn forget(&mut self) {
        if let State::Waiting(seq) = std::mem::replace(&mut self.state, State::Done) {
            note_change("dropping an activity");
            // Not while the tables are borrowed: a waker's drop may run code of the user's.
            let rest = self
                .context
                .shared
                .tables
                .borrow_mut()
                .activities
                .forget(seq);
            drop(rest);
        }
    }
}

impl Future for ActivityOperation {
    /// `None` when polled again after the end.
    type Output = Option<ActivityResolution>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let seq = match &mut self.state {
            State::Inert => return Poll::Pending,
            State::Done => return Poll::Ready(None),
            State::Refused(resolution) => return Poll::Ready(resolution.take()),
            State::Waiting(seq) => *seq,
        };
        let waker = cx.waker().clone();
        let mut tables = self.context.shared.tables.borrow_mut();
        let (poll, spare) = tables.activities.poll(seq, waker);
        drop(tables);
        drop(spare);
        if poll.is_ready() {
            self.state = State::Done;
        }
        poll
    }
}

impl Drop for ActivityOperation {
    fn drop(&mut self) {
        self.cancel();
        self.forget();
    }
}
