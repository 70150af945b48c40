//! What is checked at the end of an environment.

use super::test_env::Shared;
use crate::server::{RecordedRun, TestServer};

impl Shared {
    /// Everything that is wrong; nothing if all is well.
    pub(super) fn problems(&self, runs: &[RecordedRun]) -> Vec<String> {
        let failure = self.backend.as_embedded().and_then(TestServer::failure);
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
pub(super) fn message(problems: &[String]) -> String {
    match problems {
        [problem] => problem.clone(),
        problems => {
            let lines = problems.iter().map(|problem| format!("\n* {problem}"));
            format!(
                "{} things are wrong:{}",
                problems.len(),
                lines.collect::<String>()
            )
        }
    }
}
