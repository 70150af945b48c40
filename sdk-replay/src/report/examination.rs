//! From a replay to what is wrong with its history.

use durably::replay::{ReplayError, TracedReplay, Wait, describe_event};
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    History, WorkflowExecutionStartedEventAttributes,
};
use serde::{Deserialize, Serialize};

use super::causes::{self, Case};
use super::finding::{Awaited, CommandWords, EventWords, Finding, FindingKind};
use super::payload_shape::Values;
use super::place::SourcePlace;
use super::problem::{self, problem};
use super::side_by_side::side_by_side;
use super::timeline::Timeline;
use super::trace_difference::TraceDifference;

/// One replayed history, to be looked at.
#[derive(Debug, Clone, Copy)]
pub struct Examination<'a> {
    pub(super) source: &'a str,
    pub(super) history: &'a History,
    pub(super) traced: &'a TracedReplay,
    repeated: Option<&'a TracedReplay>,
    workflow_id: Option<&'a str>,
    run_id: Option<&'a str>,
    pub(super) known_types: &'a [&'a str],
    pub(super) values: Values,
}

/// A history that today's code carries on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Where the history is from: a file, or a run on a server.
    pub source: String,
    /// The workflow's type.
    pub workflow_type: Option<String>,
    /// The workflow's id, if it is known.
    pub workflow_id: Option<String>,
    /// The run's id, if it is known.
    pub run_id: Option<String>,
    /// How many events the history has.
    pub events: usize,
}

/// What an examination comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Today's code carries the history on.
    Passed(Passed),
    /// It does not.
    Failed(Box<Finding>),
}

impl<'a> Examination<'a> {
    /// Looks at a replay of `history`; `source` says where it is from: a file, or a run on a server.
    #[must_use]
    pub fn new(source: &'a str, history: &'a History, traced: &'a TracedReplay) -> Self {
        Self {
            source,
            history,
            traced,
            repeated: None,
            workflow_id: None,
            run_id: None,
            known_types: &[],
            values: Values::Hidden,
        }
    }

    /// The workflow's id; without it the one that the history itself has.
    #[must_use]
    pub fn workflow_id(mut self, workflow_id: &'a str) -> Self {
        self.workflow_id = Some(workflow_id);
        self
    }

    /// The run's id; without it the one that the history itself has.
    #[must_use]
    pub fn run_id(mut self, run_id: &'a str) -> Self {
        self.run_id = Some(run_id);
        self
    }

    /// A second replay of the same history with the same code: it shows whether the code itself is
    /// deterministic, which it must be. A difference is a finding even when both replays passed.
    #[must_use]
    pub fn repeated(mut self, repeated: &'a TracedReplay) -> Self {
        self.repeated = Some(repeated);
        self
    }

