//! Events of activities.

use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use crate::server::run::{PendingActivity, Run};
use crate::server::time::Time;
use crate::server::world::Tx;

impl Run {
    /// Takes over an event of an activity; whether it was one. How far its attempts had come is
    /// nowhere: it waits for its first.
    pub(super) fn replay_activity(
        &mut self,
        tx: &mut Tx<'_>,
        attributes: &A,
        id: i64,
        time: Time,
    ) -> bool {
        match attributes {
            A::ActivityTaskScheduledEventAttributes(scheduled) => {
                let activity = PendingActivity::scheduled(scheduled, time, tx.next_task_id());
                self.activity_ids.insert(scheduled.activity_id.clone(), id);
                self.activities.insert(id, activity);
                self.activities_in_flight += 1;
            }
            A::ActivityTaskCancelRequestedEventAttributes(requested) => {
                if let Some(activity) = self.activities.get_mut(&requested.scheduled_event_id) {
                    activity.cancel_requested_id = id;
                }
            }
            // It stands directly before the event that ends the activity, or in the same flush.
            A::ActivityTaskStartedEventAttributes(_) => {}
            A::ActivityTaskCompletedEventAttributes(ended) => {
                self.forget_activity(ended.scheduled_event_id);
            }
            A::ActivityTaskFailedEventAttributes(ended) => {
                self.forget_activity(ended.scheduled_event_id);
            }
            A::ActivityTaskTimedOutEventAttributes(ended) => {
                self.forget_activity(ended.scheduled_event_id);
            }
            A::ActivityTaskCanceledEventAttributes(ended) => {
                self.forget_activity(ended.scheduled_event_id);
            }
            _ => return false,
        }
        true
    }

    fn forget_activity(&mut self, scheduled_id: i64) {
        if let Some(activity) = self.activities.remove(&scheduled_id) {
            // Its event may have waited in the buffer while another one of that name began.
            let id = &activity.activity_id;
            if self.activity_ids.get(id) == Some(&scheduled_id) {
                self.activity_ids.remove(id);
            }
            self.activities_in_flight -= 1;
        }
    }
}
