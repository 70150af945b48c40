//! What is checked at the end of an environment.

use super::faults::Faults;
use super::test_env::Shared;
use crate::server::RecordedRun;

impl Shared {
    /// Makes the checks; if all is well, records what is to be recorded. What is wrong.
    pub(super) fn settle(&self, runs: &[RecordedRun]) -> Vec<String> {
        let problems = self.problems(runs);
        if problems.is_empty() {
            return self.settle_recordings(runs);
        }
        problems
    }

    /// The same where histories cannot be had.
    pub(super) fn settle_without_histories(&self) -> Vec<String> {
        let problems = self.problems(&[]);
        if problems.is_empty() {
            return self.missed_recordings();
        }
        problems
    }

    /// Everything that is wrong; nothing if all is well.
    fn problems(&self, runs: &[RecordedRun]) -> Vec<String> {
        let failure = self.backend.failure();
        if let Some(failure) = failure {
            // What else is missing follows from it.
            return vec![failure];
        }
        let mut problems = self.mocks.broken_expectations();
        if self.checks_replay {
            problems.extend(runs.iter().filter_map(|run| self.replays.check(run)));
        }
        problems
    }
}

/// The problems as one message.
pub(super) fn message(problems: &[String], faults: Option<&Faults>) -> String {
    let mut text = match problems {
        [problem] => problem.clone(),
        problems => {
            let lines = problems.iter().map(|problem| format!("\n* {problem}"));
            let lines: String = lines.collect();
            format!("{} things are wrong:{lines}", problems.len())
        }
    };
    if let Some(faults) = faults {
        text = format!("{text}\n(with {faults})");
    }
    text
}
