//! What operators do to activities: pause, unpause, reset. Nothing of it is written to the history.

use super::{ActivityState, Pause, Run};
use crate::server::world::Tx;

impl Run {
    /// The pending activities with this type, by their scheduled events.
    pub(crate) fn activities_of_type(&self, activity_type: &str) -> Vec<i64> {
        let activities = self.activities.iter();
        let of_type = activities.filter(|(_, activity)| activity.activity_type == activity_type);
        of_type.map(|(&id, _)| id).collect()
    }

    /// Pauses an activity: it goes to no worker any more. One that a worker has goes on; its heartbeat
    /// tells of the pause, and no attempt follows.
    pub(crate) fn pause_activity(&mut self, tx: &mut Tx<'_>, scheduled_id: i64, pause: Pause) {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        if activity.pause.is_some() {
            return;
        }
        activity.pause = Some(pause);
        if activity.state == ActivityState::Started {
            return;
        }
        tx.timers.clear(&mut activity.waiting_timer);
        activity.next_attempt = None;
        self.set_activity_state(scheduled_id, ActivityState::Paused);
    }

    /// Ends a pause: an activity that no worker has is sent to its queue at once.
    pub(crate) fn unpause_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        resets_attempts: bool,
        resets_heartbeat: bool,
    ) {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        if activity.pause.take().is_none() {
            return;
        }
        if activity.state == ActivityState::Started {
            return;
        }
        if resets_attempts {
            activity.attempt = 1;
        }
        if resets_heartbeat {
            activity.heartbeat_details = None;
            activity.last_heartbeat = None;
        }
        activity.last_failure = None;
        self.dispatch_activity(tx, scheduled_id);
    }

    /// Begins to count attempts anew. An activity that no worker has is sent to its queue at once; the
    /// heartbeat of one that a worker has tells of the reset.
    ///
    /// As on the real server, the task of a later attempt than the first is not known any more after
    /// this: its worker learns that by its next call.
    pub(crate) fn reset_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        resets_heartbeat: bool,
        keeps_paused: bool,
    ) {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        if resets_heartbeat {
            activity.heartbeat_details = None;
            activity.last_heartbeat = None;
        }
        if !keeps_paused {
            activity.pause = None;
        }
        let was_first = activity.attempt == 1;
        activity.attempt = 1;
        if activity.state == ActivityState::Started {
            activity.reset_requested = true;
            if !was_first {
                activity.stamp = tx.next_task_id();
            }
        } else if activity.pause.is_none() {
            self.dispatch_activity(tx, scheduled_id);
        }
    }
}
