//! Timers of the workflow.

use durably_protos::temporal::api::command::v1::StartTimerCommandAttributes;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    TimerCanceledEventAttributes, TimerFiredEventAttributes, TimerStartedEventAttributes,
};

use super::Run;
use super::write::Notes;
use crate::server::time::{Span, Time};
use crate::server::timers::{RunTimer, TimerKey};
use crate::server::world::Tx;

/// A timer that has not fired.
#[derive(Debug)]
pub(crate) struct PendingTimer {
    pub(crate) started_id: i64,
    pub(crate) due: Time,
    /// None while the run is being rebuilt.
    pub(crate) key: Option<TimerKey>,
}

impl Run {
    /// The command `START_TIMER`.
    pub(crate) fn start_timer(
        &mut self,
        tx: &mut Tx<'_>,
        command: StartTimerCommandAttributes,
        notes: Notes,
        completed_id: i64,
    ) {
        let timeout = Span::of(command.start_to_fire_timeout.as_ref());
        let due = tx.now.after(timeout);
        let started = TimerStartedEventAttributes {
            timer_id: command.timer_id.clone(),
            // What is too long is written as long as it can be.
            start_to_fire_timeout: command.start_to_fire_timeout.map(|_| timeout.duration()),
            workflow_task_completed_event_id: completed_id,
        };
        let started_id = self.write_command(tx, notes, started);
        let key = tx.arm(self.index, due, RunTimer::User(command.timer_id.clone()));
        let timer = PendingTimer {
            started_id,
            due,
            key: Some(key),
        };
        self.timers.insert(command.timer_id, timer);
    }

    /// The command `CANCEL_TIMER`. Cancels a timer that fired while the worker did not know it, too:
    /// its event is taken out of the buffer.
    pub(crate) fn cancel_timer(
        &mut self,
        tx: &mut Tx<'_>,
        timer_id: String,
        completed_id: i64,
        identity: &str,
    ) {
        let started_event_id = match self.timers.remove(&timer_id) {
            Some(mut timer) => {
                tx.timers.clear(&mut timer.key);
                timer.started_id
            }
            None => match self.buffered_fire(&timer_id) {
                Some(place) => started_of(&self.buffer.remove(place).attributes),
                None => return,
            },
        };
        let canceled = TimerCanceledEventAttributes {
            timer_id,
            started_event_id,
            workflow_task_completed_event_id: completed_id,
            identity: identity.to_owned(),
        };
        self.write(tx, canceled);
    }

    /// Where in the buffer a timer fires.
    pub(crate) fn buffered_fire(&self, timer_id: &str) -> Option<usize> {
        self.buffer
            .iter()
            .position(|event| match &event.attributes {
                Some(Attributes::TimerFiredEventAttributes(fired)) => fired.timer_id == timer_id,
                _ => false,
            })
    }

    /// A timer is due.
    pub(crate) fn fire_timer(&mut self, tx: &mut Tx<'_>, timer_id: String) {
        let Some(timer) = self.timers.remove(&timer_id) else {
            return;
        };
        let fired = TimerFiredEventAttributes {
            timer_id,
            started_event_id: timer.started_id,
        };
        self.record(tx, fired);
        self.wake(tx);
    }

    /// The run has closed: nothing is due any more.
    pub(crate) fn drop_timers(&mut self, tx: &mut Tx<'_>) {
        for mut timer in std::mem::take(&mut self.timers).into_values() {
            tx.timers.clear(&mut timer.key);
        }
    }
}

fn started_of(attributes: &Option<Attributes>) -> i64 {
    match attributes {
        Some(Attributes::TimerFiredEventAttributes(fired)) => fired.started_event_id,
        _ => 0,
    }
}
