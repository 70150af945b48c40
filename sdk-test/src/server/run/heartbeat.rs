//! Heartbeats of activities.

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::workflowservice::v1::RecordActivityTaskHeartbeatResponse;

use super::Run;
use crate::server::world::Tx;

impl Run {
    /// Notes that the activity lives, and tells its worker what is wanted of it.
    ///
    /// The timer of the heartbeat timeout stays as it is: when it is due it looks at the last heartbeat.
    pub(crate) fn heartbeat(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        details: Option<Payloads>,
    ) -> RecordActivityTaskHeartbeatResponse {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return RecordActivityTaskHeartbeatResponse::default();
        };
        activity.last_heartbeat = Some(tx.now);
        activity.heartbeat_details = details;
        RecordActivityTaskHeartbeatResponse {
            cancel_requested: activity.cancel_requested_id != 0,
            activity_paused: activity.pause.is_some(),
            activity_reset: activity.reset_requested,
        }
    }
}
