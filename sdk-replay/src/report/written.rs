//! The report: all histories of a check.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::examination::{Outcome, Passed};
use super::finding::Finding;
use super::text::TextStyle;
use super::{github, html, json, junit, text};

/// What became of all histories of a check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    checked: Vec<Checked>,
}

/// What became of one history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// What became of it.
    pub outcome: Outcome,
    /// How long its replay took.
    pub duration: Duration,
}

impl Report {
    /// A report of nothing so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a history; `duration` is how long its replay took.
    pub fn add(&mut self, outcome: Outcome, duration: Duration) {
        self.checked.push(Checked { outcome, duration });
    }

    /// Makes the files of the code relative to a folder, if they lie in it. GitHub shows annotations
    /// in files that it knows by their path in the repository.
    pub fn strip_source_root(&mut self, root: &Path) {
        for checked in &mut self.checked {
            if let Outcome::Failed(finding) = &mut checked.outcome {
                finding.strip_source_root(root);
            }
        }
    }

    /// All histories, in the order in which they were added.
    #[must_use]
    pub fn checked(&self) -> &[Checked] {
        &self.checked
    }

    /// What is wrong, in the order in which it was added.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checked.iter().filter_map(|it| match &it.outcome {
            Outcome::Failed(finding) => Some(&**finding),
            Outcome::Passed(_) => None,
        })
    }

    /// The histories that passed.
    pub fn passed(&self) -> impl Iterator<Item = &Passed> {
        self.checked.iter().filter_map(|it| match &it.outcome {
            Outcome::Passed(passed) => Some(passed),
            Outcome::Failed(_) => None,
        })
    }

    /// Whether all histories passed. A report of nothing has not passed: a check that found no
    /// history has checked nothing.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        !self.checked.is_empty() && self.findings().next().is_none()
    }

    /// How long all replays took together.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.checked.iter().map(|it| it.duration).sum()
    }

    /// The report for a terminal, without colour, 100 columns wide.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_text_with(TextStyle::default())
    }

    /// The report for a terminal.
    #[must_use]
    pub fn to_text_with(&self, style: TextStyle) -> String {
        text::write(self, style)
    }

    /// The report for programs: a JSON object whose `format` is 1, which is raised when a field
    /// changes its meaning or goes. Fields may be added without that.
    ///
    /// * `passed`, `failed`, `seconds`, `is_passed`: the sums
    /// * `types`: for each workflow type `passed` and `failed`
    /// * `findings`: [`Finding`]s, with `seconds`, and with `group`, which is the same for those that
    ///   are one change of the code
    /// * `histories`: every history with `source`, `workflow_type`, `workflow_id`, `run_id`,
    ///   `events`, `seconds` and `is_passed`
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// The findings as workflow commands of GitHub Actions, a line for each: GitHub shows them at
    /// their lines of the code. Nothing if all passed.
    #[must_use]
    pub fn to_github(&self) -> String {
        github::write(self)
    }

    /// The report for CI servers: JUnit's XML, with a test case for each history.
    #[must_use]
    pub fn to_junit(&self) -> String {
        junit::write(self)
    }

    /// The report as one HTML page that needs nothing else: no script, font or style from elsewhere.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::write(self)
    }
}
