//! What a schedule wants done.

use durably_protos::temporal::api::common::v1::{
    Payload, Payloads, SearchAttributes, WorkflowExecution,
};
use durably_protos::temporal::api::enums::v1::ScheduleOverlapPolicy;
use durably_protos::temporal::api::failure::v1::Failure;
use jiff::Timestamp;
use serde_json::Value;

use crate::server::text::seconds_text;

/// Something to do now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    /// Start a workflow and report it with `record_started` or `record_failed`.
    Start(Box<StartAction>),
    /// Request the cancellation of a workflow, for [`CANCEL_REASON`].
    Cancel(WorkflowExecution),
    /// Terminate a workflow, for [`TERMINATE_REASON`].
    Terminate(WorkflowExecution),
}

/// The reason of a cancellation by a schedule.
pub(crate) const CANCEL_REASON: &str = "cancelled by schedule overlap policy";
/// The reason of a termination by a schedule.
pub(crate) const TERMINATE_REASON: &str = "terminated by schedule overlap policy";

/// A workflow to start, as the action of the schedule describes it, except for what stands here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StartAction {
    /// Names this start in reports to the schedule.
    pub(crate) id: u64,
    /// The configured workflow id and the nominal time.
    pub(crate) workflow_id: String,
    /// The time of the spec, or of the request.
    pub(crate) nominal_time: Timestamp,
    /// The same with jitter.
    pub(crate) actual_time: Timestamp,
    /// A trigger or a backfill: the workflow id may have been used. Otherwise it must not.
    pub(crate) manual: bool,
    /// The workflow runs beside others (`ALLOW_ALL`), and is not tracked.
    pub(crate) overlapping: bool,
    /// The result of the last workflow that succeeded; none for overlapping ones.
    pub(crate) last_completion_result: Option<Payloads>,
    /// The failure of the workflow before, if that failed; none for overlapping ones.
    pub(crate) continued_failure: Option<Failure>,
}

impl StartAction {
    /// The search attributes of the workflow: those of the action, and those that name the schedule.
    pub(crate) fn search_attributes(
        &self,
        schedule_id: &str,
        configured: Option<&SearchAttributes>,
    ) -> SearchAttributes {
        let mut attributes = configured.cloned().unwrap_or_default();
        for (name, value) in [
            (
                "TemporalScheduledStartTime",
                seconds_text(self.nominal_time),
            ),
            ("TemporalScheduledById", schedule_id.to_owned()),
        ] {
            attributes
                .indexed_fields
                .insert(name.to_owned(), json_payload(value));
        }
        attributes
    }
}

fn json_payload(text: String) -> Payload {
    Payload {
        metadata: [("encoding", "json/plain".into())].into(),
        data: Value::from(text).to_string().into(),
        ..Payload::default()
    }
}

/// A start that waits for its turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BufferedStart {
    pub(super) nominal_time: Timestamp,
    pub(super) actual_time: Timestamp,
    /// `Unspecified` is the policy of the schedule at the time of the decision.
    pub(super) overlap_policy: ScheduleOverlapPolicy,
    pub(super) manual: bool,
}
