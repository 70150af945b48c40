//! A file that is to hold histories, and what becomes of it.

use std::path::PathBuf;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use durably_protos::temporal::api::history::v1::History;
use durably_replay::report::{Outcome, Report};

use super::super::test_env::Shared;
use super::error::RecordingError;
use super::file::HistoryFile;
use super::policy::Policy;
use super::scrub::scrubbed;
use crate::server::RecordedRun;

/// A file that is to hold histories.
#[derive(Debug)]
pub(in crate::env) struct Wanted {
    path: PathBuf,
    /// The only workflow of it; all if there is none.
    pub(super) workflow_id: Option<String>,
    pub(super) is_scrubbed: bool,
}

impl Wanted {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            workflow_id: None,
            is_scrubbed: false,
        }
    }

    /// Replays the file that is there, or writes it.
    pub(in crate::env) fn settle(
        &self,
        env: &Shared,
        runs: &[RecordedRun],
    ) -> Result<(), RecordingError> {
        let file = HistoryFile::new(&self.path)?;
        match Policy::from_env()? {
            Policy::RecordMissing | Policy::Check if file.exists() => replay(&file, env),
            Policy::Check => Err(RecordingError::Missing {
                path: file.name().to_owned(),
            }),
            Policy::RecordMissing | Policy::Overwrite => self.write(&file, env, runs),
        }
    }

    fn write(
        &self,
        file: &HistoryFile,
        env: &Shared,
        runs: &[RecordedRun],
    ) -> Result<(), RecordingError> {
        let path = || file.name().to_owned();
        let histories = self.chosen(file, env, runs)?;
        if let Some(report) = report(env, file.name(), &histories) {
            let path = path();
            return Err(RecordingError::Unsteady { path, report });
        }
        if !self.is_scrubbed {
            return file.write(&histories);
        }
        let histories = scrubbed(&histories, |history| env.replays.drawn_id(history));
        let histories = histories.map_err(|error| RecordingError::Unwritable {
            path: path(),
            problem: error.to_string(),
        })?;
        if let Some(report) = report(env, file.name(), &histories) {
            let path = path();
            return Err(RecordingError::Scrubbed { path, report });
        }
        file.write(&histories)
    }

    /// The histories that the file is to hold.
    fn chosen(
        &self,
        file: &HistoryFile,
        env: &Shared,
        runs: &[RecordedRun],
    ) -> Result<Vec<History>, RecordingError> {
        let is_wanted = |run: &&RecordedRun| {
            let workflow_id = self.workflow_id.as_ref();
            workflow_id.is_none_or(|workflow_id| *workflow_id == run.workflow_id)
                && env.replays.knows(&run.workflow_type)
                && !env.mocks.is_workflow_mocked(&run.workflow_type)
        };
        let runs = runs.iter().filter(is_wanted);
        let histories: Vec<_> = runs.map(|run| run.history.clone()).collect();
        if !histories.is_empty() {
            return Ok(histories);
        }
        let what = match &self.workflow_id {
            Some(workflow_id) => format!("there is no run of workflow \"{workflow_id}\""),
            None => "no workflow was started".to_owned(),
        };
        let path = file.name().to_owned();
        Err(RecordingError::Nothing { path, what })
    }
}

/// Replays what the file has.
fn replay(file: &HistoryFile, env: &Shared) -> Result<(), RecordingError> {
    let mut report = Report::new();
    for recorded in file.read()? {
        let source = recorded.place.to_string();
        let outcome = env.replays.examine(&source, &recorded.history);
        report.add(outcome, Duration::ZERO);
    }
    if report.is_passed() {
        return Ok(());
    }
    Err(RecordingError::Changed {
        path: file.name().to_owned(),
        report: report.to_text(),
    })
}

/// What does not replay, if something does not.
fn report(env: &Shared, source: &str, histories: &[History]) -> Option<String> {
    let mut report = Report::new();
    for history in histories {
        if let outcome @ Outcome::Failed(_) = env.replays.examine(source, history) {
            report.add(outcome, Duration::ZERO);
        }
    }
    (report.findings().count() > 0).then(|| report.to_text())
}

impl Shared {
    /// Gives its number.
    pub(super) fn add_recording(&self, wanted: Wanted) -> usize {
        let mut recordings = self.recordings();
        recordings.push(Some(wanted));
        recordings.len() - 1
    }

    pub(super) fn change_recording<T>(
        &self,
        number: usize,
        change: impl FnOnce(&mut Option<Wanted>) -> T,
    ) -> T {
        change(&mut self.recordings()[number])
    }

    /// Does what is left to do, and says what went wrong.
    pub(in crate::env) fn settle_recordings(&self, runs: &[RecordedRun]) -> Vec<String> {
        let wanted = self.take_recordings();
        let settled = wanted.iter().map(|wanted| wanted.settle(self, runs));
        let errors = settled.filter_map(Result::err);
        errors.map(|error| error.to_string()).collect()
    }

    /// What is left to do, where it cannot be done any more.
    pub(in crate::env) fn missed_recordings(&self) -> Vec<String> {
        let wanted = self.take_recordings();
        let errors = wanted.iter().map(|wanted| RecordingError::NeedsFinish {
            path: wanted.path.display().to_string(),
        });
        errors.map(|error| error.to_string()).collect()
    }

    /// Each is settled once; their numbers stay.
    fn take_recordings(&self) -> Vec<Wanted> {
        let mut recordings = self.recordings();
        recordings.iter_mut().filter_map(Option::take).collect()
    }

    fn recordings(&self) -> MutexGuard<'_, Vec<Option<Wanted>>> {
        self.recordings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
