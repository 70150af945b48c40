//! What is wrong with one history.

use durably::replay::ReplayError;
use serde::{Deserialize, Serialize};

use super::causes::Cause;
use super::payload_shape::Values;
use super::place::SourcePlace;
use super::problem;
use super::side_by_side::Row;
use super::timeline::Timeline;

/// Which kind of trouble a history has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// The code does not do what history says it did.
    Divergence,
    /// The code does not do the same in two replays of the same history.
    NotDeterministic,
    /// The code panicked, cannot read an argument or a result, or waits for something outside.
    CodeFailed,
    /// The events are not such as a server writes them.
    BrokenHistory,
    /// No workflow of this type is known.
    UnknownWorkflowType,
    /// The file or the answer is no history.
    Unreadable,
    /// The server did not give it.
    NotFetched,
}

impl FindingKind {
    /// In words, for a heading.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Divergence => "the code does not follow the history",
            Self::NotDeterministic => "the code is not deterministic",
            Self::CodeFailed => "the code fails",
            Self::BrokenHistory => "the history is broken",
            Self::UnknownWorkflowType => "unknown workflow type",
            Self::Unreadable => "not a readable history",
            Self::NotFetched => "the history could not be fetched",
        }
    }
}

/// An event, with its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventWords {
    /// Its id.
    pub event_id: i64,
    /// In words: `ActivityTaskScheduled "charge" (id 3)`.
    pub event: String,
}

/// A command of the code's, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandWords {
    /// In words: `ScheduleActivityTask "ship" (id 3)`.
    pub command: String,
    /// The call that issued it; none for the run's end.
    pub place: Option<SourcePlace>,
}

/// Something that the code waited for, or waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// In words: `activity "charge" (id 3)`.
    pub what: String,
    /// The call that made it.
    pub place: Option<SourcePlace>,
}

/// What is wrong with one history: where, why, what to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Where the history is from: a file, or a run on a server.
    pub source: String,
    /// The workflow's type, if the history says it.
    pub workflow_type: Option<String>,
    /// The workflow's id, if it is known.
    pub workflow_id: Option<String>,
    /// The run's id, if it is known.
    pub run_id: Option<String>,
    /// How many events the history has.
    pub events: usize,
    /// The kind of trouble.
    pub kind: FindingKind,
    /// The trouble in one sentence.
    pub problem: String,
    /// The event at which code and history part.
    pub event: Option<EventWords>,
    /// `WorkflowTaskStarted` of the workflow task in which the code did it.
    pub task_started_event_id: Option<i64>,
    /// The code's command.
    pub command: Option<CommandWords>,
    /// Where in the code it is: that of the command, of a panic, of what the code waits for, or else
    /// the last call that it made before. What is at no call of the code, an input that cannot be read
    /// any more, say, is at the workflow's function.
    pub place: Option<SourcePlace>,
    /// The awaits after which the code issued the command.
    pub resumed: Vec<Awaited>,
    /// For what the code waits at the end.
    pub waits: Vec<Awaited>,
    /// History and code side by side, around the place.
    pub rows: Vec<Row>,
    /// What may be the reason, the likeliest first, each with what to do.
    pub causes: Vec<Cause>,
    /// The history in time; shortened around the place.
    pub timeline: Timeline,
}

impl Finding {
    /// A file or an answer that is no history at all.
    #[must_use]
    pub fn unreadable(source: impl Into<String>, problem: impl Into<String>) -> Self {
        let cause = super::causes::unreadable();
        Self::alone(
            source.into(),
            FindingKind::Unreadable,
            problem.into(),
            Some(cause),
        )
    }

    /// A history that the server did not give.
    pub(crate) fn not_fetched(source: String, problem: String) -> Self {
        Self::alone(source, FindingKind::NotFetched, problem, None)
    }

    /// A replay that failed, of whose history nothing is known any more.
    pub(crate) fn of_error(source: String, error: &ReplayError) -> Self {
        // What is known of values is in the history: without it, none is shown.
        let words = problem::of_error(error, Values::Hidden);
        Self::alone(source, problem::kind(error), words, None)
    }

    /// A replay that failed, and passed when it was done again.
    pub(crate) fn passed_later(source: String, error: &ReplayError) -> Self {
        let words = problem::of_error(error, Values::Hidden);
        Self::unsteady(
            source,
            format!("The replay failed at first, and passed when it was done again. {words}"),
        )
    }

    /// A history of which two replays differ, and nothing more is known.
    pub(crate) fn unsteady(source: String, problem: String) -> Self {
        let cause = super::causes::unsteady();
        Self::alone(source, FindingKind::NotDeterministic, problem, Some(cause))
    }

    /// A finding of which only the trouble is known.
    fn alone(source: String, kind: FindingKind, problem: String, cause: Option<Cause>) -> Self {
        Self {
            source,
            workflow_type: None,
            workflow_id: None,
            run_id: None,
            events: 0,
            kind,
            causes: cause.into_iter().collect(),
            problem,
            event: None,
            task_started_event_id: None,
            command: None,
            place: None,
            resumed: Vec::new(),
            waits: Vec::new(),
            rows: Vec::new(),
            timeline: Timeline::default(),
        }
    }

    /// Makes files of the code relative to a folder, mostly the repository's.
    pub(super) fn strip_source_root(&mut self, root: &std::path::Path) {
        let awaited = self.resumed.iter_mut().chain(&mut self.waits);
        let places = awaited.filter_map(|it| it.place.as_mut());
        let command = self.command.iter_mut().filter_map(|it| it.place.as_mut());
        let fixes = self
            .causes
            .iter_mut()
            .filter_map(|it| it.fix.place.as_mut());
        let rows = self.rows.iter_mut().filter_map(|it| it.code.as_mut());
        let rows = rows.filter_map(|it| it.place.as_mut());
        for place in places
            .chain(command)
            .chain(fixes)
            .chain(rows)
            .chain(&mut self.place)
        {
            place.strip(root);
        }
    }

    /// What history has at the place, in words.
    pub(super) fn event_fact(&self) -> Option<String> {
        let EventWords { event_id, event } = self.event.as_ref()?;
        let is_extra = self
            .rows
            .iter()
            .any(|row| row.diverges && row.history.is_none());
        Some(match is_extra {
            true => format!("nothing before event {event_id}, {event}"),
            false => format!("event {event_id}, {event}"),
        })
    }

    /// The workflow, as people look for it: `order-7`, or else the source.
    #[must_use]
    pub fn name(&self) -> &str {
        self.workflow_id.as_deref().unwrap_or(&self.source)
    }
}