    /// The types that are known, for the report of one that is not.
    #[must_use]
    pub fn known_workflow_types(mut self, types: &'a [&'a str]) -> Self {
        self.known_types = types;
        self
    }

    /// Shows the beginnings of payloads and the messages of failures. Without this only the shapes and
    /// the types of them are shown, since reports are often read by more people than histories. Ids,
    /// names and what the workflow's own code says when it panics are shown either way.
    #[must_use]
    pub fn show_payloads(mut self) -> Self {
        self.values = Values::Shown;
        self
    }

    /// What it comes to.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let difference = self
            .repeated
            .and_then(|repeated| TraceDifference::between(self.traced, repeated));
        match (&self.traced.result, difference) {
            (Ok(_), None) => Outcome::Passed(self.passed()),
            (Ok(_), Some(difference)) => Outcome::Failed(Box::new(self.unsteady(&difference))),
            (Err(error), difference) => {
                let finding = self.failed(error, difference.as_ref());
                Outcome::Failed(Box::new(finding))
            }
        }
    }

    fn passed(&self) -> Passed {
        let started = self.started();
        Passed {
            source: self.source.to_owned(),
            workflow_type: workflow_type(started),
            workflow_id: self.own_workflow_id(started),
            run_id: self.own_run_id(started),
            events: self.history.events.len(),
        }
    }

    /// A finding of which only the history is known.
    fn empty(&self, kind: FindingKind, problem: String) -> Finding {
        let Passed {
            source,
            workflow_type,
            workflow_id,
            run_id,
            events,
        } = self.passed();
        Finding {
            source,
            workflow_type,
            workflow_id,
            run_id,
            events,
            kind,
            problem,
            event: None,
            task_started_event_id: None,
            command: None,
            place: None,
            resumed: Vec::new(),
            waits: awaited(&self.traced.waits),
            rows: Vec::new(),
            causes: Vec::new(),
            timeline: Timeline::default(),
        }
    }

    fn failed(&self, error: &ReplayError, difference: Option<&TraceDifference>) -> Finding {
        if let Some(nondeterminism) = error.nondeterminism() {
            let case = Case::new(self, nondeterminism, difference);
            return self.diverged(&case);
        }
        let mut finding = self.empty(problem::kind(error), problem::of_error(error, self.values));
        let task = self.traced.tasks.last();
        if finding.kind == FindingKind::CodeFailed {
            finding.task_started_event_id = task.map(|task| task.started_event_id);
            finding.resumed = task.map_or(Vec::new(), |task| awaited(&task.resumed));
        }
        if let ReplayError::Run { error, .. } = error {
            finding.place = causes::place(error);
        }
        finding.event = problem::event(error, &self.history.events);
        if finding.kind == FindingKind::CodeFailed {
            let at = causes::unreadable_value(self, error).or(finding.task_started_event_id);
            finding.event = finding.event.or_else(|| self.event(at?));
        }
        finding.causes = causes::of_failure(self, error, difference);
        let mut fixes = finding
            .causes
            .iter()
            .filter_map(|cause| cause.fix.place.as_ref());
        finding.place = finding.place.take().or(fixes.next().cloned());
        if finding.kind == FindingKind::CodeFailed {
            finding.place = finding.place.take().or(self.workflow_place());
        }
        let at = finding.event.as_ref().map(|event| event.event_id);
        let at = at.or(finding.task_started_event_id);
        finding.timeline = Timeline::around(self.history, at, self.values);
        finding
    }

    fn diverged(&self, case: &Case<'_>) -> Finding {
        let mut finding = self.empty(FindingKind::Divergence, problem(case));
        let issued = case.issued();
        finding.command = issued.map(|step| CommandWords {
            command: step.words.clone(),
            place: step.place.clone(),
        });
        finding.event = Some(EventWords {
            event_id: case.divergence.event_id,
            event: case.divergence.event.clone(),
        });
        let task = issued.map(|step| step.task);
        let task = task.or(self.traced.tasks.last().map(|task| task.started_event_id));
        finding.task_started_event_id = task;
        let tasks = self.traced.tasks.iter();
        let resumed = tasks.filter(|it| Some(it.started_event_id) == task);
        finding.resumed = resumed.flat_map(|it| awaited(&it.resumed)).collect();
        finding.place = case.place().or(self.workflow_place());
        finding.rows = side_by_side(case);
        finding.causes = causes::of_divergence(case);
        let at = Some(case.divergence.event_id);
        finding.timeline = Timeline::around(self.history, at, self.values);
        finding
    }

    /// The code follows the history, yet not in the same way each time.
    fn unsteady(&self, difference: &TraceDifference) -> Finding {
        let problem = problem::not_deterministic(difference);
        let mut finding = self.empty(FindingKind::NotDeterministic, problem);
        finding.command = difference.first.clone();
        let place = difference.place().cloned();
        finding.place = place.or(self.workflow_place());
        finding.task_started_event_id = Some(difference.task_started_event_id);
        finding.causes = vec![causes::not_deterministic(difference)];
        let at = difference.event_id;
        let at = at.or(Some(difference.task_started_event_id));
        finding.event = at.and_then(|at| self.event(at));
        finding.timeline = Timeline::around(self.history, at, self.values);
        finding
    }

    /// Where the workflow's function stands: the place of what is at no call.
    pub(super) fn workflow_place(&self) -> Option<SourcePlace> {
        self.traced.workflow_place.map(SourcePlace::from)
    }

    fn event(&self, event_id: i64) -> Option<EventWords> {
        let mut events = self.history.events.iter();
        let event = events.find(|event| event.event_id == event_id)?;
        Some(EventWords {
            event_id,
            event: describe_event(event),
        })
    }

    pub(super) fn started(&self) -> Option<&'a WorkflowExecutionStartedEventAttributes> {
        match self.history.events.first()?.attributes.as_ref()? {
            Attributes::WorkflowExecutionStartedEventAttributes(started) => Some(started),
            _ => None,
        }
    }

    fn own_workflow_id(
        &self,
        started: Option<&WorkflowExecutionStartedEventAttributes>,
    ) -> Option<String> {
        let given = self.workflow_id.map(str::to_owned);
        given.or_else(|| filled(&started?.workflow_id))
    }

    fn own_run_id(
        &self,
        started: Option<&WorkflowExecutionStartedEventAttributes>,
    ) -> Option<String> {
        let given = self.run_id.map(str::to_owned);
        given.or_else(|| filled(&started?.original_execution_run_id))
    }
}

fn workflow_type(started: Option<&WorkflowExecutionStartedEventAttributes>) -> Option<String> {
    let name = &started?.workflow_type.as_ref()?.name;
    filled(name)
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn awaited(waits: &[Wait]) -> Vec<Awaited> {
    let waits = waits.iter().map(|wait| Awaited {
        what: wait.what.to_string(),
        place: wait.place.map(SourcePlace::from),
    });
    waits.collect()
}
