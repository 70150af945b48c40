//! What descriptions and lists show of a schedule.

use durably_protos::google::protobuf;
use durably_protos::temporal::api::schedule::v1::{
    Schedule, ScheduleInfo, ScheduleListInfo, ScheduleSpec,
};
use jiff::Timestamp;

use super::state::ScheduleState;
use crate::server::schedule_spec::{TooManyExclusions, proto_timestamp};

/// How many future times a description shows.
const FUTURE_TIMES: usize = 10;
/// How many future times and recent actions a list shows.
const LISTED: usize = 5;
/// How many calendars, intervals and exclusions a list shows.
const LISTED_SPECS: usize = 10;
/// The most times that `ListScheduleMatchingTimes` answers.
const MATCHING_TIMES: usize = 1000;

impl ScheduleState {
    /// The settings, with the canonical spec and all defaults.
    pub(crate) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// What `DescribeSchedule` shows beside the settings.
    pub(crate) fn info(&self) -> ScheduleInfo {
        let counters = self.counters;
        #[allow(deprecated, reason = "servers still fill in `invalid_schedule_error`")]
        ScheduleInfo {
            action_count: counters.actions,
            missed_catchup_window: counters.missed_catchup_window,
            overlap_skipped: counters.overlap_skipped,
            buffer_dropped: counters.buffer_dropped,
            buffer_size: i64::try_from(self.buffer.len()).unwrap_or(i64::MAX),
            running_workflows: self
                .running
                .iter()
                .map(|running| running.execution.clone())
                .collect(),
            recent_actions: self.recent_actions.iter().cloned().collect(),
            future_action_times: self.future_action_times(FUTURE_TIMES),
            create_time: Some(proto_timestamp(self.create_time)),
            update_time: self.update_time.map(proto_timestamp),
            invalid_schedule_error: self.search_error.clone(),
            ..ScheduleInfo::default()
        }
    }

    /// What `ListSchedules` shows.
    pub(crate) fn list_info(&self) -> ScheduleListInfo {
        let settings = self.schedule.state.as_ref();
        let hidden = self.recent_actions.len().saturating_sub(LISTED);
        ScheduleListInfo {
            spec: Some(shortened(self.spec.canonical())),
            workflow_type: self
                .action()
                .and_then(|action| action.workflow_type.clone()),
            notes: settings.map_or_else(String::new, |settings| settings.notes.clone()),
            paused: settings.is_some_and(|settings| settings.paused),
            recent_actions: self.recent_actions.iter().skip(hidden).cloned().collect(),
            future_action_times: self.future_action_times(LISTED),
            ..ScheduleListInfo::default()
        }
    }

    /// The times after `start` and not after `end`, at most 1000, as `ListScheduleMatchingTimes` answers. The state of
    /// the schedule has no say.
    pub(crate) fn matching_times(
        &self,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Vec<protobuf::Timestamp>, TooManyExclusions> {
        self.spec
            .times(&self.seed, start, end)
            .take(MATCHING_TIMES)
            .map(|time| time.map(|time| proto_timestamp(time.actual)))
            .collect()
    }

    /// Also those that a paused schedule will let pass; no more than the actions that remain.
    fn future_action_times(&self, count: usize) -> Vec<protobuf::Timestamp> {
        let count = match &self.schedule.state {
            Some(settings) if settings.limited_actions => {
                let remaining = usize::try_from(settings.remaining_actions).unwrap_or(0);
                count.min(remaining)
            }
            _ => count,
        };
        self.next_times(count)
            .map_while(Result::ok)
            .map(proto_timestamp)
            .collect()
    }
}

fn shortened(spec: &ScheduleSpec) -> ScheduleSpec {
    let mut spec = spec.clone();
    spec.timezone_data.clear();
    spec.structured_calendar.truncate(LISTED_SPECS);
    spec.exclude_structured_calendar.truncate(LISTED_SPECS);
    spec.interval.truncate(LISTED_SPECS);
    spec
}
