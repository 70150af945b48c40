//! Activities: scheduled by a command, handed to a worker, ended by its answer.
//!
//! | state | left by |
//! |---|---|
//! | waiting | a poll (started), a timeout, a cancellation, a pause |
//! | started | the worker's answer, a timeout |
//! | backing off | the retry's time (waiting), schedule-to-close, a cancellation, a pause |
//! | paused | unpause, reset, a cancellation, a timeout |
//!
//! Nothing is written while attempts come and go: `ACTIVITY_TASK_STARTED` stands directly before the
//! event that ends the activity, and tells of the last attempt.

use durably_protos::temporal::api::command::v1::ScheduleActivityTaskCommandAttributes;
use durably_protos::temporal::api::common::v1::{Payload, Payloads};
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    ActivityTaskCancelRequestedEventAttributes, ActivityTaskCanceledEventAttributes,
    ActivityTaskCompletedEventAttributes, ActivityTaskScheduledEventAttributes,
    ActivityTaskStartedEventAttributes,
};

use super::pending_activity::{ActivitySettings, ActivityState, PendingActivity, StartedAttempt};
use super::write::{Notes, event};
use super::{Run, normalized_retry_policy};
use crate::server::refusal::{Answer, invalid};
use crate::server::time::{Span, Time};
use crate::server::timers::RunTimer;
use crate::server::world::{Effect, Tx};

impl Run {
    /// The command `SCHEDULE_ACTIVITY_TASK`. Gives the id of its event.
    pub(crate) fn schedule_activity(
        &mut self,
        tx: &mut Tx<'_>,
        command: ScheduleActivityTaskCommandAttributes,
        notes: Notes,
        completed_id: i64,
    ) -> i64 {
        let settings = self.settings_of(&command);
        let mut task_queue = command.task_queue;
        if let Some(queue) = &mut task_queue
            && queue.kind == 0
        {
            queue.kind = 1;
        }
        let scheduled = ActivityTaskScheduledEventAttributes {
            activity_id: command.activity_id.clone(),
            activity_type: command.activity_type,
            task_queue,
            header: command.header,
            input: command.input,
            schedule_to_close_timeout: Some(settings.schedule_to_close.duration()),
            schedule_to_start_timeout: Some(settings.schedule_to_start.duration()),
            start_to_close_timeout: Some(settings.start_to_close.duration()),
            heartbeat_timeout: Some(settings.heartbeat.duration()),
            workflow_task_completed_event_id: completed_id,
            retry_policy: Some(settings.retry_policy.clone()),
            use_workflow_build_id: command.use_workflow_build_id,
            priority: command.priority,
        };
        let activity = PendingActivity::scheduled(&scheduled, tx.now, tx.next_task_id());
        let scheduled_id = self.write_command(tx, notes, scheduled);
        self.activity_ids.insert(command.activity_id, scheduled_id);
        self.activities.insert(scheduled_id, activity);
        self.activities_in_flight += 1;
        self.arm_overall(tx, scheduled_id);
        scheduled_id
    }

    /// The settings that a command asks for, normalized.
    fn settings_of(&self, command: &ScheduleActivityTaskCommandAttributes) -> ActivitySettings {
        let given = |duration: &Option<_>| Span::of(duration.as_ref());
        let task_queue = command.task_queue.as_ref();
        let policy = command.retry_policy.clone().unwrap_or_default();
        let mut settings = ActivitySettings {
            task_queue: task_queue.map_or_else(String::new, |queue| queue.name.clone()),
            schedule_to_close: given(&command.schedule_to_close_timeout),
            schedule_to_start: given(&command.schedule_to_start_timeout),
            start_to_close: given(&command.start_to_close_timeout),
            heartbeat: given(&command.heartbeat_timeout),
            retry_policy: normalized_retry_policy(&policy),
            priority: command.priority.clone(),
        };
        settings.normalize(self.run_timeout());
        settings
    }

    /// The run timeout; zero without one.
    pub(crate) fn run_timeout(&self) -> Span {
        Span::of(self.started().workflow_run_timeout.as_ref())
    }

