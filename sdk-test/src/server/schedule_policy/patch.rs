//! Requests to a schedule: trigger, backfill, pause.

use durably_protos::temporal::api::schedule::v1::{
    BackfillRequest, SchedulePatch, TriggerImmediatelyRequest,
};
use jiff::Timestamp;

use super::action::{BufferedStart, Decision};
use super::advance::MAX_BUFFER;
use super::backfill::Backfill;
use super::state::ScheduleState;
use crate::server::schedule_spec::timestamp_of;

impl ScheduleState {
    /// Does what `PatchSchedule`, or the initial patch of a new schedule, asks for, also if the schedule is paused or
    /// out of actions. A backfill makes up for the times of its range, both bounds included.
    pub(crate) fn patch(&mut self, patch: &SchedulePatch, now: Timestamp) -> Vec<Decision> {
        self.take_elapsed(now);
        if let Some(request) = &patch.trigger_immediately {
            self.add_trigger(request, now);
        }
        for request in &patch.backfill_request {
            self.add_backfill(request);
        }
        if !patch.pause.is_empty() {
            self.set_paused(true, &patch.pause);
        }
        if !patch.unpause.is_empty() {
            self.set_paused(false, &patch.unpause);
        }
        self.advance(now)
    }

    pub(super) fn set_paused(&mut self, paused: bool, note: &str) {
        let settings = self.settings();
        settings.paused = paused;
        note.clone_into(&mut settings.notes);
        self.conflict_token += 1;
    }

    /// The time of the request, when it has one, is the nominal time.
    fn add_trigger(&mut self, request: &TriggerImmediatelyRequest, now: Timestamp) {
        let time = request.scheduled_time.as_ref().map_or(now, timestamp_of);
        self.buffer_start(BufferedStart {
            nominal_time: time,
            actual_time: time,
            overlap_policy: request.overlap_policy(),
            manual: true,
        });
    }

    fn add_backfill(&mut self, request: &BackfillRequest) {
        if self.backfills.len() < MAX_BUFFER {
            self.backfills.push_back(Backfill::new(request));
        } else {
            self.counters.buffer_dropped += 1;
        }
    }
}
