//! The state of a schedule.

use std::collections::VecDeque;
use std::sync::Arc;

use durably_protos::temporal::api::common::v1::{Payloads, WorkflowExecution};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::schedule::v1::schedule_action::Action;
use durably_protos::temporal::api::schedule::v1::{
    Schedule, ScheduleActionResult, SchedulePolicies, ScheduleState as Settings,
};
use durably_protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;
use jiff::{SignedDuration, Timestamp};

use super::action::{BufferedStart, Decision, StartAction};
use super::backfill::Backfill;
use super::policies;
use crate::server::schedule_spec::{CompiledSpec, ScheduleSpecError};

/// A schedule and what it has done so far.
#[derive(Clone, Debug)]
pub(crate) struct ScheduleState {
    /// With the canonical spec and filled-in policies.
    pub(super) schedule: Schedule,
    pub(super) spec: Arc<CompiledSpec>,
    /// What the jitter depends on beside the time.
    pub(super) seed: Arc<str>,
    pub(super) conflict_token: i64,
    pub(super) create_time: Timestamp,
    pub(super) update_time: Option<Timestamp>,
    /// Times up to this were taken.
    pub(super) taken_until: Timestamp,
    pub(super) buffer: Vec<BufferedStart>,
    pub(super) backfills: VecDeque<Backfill>,
    pub(super) starting: Vec<StartAction>,
    pub(super) next_start_id: u64,
    pub(super) running: Vec<Running>,
    pub(super) recent_actions: VecDeque<ScheduleActionResult>,
    pub(super) last_completion_result: Option<Payloads>,
    pub(super) continued_failure: Option<Failure>,
    pub(super) counters: Counters,
    pub(super) wake: Option<Timestamp>,
    /// Why no further times are found, if that is an error.
    pub(super) search_error: String,
}

/// A tracked workflow.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Running {
    pub(super) execution: WorkflowExecution,
    pub(super) cancel_requested: bool,
    pub(super) terminate_requested: bool,
}

/// What `ScheduleInfo` counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) actions: i64,
    pub(super) missed_catchup_window: i64,
    pub(super) overlap_skipped: i64,
    pub(super) buffer_dropped: i64,
}

/// A refused update.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScheduleUpdateError {
    /// `INVALID_ARGUMENT`.
    #[error("Invalid schedule spec: {0}")]
    Spec(#[from] ScheduleSpecError),
    /// `FAILED_PRECONDITION`: the schedule changed since the caller described it.
    #[error("mismatched conflict token")]
    ConflictToken,
}

/// The conflict token of a new schedule.
const FIRST_CONFLICT_TOKEN: i64 = 1;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

impl ScheduleState {
    /// A schedule as of `now`. `seed` decides on the jitter; by the real server it is the id of the namespace and
    /// that of the schedule, joined by `-`. Call [`advance`](Self::advance) or [`patch`](Self::patch) next.
    pub(crate) fn new(
        schedule: Schedule,
        seed: &str,
        now: Timestamp,
    ) -> Result<Self, ScheduleSpecError> {
        let (schedule, spec) = prepared(schedule)?;
        let mut state = Self {
            schedule,
            spec: Arc::new(spec),
            seed: seed.into(),
            conflict_token: FIRST_CONFLICT_TOKEN,
            create_time: now,
            update_time: None,
            taken_until: now,
            buffer: Vec::new(),
            backfills: VecDeque::new(),
            starting: Vec::new(),
            next_start_id: 1,
            running: Vec::new(),
            recent_actions: VecDeque::new(),
            last_completion_result: None,
            continued_failure: None,
            counters: Counters::default(),
            wake: None,
            search_error: String::new(),
        };
        state.plan_wake(now, false);
        Ok(state)
    }

    /// Replaces all settings, but not what was done so far. Times before `now` that were not taken are not any more.
    ///
    /// An empty token matches any state of the schedule.
    pub(crate) fn update(
        &mut self,
        schedule: Schedule,
        conflict_token: &[u8],
        now: Timestamp,
    ) -> Result<Vec<Decision>, ScheduleUpdateError> {
        if !conflict_token.is_empty() && conflict_token != self.conflict_token() {
            return Err(ScheduleUpdateError::ConflictToken);
        }
        let (schedule, spec) = prepared(schedule)?;
        self.take_elapsed(now);
        // A time whose jitter is still to pass must be found; what is earlier is out of date.
        let earliest = now.checked_sub(spec.max_jitter()).unwrap_or(now);
        let earliest = earliest.checked_sub(SECOND).unwrap_or(earliest);
        self.taken_until = self.taken_until.max(earliest);
        (self.schedule, self.spec) = (schedule, Arc::new(spec));
        self.update_time = Some(now);
        self.conflict_token += 1;
        Ok(self.advance(now))
    }

    /// A token that changes with every change of the settings.
    pub(crate) fn conflict_token(&self) -> [u8; 8] {
        self.conflict_token.to_be_bytes()
    }

    /// When to call [`advance`](Self::advance) next; `None` while nothing but a request or the end of a workflow can
    /// bring about an action.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.wake
    }

    /// The workflow that the schedule starts.
    pub(crate) fn action(&self) -> Option<&NewWorkflowExecutionInfo> {
        match self.schedule.action.as_ref()?.action.as_ref()? {
            Action::StartWorkflow(start) => Some(start),
        }
    }

    pub(super) fn policies(&self) -> SchedulePolicies {
        self.schedule.policies.unwrap_or_default()
    }

    pub(super) fn settings(&mut self) -> &mut Settings {
        self.schedule.state.get_or_insert_default()
    }

    /// Whether times of the spec bring about actions.
    pub(super) fn acts_on_times(&self) -> bool {
        let settings = self.schedule.state.as_ref();
        settings.is_none_or(|settings| {
            !settings.paused && (!settings.limited_actions || settings.remaining_actions > 0)
        })
    }
}

fn prepared(mut schedule: Schedule) -> Result<(Schedule, CompiledSpec), ScheduleSpecError> {
    policies::fill(&mut schedule);
    let spec = CompiledSpec::new(&schedule.spec.take().unwrap_or_default())?;
    schedule.spec = Some(spec.canonical().clone());
    Ok((schedule, spec))
}