    /// Sends an activity to its queue: the first time, after a retry's delay, or after a pause.
    pub(crate) fn dispatch_activity(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        self.set_activity_state(scheduled_id, ActivityState::Waiting);
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        activity.attempt_scheduled_time = tx.now;
        activity.next_attempt = None;
        self.arm_waiting(tx, scheduled_id, tx.now);
        tx.effects
            .push_back(Effect::Activity(self.index, scheduled_id));
    }

    /// Arms the timeout of the wait for a worker, which began at `since`.
    pub(crate) fn arm_waiting(&mut self, tx: &mut Tx<'_>, scheduled_id: i64, since: Time) {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        activity.attempt_scheduled_time = since;
        tx.timers.clear(&mut activity.waiting_timer);
        let timeout = activity.settings.schedule_to_start;
        if !timeout.is_zero() {
            let timer = RunTimer::ActivityScheduleToStart(scheduled_id);
            activity.waiting_timer = Some(tx.arm(self.index, since.after(timeout), timer));
        }
    }

    pub(crate) fn set_activity_state(&mut self, scheduled_id: i64, state: ActivityState) {
        if let Some(activity) = self.activities.get_mut(&scheduled_id) {
            let before = PendingActivity::is_in_flight(activity.state);
            activity.state = state;
            match (before, PendingActivity::is_in_flight(state)) {
                (true, false) => self.activities_in_flight -= 1,
                (false, true) => self.activities_in_flight += 1,
                _ => {}
            }
        }
    }

