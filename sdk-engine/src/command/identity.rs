//! What names a command: its kind, and what tells it from others of the kind.

use std::fmt;
use std::time::Duration;

use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::marker::Marker;
use super::queue::Command;
use crate::workflow::Outcome;

/// What names a command. As text it is the command in words, by the name that Temporal has for it:
/// `ScheduleActivityTask "charge" (id 3)`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields have Temporal's names")]
pub enum CommandIdentity {
    /// `ScheduleActivityTask`.
    Activity {
        activity_type: String,
        activity_id: String,
    },
    /// `RequestCancelActivityTask`.
    ActivityCancellation {
        /// The activity's number among those of the run.
        number: u32,
        scheduled_event_id: i64,
    },
    /// `StartTimer`.
    Timer {
        timer_id: u32,
        start_to_fire_timeout: Duration,
    },
    /// `CancelTimer`.
    TimerCancellation { timer_id: u32 },
    /// `StartChildWorkflowExecution`.
    Child {
        workflow_type: String,
        workflow_id: String,
    },
    /// `SignalExternalWorkflowExecution`.
    ExternalSignal {
        signal_name: String,
        workflow_id: String,
    },
    /// `RequestCancelExternalWorkflowExecution`.
    ExternalCancellation { workflow_id: String },
    /// `ScheduleNexusOperation`.
    NexusOperation {
        endpoint: String,
        service: String,
        operation: String,
    },
    /// `RequestCancelNexusOperation`.
    NexusCancellation {
        /// The operation's number among those of the run.
        number: u32,
        scheduled_event_id: i64,
    },
    /// `RecordMarker`.
    Marker(MarkerIdentity),
    /// `UpsertWorkflowSearchAttributes`.
    SearchAttributes { keys: Vec<String> },
    /// `ModifyWorkflowProperties`.
    Memo,
    /// The message that accepts an update.
    UpdateAcceptance { update_id: String },
    /// The message with an update's outcome.
    UpdateResponse { update_id: String },
    /// `CompleteWorkflowExecution`.
    Completion,
    /// `FailWorkflowExecution`.
    Failure,
    /// `CancelWorkflowExecution`.
    Cancellation,
    /// `ContinueAsNewWorkflowExecution`.
    ContinuationAsNew,
}

/// Which marker it is: what a marker's event has in common with its command. As text it is the marker
/// in words: `patch "new-carrier"`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum MarkerIdentity {
    Patch {
        id: String,
        deprecated: bool,
    },
    Version {
        id: String,
        version: i32,
    },
    SideEffect {
        number: u64,
    },
    MutableSideEffect {
        id: String,
        call: u64,
    },
    LocalActivity {
        /// Its number among those of the run.
        number: u32,
        activity_id: String,
        activity_type: String,
    },
}

impl MarkerIdentity {
    /// The marker of a `MarkerRecorded`; none for other events, and for a marker that no workflow code
    /// of this crate records, or that cannot be read.
    #[must_use]
    pub fn of_event(event: &HistoryEvent) -> Option<Self> {
        let Some(Attributes::MarkerRecordedEventAttributes(attributes)) = &event.attributes else {
            return None;
        };
        Some(Marker::read(attributes).ok()?.key)
    }
}

impl Command {
    /// What names it; none for one that was taken back.
    pub(crate) fn identity(&self) -> Option<CommandIdentity> {
        use CommandIdentity as I;
        Some(match self {
            Self::ScheduleActivity { attributes, .. } => {
                let kind = attributes.activity_type.as_ref();
                I::Activity {
                    activity_type: kind.map_or(String::new(), |kind| kind.name.clone()),
                    activity_id: attributes.activity_id.clone(),
                }
            }
            Self::RequestCancelActivity {
                seq,
                scheduled_event_id,
            } => I::ActivityCancellation {
                number: *seq,
                scheduled_event_id: *scheduled_event_id,
            },
            Self::StartTimer { seq, duration, .. } => I::Timer {
                timer_id: *seq,
                start_to_fire_timeout: *duration,
            },
            Self::CancelTimer { seq } => I::TimerCancellation { timer_id: *seq },
            Self::StartChild { attributes, .. } => {
                let kind = attributes.workflow_type.as_ref();
                I::Child {
                    workflow_type: kind.map_or(String::new(), |kind| kind.name.clone()),
                    workflow_id: attributes.workflow_id.clone(),
                }
            }
            Self::SignalExternal { attributes, .. } => {
                let target = attributes.execution.as_ref();
                I::ExternalSignal {
                    signal_name: attributes.signal_name.clone(),
                    workflow_id: target.map_or(String::new(), |target| target.workflow_id.clone()),
                }
            }
            Self::CancelExternal { attributes, .. } => I::ExternalCancellation {
                workflow_id: attributes.workflow_id.clone(),
            },
            Self::ScheduleNexusOperation { attributes, .. } => I::NexusOperation {
                endpoint: attributes.endpoint.clone(),
                service: attributes.service.clone(),
                operation: attributes.operation.clone(),
            },
            Self::RequestCancelNexusOperation {
                seq,
                scheduled_event_id,
            } => I::NexusCancellation {
                number: *seq,
                scheduled_event_id: *scheduled_event_id,
            },
            Self::RecordMarker(marker) => I::Marker(marker.key.clone()),
            Self::UpsertSearchAttributes { fields } => I::SearchAttributes {
                keys: fields.keys().cloned().collect(),
            },
            Self::ModifyProperties { .. } => I::Memo,
            Self::AcceptUpdate { id, .. } => I::UpdateAcceptance {
                update_id: id.to_string(),
            },
            Self::CompleteUpdate { id, .. } => I::UpdateResponse {
                update_id: id.to_string(),
            },
            Self::End(outcome) => match **outcome {
                Outcome::Completed(_) => I::Completion,
                Outcome::Failed(_) => I::Failure,
                Outcome::Canceled(_) => I::Cancellation,
                Outcome::ContinuedAsNew(_) => I::ContinuationAsNew,
            },
            Self::Retracted => return None,
        })
    }

