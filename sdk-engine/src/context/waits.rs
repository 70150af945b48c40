//! For what the code waits, and where: the answer to `__stack_trace` (protocol 5.4).

use std::fmt;

use super::Context;
use crate::shared::Place;

/// Something that the code waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What it is; as text `activity "charge" (id 3)`.
    pub what: WaitedFor,
    /// The call that made it.
    pub place: Option<Place>,
}

/// The kinds of things that code waits for. As text in words: `activity "charge" (id 3)`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields have Temporal's names")]
pub enum WaitedFor {
    /// A timer.
    Timer { timer_id: u32 },
    /// An activity.
    Activity {
        activity_type: String,
        /// None if history has confirmed another command in this one's place.
        activity_id: Option<String>,
    },
    /// A local activity.
    LocalActivity { activity_type: String },
    /// A child workflow, its start or its end.
    Child {
        workflow_type: String,
        workflow_id: String,
    },
    /// A Nexus operation, its start or its end.
    NexusOperation { operation: String, service: String },
    /// The delivery of a signal to another workflow.
    ExternalSignal,
    /// The delivery of a cancel request to another workflow.
    ExternalCancellation,
    /// A condition.
    Condition,
    /// The cancellation of the workflow, or of a scope.
    Cancellation,
}

impl fmt::Display for WaitedFor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timer { timer_id } => write!(formatter, "timer (id {timer_id})"),
            Self::Activity {
                activity_type,
                activity_id: Some(id),
            } => write!(formatter, "activity \"{activity_type}\" (id {id})"),
            Self::Activity {
                activity_type,
                activity_id: None,
            } => write!(formatter, "activity \"{activity_type}\""),
            Self::LocalActivity { activity_type } => {
                write!(formatter, "local activity \"{activity_type}\"")
            }
            Self::Child {
                workflow_type,
                workflow_id,
            } => write!(
                formatter,
                "child workflow \"{workflow_type}\" (id {workflow_id})"
            ),
            Self::NexusOperation { operation, service } => write!(
                formatter,
                "Nexus operation \"{operation}\" of service \"{service}\""
            ),
            Self::ExternalSignal => formatter.write_str("a signal to another workflow"),
            Self::ExternalCancellation => {
                formatter.write_str("a cancel request to another workflow")
            }
            Self::Condition => formatter.write_str("a condition"),
            Self::Cancellation => formatter.write_str("a cancellation"),
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(formatter, "{} at {place}", self.what),
            None => self.what.fmt(formatter),
        }
    }
}

impl Context {
    /// For what the code waits just now: by kind, each by age.
    #[must_use]
    pub fn waits(&self) -> Vec<Wait> {
        let tables = self.shared.tables.borrow();
        let mut waits = Vec::new();
        let mut add = |what, place: Option<Place>| waits.push(Wait { what, place });
        for (timer_id, place) in tables.timers.waits() {
            add(WaitedFor::Timer { timer_id }, Some(place));
        }
        for (kind, id, place) in tables.activities.waits(&tables.commands) {
            let activity = WaitedFor::Activity {
                activity_type: kind.to_owned(),
                activity_id: (!id.is_empty()).then(|| id.to_owned()),
            };
            add(activity, Some(place));
        }
        if let Some(more) = &tables.more {
            for (kind, place) in more.local_activities.waits() {
                let activity_type = kind.to_owned();
                add(WaitedFor::LocalActivity { activity_type }, Some(place));
            }
            for (child, place) in more.children.waits() {
                let child = WaitedFor::Child {
                    workflow_type: child.workflow_type.to_string(),
                    workflow_id: child.workflow_id.to_string(),
                };
                add(child, Some(place));
            }
            for (operation, place) in more.nexus_operations.waits() {
                let operation = WaitedFor::NexusOperation {
                    operation: operation.operation.to_string(),
                    service: operation.service.to_string(),
                };
                add(operation, Some(place));
            }
            for place in more.signals.waits() {
                add(WaitedFor::ExternalSignal, Some(place));
            }
            for place in more.cancels.waits() {
                add(WaitedFor::ExternalCancellation, Some(place));
            }
        }
        for place in tables.conditions.waits() {
            add(WaitedFor::Condition, place);
        }
        if tables.cancel_waiters.has_waiters() {
            add(WaitedFor::Cancellation, None);
        }
        waits
    }
}