    /// Gives a waiting activity to a worker.
    pub(crate) fn start_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        identity: &str,
        request_id: String,
    ) {
        self.set_activity_state(scheduled_id, ActivityState::Started);
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        tx.timers.clear(&mut activity.waiting_timer);
        activity.reset_requested = false;
        activity.started = Some(StartedAttempt {
            time: tx.now,
            identity: identity.to_owned(),
            request_id,
        });
        identity.clone_into(&mut activity.last_identity);
        activity.last_heartbeat = None;
        self.arm_attempt(tx, scheduled_id);
    }

    /// Arms the timeouts of the attempt in a worker's hands, counted from its start.
    pub(crate) fn arm_attempt(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        let Some(start) = activity.started.as_ref().map(|started| started.time) else {
            return;
        };
        tx.timers.clear(&mut activity.attempt_timer);
        tx.timers.clear(&mut activity.heartbeat_timer);
        let settings = &activity.settings;
        let arm = |tx: &mut Tx<'_>, timeout: Span, timer| {
            (!timeout.is_zero()).then(|| tx.arm(self.index, start.after(timeout), timer))
        };
        let timer = RunTimer::ActivityStartToClose(scheduled_id);
        activity.attempt_timer = arm(tx, settings.start_to_close, timer);
        let timer = RunTimer::ActivityHeartbeat(scheduled_id);
        activity.heartbeat_timer = arm(tx, settings.heartbeat, timer);
    }

    /// Arms the timeout of all attempts together.
    pub(crate) fn arm_overall(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        if let Some(activity) = self.activities.get_mut(&scheduled_id) {
            tx.timers.clear(&mut activity.overall_timer);
            if let Some(deadline) = activity.deadline() {
                let timer = RunTimer::ActivityScheduleToClose(scheduled_id);
                activity.overall_timer = Some(tx.arm(self.index, deadline, timer));
            }
        }
    }

    /// What was scheduled, from its event.
    pub(crate) fn scheduled_activity(
        &self,
        scheduled_id: i64,
    ) -> Option<&ActivityTaskScheduledEventAttributes> {
        match self.history.attributes(scheduled_id)? {
            Attributes::ActivityTaskScheduledEventAttributes(scheduled) => Some(scheduled),
            _ => None,
        }
    }

    /// The worker's result.
    pub(crate) fn complete_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        result: Option<Payloads>,
        identity: String,
    ) {
        let started_event_id = self.end_activity(tx, scheduled_id);
        let completed = ActivityTaskCompletedEventAttributes {
            result,
            scheduled_event_id: scheduled_id,
            started_event_id,
            identity,
            ..ActivityTaskCompletedEventAttributes::default()
        };
        self.record(tx, completed);
        self.wake(tx);
    }

    /// The worker has canceled the activity, as was requested.
    pub(crate) fn cancel_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        details: Option<Payloads>,
        identity: String,
    ) -> Answer<()> {
        let activity = self.activities.get(&scheduled_id);
        let requested = activity.map_or(0, |activity| activity.cancel_requested_id);
        if requested == 0 {
            return Err(invalid(
                "unable to mark activity as canceled without activity being request canceled first",
            ));
        }
        let started_event_id = self.end_activity(tx, scheduled_id);
        let canceled = ActivityTaskCanceledEventAttributes {
            details,
            latest_cancel_requested_event_id: requested,
            scheduled_event_id: scheduled_id,
            started_event_id,
            identity,
            ..ActivityTaskCanceledEventAttributes::default()
        };
        self.record(tx, canceled);
        self.wake(tx);
        Ok(())
    }

    /// The command `REQUEST_CANCEL_ACTIVITY_TASK`. An activity that no worker has is canceled at once.
    pub(crate) fn request_cancel_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        completed_id: i64,
        identity: &str,
    ) {
        let requested = ActivityTaskCancelRequestedEventAttributes {
            scheduled_event_id: scheduled_id,
            workflow_task_completed_event_id: completed_id,
        };
        let requested_id = self.write(tx, requested);
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        activity.cancel_requested_id = requested_id;
        if activity.started.is_some() {
            return;
        }
        self.end_activity(tx, scheduled_id);
        let canceled = ActivityTaskCanceledEventAttributes {
            details: Some(json("ACTIVITY_ID_NOT_STARTED")),
            latest_cancel_requested_event_id: requested_id,
            scheduled_event_id: scheduled_id,
            started_event_id: 0,
            identity: identity.to_owned(),
            ..ActivityTaskCanceledEventAttributes::default()
        };
        // Behind the events of all commands, and nowhere when one of them closes the run.
        self.buffer.push(event(tx.now, canceled));
    }

    /// Takes an activity away and writes its last start down, if it was started. Gives the id of that
    /// event, 0 where it is in the buffer or there is none.
    pub(crate) fn end_activity(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) -> i64 {
        self.set_activity_state(scheduled_id, ActivityState::Paused);
        let Some(mut activity) = self.activities.remove(&scheduled_id) else {
            return 0;
        };
        self.activity_ids.remove(&activity.activity_id);
        activity.disarm_attempt(tx);
        tx.timers.clear(&mut activity.overall_timer);
        let Some(started) = activity.started else {
            return 0;
        };
        let event = ActivityTaskStartedEventAttributes {
            scheduled_event_id: scheduled_id,
            identity: started.identity,
            request_id: started.request_id,
            attempt: activity.attempt,
            last_failure: activity.last_failure.map(Box::new),
            ..ActivityTaskStartedEventAttributes::default()
        };
        self.record_at(tx, started.time, event)
    }

    /// Ends the attempt in a worker's hands without ending the activity.
    pub(crate) fn end_attempt(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        if let Some(activity) = self.activities.get_mut(&scheduled_id) {
            activity.disarm_attempt(tx);
            activity.started = None;
            activity.last_attempt_end = Some(tx.now);
            activity.stamp = tx.next_task_id();
        }
    }

    /// The run has closed: nothing of its activities is due any more. They stay to be described.
    pub(crate) fn drop_activity_timers(&mut self, tx: &mut Tx<'_>) {
        for activity in self.activities.values_mut() {
            activity.disarm_attempt(tx);
            tx.timers.clear(&mut activity.overall_timer);
        }
    }
}

/// A text as a JSON payload.
fn json(text: &str) -> Payloads {
    let payload = Payload {
        metadata: [("encoding", "json/plain".into())].into(),
        data: format!("\"{text}\"").into(),
        ..Payload::default()
    };
    Payloads {
        payloads: vec![payload],
    }
}