    /// The command in words, for a nondeterminism report.
    pub(crate) fn describe(&self) -> String {
        let identity = self.identity();
        identity.map_or("a command taken back".to_owned(), |it| it.to_string())
    }
}

impl fmt::Display for CommandIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activity {
                activity_type,
                activity_id,
            } => write!(
                formatter,
                "ScheduleActivityTask \"{activity_type}\" (id {activity_id})"
            ),
            Self::ActivityCancellation {
                number,
                scheduled_event_id,
            } => write!(
                formatter,
                "RequestCancelActivityTask (activity {number}, scheduled by event {scheduled_event_id})"
            ),
            Self::Timer {
                timer_id,
                start_to_fire_timeout,
            } => write!(
                formatter,
                "StartTimer (id {timer_id}, {start_to_fire_timeout:?})"
            ),
            Self::TimerCancellation { timer_id } => {
                write!(formatter, "CancelTimer (id {timer_id})")
            }
            Self::Child {
                workflow_type,
                workflow_id,
            } => write!(
                formatter,
                "StartChildWorkflowExecution \"{workflow_type}\" (id {workflow_id})"
            ),
            Self::ExternalSignal {
                signal_name,
                workflow_id,
            } => write!(
                formatter,
                "SignalExternalWorkflowExecution \"{signal_name}\" (to workflow {workflow_id})"
            ),
            Self::ExternalCancellation { workflow_id } => write!(
                formatter,
                "RequestCancelExternalWorkflowExecution (workflow {workflow_id})"
            ),
            Self::NexusOperation {
                endpoint,
                service,
                operation,
            } => write!(
                formatter,
                "ScheduleNexusOperation \"{operation}\" of service \"{service}\" (endpoint {endpoint})"
            ),
            Self::NexusCancellation {
                number,
                scheduled_event_id,
            } => write!(
                formatter,
                "RequestCancelNexusOperation (operation {number}, scheduled by event {scheduled_event_id})"
            ),
            Self::Marker(marker) => write!(formatter, "RecordMarker ({marker})"),
            Self::SearchAttributes { keys } => write!(
                formatter,
                "UpsertWorkflowSearchAttributes ({})",
                keys.join(", ")
            ),
            Self::Memo => formatter.write_str("ModifyWorkflowProperties"),
            Self::UpdateAcceptance { update_id } => {
                write!(formatter, "the acceptance of update \"{update_id}\"")
            }
            Self::UpdateResponse { update_id } => {
                write!(formatter, "the response to update \"{update_id}\"")
            }
            Self::Completion => formatter.write_str("CompleteWorkflowExecution"),
            Self::Failure => formatter.write_str("FailWorkflowExecution"),
            Self::Cancellation => formatter.write_str("CancelWorkflowExecution"),
            Self::ContinuationAsNew => formatter.write_str("ContinueAsNewWorkflowExecution"),
        }
    }
}

impl fmt::Display for MarkerIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patch {
                id,
                deprecated: false,
            } => write!(formatter, "patch \"{id}\""),
            Self::Patch {
                id,
                deprecated: true,
            } => write!(formatter, "deprecated patch \"{id}\""),
            Self::Version { id, version } => write!(formatter, "version {version} of \"{id}\""),
            Self::SideEffect { number } => write!(formatter, "side effect {number}"),
            Self::MutableSideEffect { id, call } => {
                write!(formatter, "mutable side effect \"{id}\" (call {call})")
            }
            Self::LocalActivity {
                activity_type,
                number,
                ..
            } => write!(
                formatter,
                "local activity \"{activity_type}\" (number {number})"
            ),
        }
    }
}
