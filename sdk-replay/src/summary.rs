//! What became of each history.

use std::fmt;
use std::time::Duration;

use durably::client::HistoriesError;
use durably::replay::{Nondeterminism, ReplayError};
use durably_history::{Place, ReadError};
use durably_protos::temporal::api::history::v1::History;

use crate::report::{self, Finding, Passed, Report};

/// What became of each history, in the order in which they were found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ReplaySummary {
    /// An entry for each history.
    pub histories: Vec<ReplayedHistory>,
    /// The replay ended early, at the first failure, as it was told to.
    pub ended_early: bool,
}

/// A history, and what became of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReplayedHistory {
    /// Where it was found.
    pub place: Place,
    /// The workflow's id; empty if unknown.
    pub workflow_id: String,
    /// The run's id; empty if unknown.
    pub run_id: String,
    /// The workflow's type; empty if the history cannot be read.
    pub workflow_type: String,
    /// How many events were replayed, or would have been.
    pub events: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// How long the replay took.
    pub duration: Duration,
    /// Where, why, and what to do, if it failed.
    pub finding: Option<Box<Finding>>,
    /// The events, if the replay failed and
    /// [`keep_failed_histories`](crate::Replayer::keep_failed_histories) was called.
    pub history: Option<History>,
}

/// What became of a history.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The code follows it to its end.
    Replayed,
    /// It was passed over.
    Skipped(SkipReason),
    /// It cannot be read, or the code does not follow it.
    Failed(Problem),
}

/// Why a history was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its workflow type is none of those asked for.
    OtherType,
    /// Its workflow type is not registered, and such histories are to be skipped.
    NotRegistered,
}

/// Why a history is not replayed, or does not replay.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It cannot be fetched.
    #[error(transparent)]
    Fetch(#[from] HistoriesError),
    /// The code does not follow it.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The code follows it, but did something else when it was replayed again:
    /// [`replay_twice`](crate::Replayer::replay_twice).
    #[error("two replays of the same history differ: the code is not deterministic")]
    Unsteady,
}

impl Problem {
    /// The difference between code and history, if that is the problem.
    pub fn nondeterminism(&self) -> Option<&Nondeterminism> {
        match self {
            Self::Replay(error) => error.nondeterminism(),
            _ => None,
        }
    }

    /// What a report says where the events are not at hand: the file was changed or removed while the
    /// replay ran, or there never was one.
    fn finding(&self, source: String) -> Finding {
        match self {
            Self::Read(_) => Finding::unreadable(source, self.to_string()),
            Self::Fetch(_) => Finding::not_fetched(source, self.to_string()),
            Self::Replay(error) => Finding::of_error(source, error),
            Self::Unsteady => Finding::unsteady(source, self.to_string()),
        }
    }
}

impl ReplayedHistory {
    /// What a report says of it; nothing if it was passed over.
    fn examined(&self) -> Option<report::Outcome> {
        match (&self.outcome, &self.finding) {
            (Outcome::Skipped(_), _) => None,
            (Outcome::Replayed, _) => Some(report::Outcome::Passed(Passed {
                source: self.place.to_string(),
                workflow_type: known(&self.workflow_type),
                workflow_id: known(&self.workflow_id),
                run_id: known(&self.run_id),
                events: self.events,
            })),
            (Outcome::Failed(_), Some(finding)) => Some(report::Outcome::Failed(finding.clone())),
            (Outcome::Failed(problem), None) => {
                let finding = self.named(problem.finding(self.place.to_string()));
                Some(report::Outcome::Failed(Box::new(finding)))
            }
        }
    }

    /// The finding with what is known of the history.
    pub(crate) fn named(&self, finding: Finding) -> Finding {
        Finding {
            workflow_type: known(&self.workflow_type),
            workflow_id: known(&self.workflow_id),
            run_id: known(&self.run_id),
            events: self.events,
            ..finding
        }
    }

    /// Why it failed, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.outcome {
            Outcome::Failed(problem) => Some(problem),
            _ => None,
        }
    }
}

fn known(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl ReplaySummary {
    /// What to show people and programs: text, JSON, annotations, a page. Histories that were passed
    /// over are left out.
    pub fn report(&self) -> Report {
        let mut report = Report::new();
        for history in &self.histories {
            if let Some(outcome) = history.examined() {
                report.add(outcome, history.duration);
            }
        }
        report
    }

    /// How many histories the code follows.
    pub fn replayed(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Replayed))
    }

    /// How many histories were passed over.
    pub fn skipped(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Skipped(_)))
    }

    /// The histories that failed.
    pub fn failures(&self) -> impl Iterator<Item = &ReplayedHistory> {
        let histories = self.histories.iter();
        histories.filter(|history| history.problem().is_some())
    }

    /// How many events the code followed, in the histories that replayed.
    pub fn events(&self) -> usize {
        let histories = self.histories.iter();
        let replayed = histories.filter(|history| matches!(history.outcome, Outcome::Replayed));
        replayed.map(|history| history.events).sum()
    }

    fn count(&self, is_counted: impl Fn(&Outcome) -> bool) -> usize {
        let histories = self.histories.iter();
        histories
            .filter(|history| is_counted(&history.outcome))
            .count()
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OtherType => "its workflow type was not asked for",
            Self::NotRegistered => "its workflow type is not registered",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FindingKind;

    /// The kind and the type in the report of a failure of which no finding was made.
    fn reported(problem: Problem) -> (FindingKind, Option<String>) {
        let summary = ReplaySummary {
            histories: vec![ReplayedHistory {
                workflow_type: "buy".to_owned(),
                events: 12,
                ..crate::source::unread(Place::named("a.json"), problem)
            }],
            ended_early: false,
        };
        let report = summary.report();
        let finding = report.findings().next().expect("it failed");
        (finding.kind, finding.workflow_type.clone())
    }

    #[test]
    fn a_failure_without_a_finding_has_its_kind() {
        let buy = || Some("buy".to_owned());
        let unknown = ReplayError::UnknownWorkflow {
            workflow_type: "buy".to_owned(),
        };
        assert_eq!(
            reported(unknown.into()),
            (FindingKind::UnknownWorkflowType, buy())
        );
        let no_start = reported(ReplayError::NoStart.into());
        assert_eq!(no_start, (FindingKind::BrokenHistory, buy()));
        let outside = ReplayError::Run {
            workflow_type: "buy".to_owned(),
            error: durably::replay::RunError::ForeignWake,
        };
        assert_eq!(reported(outside.into()), (FindingKind::CodeFailed, buy()));
        let unsteady = reported(Problem::Unsteady);
        assert_eq!(unsteady, (FindingKind::NotDeterministic, buy()));
        let empty = ReadError::Empty {
            input: "a.json".to_owned(),
        };
        assert_eq!(reported(empty.into()), (FindingKind::Unreadable, buy()));
    }
}
