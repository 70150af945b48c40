//! Requests to a schedule: trigger, backfill, pause.

use durably_protos::temporal::api::enums::v1::ScheduleOverlapPolicy;
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
    /// Does what `PatchSchedule`, or the initial patch of a new schedule, asks for.
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

    /// Starts the action now, also if the schedule is paused or out of actions.
    pub(crate) fn trigger(
        &mut self,
        overlap_policy: ScheduleOverlapPolicy,
        now: Timestamp,
    ) -> Vec<Decision> {
        let mut request = TriggerImmediatelyRequest::default();
        request.set_overlap_policy(overlap_policy);
        let patch = SchedulePatch {
            trigger_immediately: Some(request),
            ..SchedulePatch::default()
        };
        self.patch(&patch, now)
    }

    /// Makes up for the times of a range, both bounds included, one range after the other.
    pub(crate) fn backfill(
        &mut self,
        requests: Vec<BackfillRequest>,
        now: Timestamp,
    ) -> Vec<Decision> {
        let patch = SchedulePatch {
            backfill_request: requests,
            ..SchedulePatch::default()
        };
        self.patch(&patch, now)
    }

    /// Lets times pass by until [`unpause`](Self::unpause); `note` becomes that of the schedule.
    pub(crate) fn pause(&mut self, note: &str, now: Timestamp) -> Vec<Decision> {
        self.take_elapsed(now);
        self.set_paused(true, note);
        self.advance(now)
    }

    /// Acts on times again, from `now` on.
    pub(crate) fn unpause(&mut self, note: &str, now: Timestamp) -> Vec<Decision> {
        self.take_elapsed(now);
        self.set_paused(false, note);
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
