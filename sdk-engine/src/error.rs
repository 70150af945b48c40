//! Why a run cannot go on. Each of these fails the workflow task; the run is then evicted.

use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};

use crate::completion::WorkflowTaskFailure;
use crate::nondeterminism::Nondeterminism;
use crate::shared::Place;

/// The history given to a run is not one that a server writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// Events are missing or out of order.
    #[error(
        "event {found} follows event {last}: events are missing or out of order; fetch the history again"
    )]
    Gap {
        /// The last event applied.
        last: i64,
        /// The event that came next.
        found: i64,
    },
    /// The history does not begin with `WorkflowExecutionStarted`.
    #[error("event 1 is {found}, a history begins with WorkflowExecutionStarted")]
    NoStart {
        /// The type of event 1.
        found: String,
    },
    /// An event lacks the attributes of its type.
    #[error("event {event_id} ({event_type}) has no attributes of its type")]
    MissingAttributes {
        /// The event.
        event_id: i64,
        /// Its type.
        event_type: String,
    },
    /// An event of a type unknown to this version, which must not be skipped.
    #[error(
        "event {event_id} has type {event_type}, which this version of durably does not know; upgrade the worker"
    )]
    UnknownEvent {
        /// The event.
        event_id: i64,
        /// Its type, by number when it has no name here.
        event_type: String,
    },
    /// A marker of a kind that is unknown to this version: another SDK recorded the history.
    #[error(
        "event {event_id} is a marker \"{name}\", which durably does not know: another SDK recorded the history"
    )]
    UnknownMarker {
        /// The event.
        event_id: i64,
        /// The marker's name.
        name: String,
    },
    /// A marker lacks a part, or has one that cannot be read.
    #[error(
        "event {event_id}, a marker \"{name}\", cannot be read: its part \"{part}\" is missing or malformed"
    )]
    MalformedMarker {
        /// The event.
        event_id: i64,
        /// The marker's name.
        name: String,
        /// The key in its `details`.
        part: &'static str,
    },
    /// The history ends before the event that starts the workflow task.
    #[error(
        "the history ends with event {last}, the workflow task was started by event {started}; fetch the history again"
    )]
    Truncated {
        /// The last event.
        last: i64,
        /// `started_event_id` of the task.
        started: i64,
    },
    /// An event that cannot stand where it stands: a second start, or something after the run's end.
    #[error("event {event_id} ({event_type}) cannot stand where it stands")]
    Misplaced {
        /// The event.
        event_id: i64,
        /// Its type.
        event_type: String,
    },
    /// A workflow task that was executed here failed or timed out. The run is ahead of its history.
    #[error(
        "event {event_id} ({event_type}) says that the workflow task of event {started} had no effect, \
         but it was executed here; the run must be rebuilt from its history"
    )]
    Void {
        /// `WorkflowTaskStarted` of that task.
        started: i64,
        /// The event that should have been its `WorkflowTaskCompleted`.
        event_id: i64,
        /// Its type.
        event_type: String,
    },
    /// The same workflow task again. Its commands were given out and cannot be given out twice.
    #[error(
        "the workflow task of event {started} was executed before; the run must be rebuilt from its history"
    )]
    ExecutedBefore {
        /// `started_event_id` of the task.
        started: i64,
    },
    /// The history goes on after the workflow task: somebody else has answered it.
    #[error(
        "the workflow task of event {started} was answered elsewhere: the history goes on to event {last}"
    )]
    Overtaken {
        /// `started_event_id` of the task.
        started: i64,
        /// The last event applied.
        last: i64,
    },
    /// There was no event at all and nothing is known of the run.
    #[error("the history is empty and the run is not cached")]
    Empty,
}

/// Why a workflow task fails.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The code does not do what history says it did.
    #[error(transparent)]
    Nondeterminism(Box<Nondeterminism>),
    /// The history is not one that a server writes.
    #[error("unusable history: {0}")]
    History(#[from] HistoryError),
    /// The workflow's code panicked.
    #[error("workflow code panicked{}: {message}", place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default())]
    Panic {
        /// The panic's text.
        message: String,
        /// File, line and column, when the process notes panics.
        place: Option<String>,
    },
    /// The workflow's code waited for something that is not replayed.
    #[error(
        "workflow code waits for something outside the workflow (a tokio timer, channel or I/O); \
         it cannot be replayed: use the workflow context's timers, activities and conditions instead; \
         or its tasks wait for each other"
    )]
    ForeignWake,
    /// A context was used by something that is not part of its workflow.
    #[error(
        "the workflow's context was used outside of the workflow: {what}; only the workflow's own \
         function, handlers and spawned tasks may use it"
    )]
    OutsideUse {
        /// What it was used for.
        what: String,
    },
    /// A task without a Started event is a query, and this one is not.
    #[error(
        "the task has no Started event to execute, so it must carry one query; it carries {queries}"
    )]
    NotOneQuery {
        /// How many queries it carries.
        queries: usize,
    },
    /// The code ended the task by itself: the input cannot be decoded, say.
    #[error("{}", failure.message)]
    Code {
        /// What the code says.
        failure: Box<Failure>,
        /// The call that could not go on, if it was one.
        place: Option<Place>,
    },
    /// The run failed before and was not evicted since.
    #[error("this run failed earlier and must be evicted")]
    Poisoned,
}

impl From<Nondeterminism> for RunError {
    fn from(error: Nondeterminism) -> Self {
        Self::Nondeterminism(Box::new(error))
    }
}

impl RunError {
    /// The `WorkflowTaskFailedCause` to report (protocol 2.8).
    #[must_use]
    pub fn cause(&self) -> WorkflowTaskFailedCause {
        match self {
            Self::Nondeterminism(_) => WorkflowTaskFailedCause::NonDeterministicError,
            _ => WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
        }
    }

    /// The failure to report.
    #[must_use]
    pub fn to_failure(&self) -> Failure {
        let kind = match self {
            Self::Nondeterminism(_) => "NonDeterminismError",
            Self::History(_) => "HistoryError",
            Self::Panic { .. } => "PanicError",
            Self::ForeignWake => "ForeignWake",
            Self::OutsideUse { .. } => "OutsideUse",
            Self::NotOneQuery { .. } => "NotOneQuery",
            Self::Code { failure, .. } => return (**failure).clone(),
            Self::Poisoned => "Poisoned",
        };
        application_failure(kind, self.to_string())
    }

    /// The code failed the task at no call in particular.
    pub(crate) fn code(failure: Box<Failure>) -> Self {
        Self::Code {
            failure,
            place: None,
        }
    }

    pub(crate) fn into_failed_task(self) -> WorkflowTaskFailure {
        WorkflowTaskFailure {
            cause: self.cause(),
            failure: self.to_failure(),
        }
    }
}

/// An application failure of a type, as the engine itself reports one.
pub(crate) fn application_failure(kind: &str, message: String) -> Failure {
    Failure {
        message,
        source: "durably".to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(
            ApplicationFailureInfo {
                r#type: kind.to_owned(),
                ..Default::default()
            },
        )),
        ..Default::default()
    }
}
