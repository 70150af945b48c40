//! The difference between what history has and what the code did, as data.

use std::fmt;
use std::panic::Location;

/// The code, run against a recorded history, does something else than it did when recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nondeterminism {
    /// The event at which the two part.
    pub event_id: i64,
    /// That event in words: `ActivityTaskScheduled "charge" (id 3)`.
    pub event: String,
    /// How they part.
    pub divergence: Divergence,
}

/// How code and history part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Divergence {
    /// History has the event of a command which the code did not issue.
    MissingCommand,
    /// The code issued another command than history has.
    OtherCommand {
        /// The code's command in words.
        command: String,
        /// Where the code issued it; none for the run's end.
        location: Option<&'static Location<'static>>,
    },
    /// The same command, of another thing: another activity type, another timer.
    OtherIdentity {
        /// The code's command in words.
        command: String,
        /// Where the code issued it; none for the run's end.
        location: Option<&'static Location<'static>>,
        /// Which field differs, by its name in the event.
        field: &'static str,
        /// The field's value in history.
        history: String,
        /// The field's value in the code's command.
        code: String,
    },
    /// The code issued a command which history does not have.
    ExtraCommand {
        /// The code's command in words.
        command: String,
        /// Where the code issued it; none for the run's end.
        location: Option<&'static Location<'static>>,
    },
    /// The event belongs to something that the code never started.
    UnknownInitiator {
        /// The id of the event that started it.
        initiating_event_id: i64,
    },
    /// The event does not fit the state of the thing it belongs to.
    UnexpectedEvent {
        /// That state in words.
        state: String,
    },
    /// The code ended the run, history goes on.
    EventAfterEnd,
}

impl Divergence {
    /// Where the code issued the command in question, if there is one.
    #[must_use]
    pub fn location(&self) -> Option<&'static Location<'static>> {
        match self {
            Self::OtherCommand { location, .. }
            | Self::OtherIdentity { location, .. }
            | Self::ExtraCommand { location, .. } => *location,
            _ => None,
        }
    }
}

impl fmt::Display for Nondeterminism {
    /// Starts with `[TMPRL1100]`, the code by which tools of all SDKs know this error.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[TMPRL1100] nondeterminism: ")?;
        let (id, event) = (self.event_id, &self.event);
        if let Some(location) = self.divergence.location() {
            write!(formatter, "{location}: ")?;
        }
        match &self.divergence {
            Divergence::MissingCommand => {
                write!(
                    formatter,
                    "history (event {id}) has {event}, the code issued no command for it"
                )
            }
            Divergence::OtherCommand { command, .. } => {
                write!(
                    formatter,
                    "code issues {command}, history (event {id}) has {event}"
                )
            }
            Divergence::OtherIdentity {
                command,
                field,
                history,
                code,
                ..
            } => write!(
                formatter,
                "code issues {command}, history (event {id}) has {event}: {field} is \"{history}\" in history and \"{code}\" in the code"
            ),
            Divergence::ExtraCommand { command, .. } => write!(
                formatter,
                "code issues {command}, which history does not have before event {id} ({event})"
            ),
            Divergence::UnknownInitiator {
                initiating_event_id,
            } => write!(
                formatter,
                "history (event {id}) has {event} for event {initiating_event_id}, which the code did not start"
            ),
            Divergence::UnexpectedEvent { state } => write!(
                formatter,
                "history (event {id}) has {event}, which does not fit {state}"
            ),
            Divergence::EventAfterEnd => write!(
                formatter,
                "the code ended the workflow, history (event {id}) goes on with {event}"
            ),
        }?;
        write!(
            formatter,
            "; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"
        )
    }
}

impl std::error::Error for Nondeterminism {}
