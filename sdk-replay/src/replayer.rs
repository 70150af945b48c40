//! The replayer: what it knows, and what it is given to replay.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use durably::definition::{WorkflowImplementation, WorkflowInit};
use durably::interceptor::WorkflowInterceptor;
use durably::payload::codec::{PayloadCodec, PayloadCodecError};
use durably::payload::{Parameters, ToPayload};
use durably::replay::{PayloadDecoder, ReplayError, Replayer as Core};
use durably::workflow::{DuplicateWorkflow, WorkflowContext};
use durably_history::{HistoryReader, Place, ReadLimits, RecordedHistory};
use durably_protos::temporal::api::history::v1::History;

use crate::report::{self, Examination, Finding};
use crate::source::{Source, unread};
use crate::summary::{Outcome, Problem, ReplaySummary, ReplayedHistory, SkipReason};
use crate::until::cut_after;
use crate::{ReplayFailure, files, pool};

/// Replays histories against the workflows that are registered with it.
///
/// Every method that replays gives a [`ReplaySummary`] if all histories replay, and a
/// [`ReplayFailure`] if one does not, or if there is none.
#[derive(Debug, Clone, Default)]
pub struct Replayer {
    pub(crate) core: Core,
    duplicate: Option<DuplicateWorkflow>,
    types: BTreeSet<String>,
    skip_unregistered: bool,
    until_event: Option<i64>,
    fail_fast: bool,
    keep_failed: bool,
    twice: bool,
    show_payloads: bool,
    threads: usize,
    limits: ReadLimits,
    decoder: Option<PayloadDecoder>,
}

impl Replayer {
    /// A replayer that knows no workflow yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a workflow: `.workflow(OrderSaga::run)`. That another one has the same name is an error
    /// of the replay.
    #[must_use]
    pub fn workflow<W>(self, workflow: W) -> Self
    where
        W: WorkflowInit,
        W::Parameters: Parameters,
        W::Output: ToPayload,
    {
        let added = self.core.clone().workflow(workflow);
        self.added(added)
    }

    /// Adds a workflow whose state this function makes, as
    /// [`WorkerBuilder::workflow_with`](durably::worker::WorkerBuilder::workflow_with) does.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # use durably_replay::Replayer;
    /// struct Greeter {
    ///     greeting: &'static str,
    /// }
    ///
    /// #[workflow]
    /// impl Greeter {
    ///     #[run]
    ///     async fn run(&self, _ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    ///         Ok(format!("{}, {name}!", self.greeting))
    ///     }
    /// }
    ///
    /// let replayer =
    ///     Replayer::new().workflow_with(Greeter::run, |_, _| Greeter { greeting: "Hello" });
    /// ```
    #[must_use]
    pub fn workflow_with<W, F>(self, workflow: W, make: F) -> Self
    where
        W: WorkflowImplementation,
        W::Parameters: Parameters,
        W::Output: ToPayload,
        F: Fn(&WorkflowContext, &W::Parameters) -> W::State + Send + Sync + 'static,
    {
        let added = self.core.clone().workflow_with(workflow, make);
        self.added(added)
    }

    fn added(mut self, added: Result<Core, DuplicateWorkflow>) -> Self {
        match added {
            Ok(core) => self.core = core,
            Err(duplicate) => self.duplicate = self.duplicate.or(Some(duplicate)),
        }
        self
    }

    /// Replays only histories of these workflow types; the others are passed over.
    #[must_use]
    pub fn workflow_types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.types.extend(types.into_iter().map(Into::into));
        self
    }

    /// Passes over histories of workflow types that are not registered. They are failures
    /// otherwise: a test that forgets a workflow would pass for ever.
    #[must_use]
    pub fn skip_unregistered(mut self) -> Self {
        self.skip_unregistered = true;
        self
    }

    /// Replays each history up to this event, and leaves out the rest. A workflow task some of whose
    /// commands come after the event is left out as a whole.
    #[must_use]
    pub fn until_event(mut self, event_id: i64) -> Self {
        self.until_event = Some(event_id);
        self
    }

    /// Ends at the first failure. All histories are replayed otherwise.
    #[must_use]
    pub fn fail_fast(mut self) -> Self {
        self.fail_fast = true;
        self
    }

    /// Replays on so many threads; on that of the caller alone by default.
    #[must_use]
    pub fn parallel(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Keeps the events of histories that fail in the summary, for reports of one's own.
    #[must_use]
    pub fn keep_failed_histories(mut self) -> Self {
        self.keep_failed = true;
        self
    }

    /// Replays each history twice and compares what the code did, which finds code that depends on
    /// something else than its history: randomness, clocks, the order of hash maps, statics. It takes a
    /// few times as long.
    #[must_use]
    pub fn replay_twice(mut self) -> Self {
        self.twice = true;
        self
    }

    /// Shows the beginnings of payloads in reports, and the messages of failures; they give only shapes
    /// and types otherwise, since reports are read by more people than histories.
    #[must_use]
    pub fn show_payloads(mut self) -> Self {
        self.show_payloads = true;
        self
    }

    /// Puts an interceptor around the workflows that are replayed, within those added before, as their
    /// workers do: see
    /// [`WorkerBuilder::workflow_interceptor`](durably::worker::WorkerBuilder::workflow_interceptor).
    ///
    /// ```
    /// # use durably::interceptor::WorkflowInterceptor;
    /// use durably_replay::Replayer;
    /// # struct Tenants;
    /// # impl WorkflowInterceptor for Tenants {}
    ///
    /// let replayer = Replayer::new().workflow_interceptor(|_ctx| Tenants);
    /// ```
    #[must_use]
    pub fn workflow_interceptor<I: WorkflowInterceptor>(
        mut self,
        make: impl Fn(&WorkflowContext) -> I + Send + Sync + 'static,
    ) -> Self {
        self.core = self.core.workflow_interceptor(make);
        self
    }

    /// Decodes the payloads of the histories first: with the codec of the clients and workers that
    /// recorded them ([`ConnectOptions::payload_codec`](durably::client::ConnectOptions::payload_codec)).
    #[must_use]
    pub fn payload_codec(mut self, codec: impl PayloadCodec) -> Self {
        self.decoder = Some(PayloadDecoder::new(codec));
        self
    }

    /// Sets what files may hold.
    #[must_use]
    pub fn limits(mut self, limits: ReadLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Replays one history.
    ///
    /// # Errors
    /// See [`ReplayFailure`].
    pub fn replay(&self, history: RecordedHistory) -> Result<ReplaySummary, ReplayFailure> {
        let searched = history.place.to_string();
        self.replay_sources(&searched, std::iter::once(Source::from(history)))
    }

    /// Replays histories from anywhere: a [`HistoryReader`], a list.
    ///
    /// # Errors
    /// See [`ReplayFailure`].
    pub fn replay_histories<I>(&self, histories: I) -> Result<ReplaySummary, ReplayFailure>
    where
        I: IntoIterator<Item = RecordedHistory>,
        I::IntoIter: Send,
    {
        let sources = histories.into_iter().map(Source::from);
        self.replay_sources("what was given", sources)
    }

    /// Replays the histories of a file, which may have one or several.
    ///
    /// # Errors
    /// See [`ReplayFailure`].
    pub fn replay_file(&self, path: impl AsRef<Path>) -> Result<ReplaySummary, ReplayFailure> {
        let path = path.as_ref();
        let searched = path.display().to_string();
        self.replay_files(&searched, vec![path.to_owned()])
    }

    /// Replays the histories in a folder, and in the folders in it: files with the extensions `json`,
    /// `jsonl`, `ndjson`, `pb`, `binpb` and `bin`, each also followed by `.gz`. Other files and hidden
    /// ones are left out, as are folders behind links.
    ///
    /// A relative path is that of the package in tests that `cargo test` runs.
    ///
    /// # Errors
    /// See [`ReplayFailure`].
    pub fn replay_dir(&self, directory: impl AsRef<Path>) -> Result<ReplaySummary, ReplayFailure> {
        let directory = directory.as_ref();
        let files = files::of_directory(directory)?;
        self.replay_files(&directory.display().to_string(), files)
    }

    /// Replays the histories in the files that a pattern names: `tests/histories/**/order-*.json`.
    ///
    /// # Errors
    /// See [`ReplayFailure`].
    pub fn replay_glob(&self, pattern: &str) -> Result<ReplaySummary, ReplayFailure> {
        self.replay_files(pattern, files::of_pattern(pattern)?)
    }

    fn replay_files(
        &self,
        searched: &str,
        files: Vec<PathBuf>,
    ) -> Result<ReplaySummary, ReplayFailure> {
        self.replay_sources(searched, files.into_iter().map(Source::File))
    }

    pub(crate) fn replay_sources(
        &self,
        searched: &str,
        sources: impl Iterator<Item = Source> + Send,
    ) -> Result<ReplaySummary, ReplayFailure> {
        self.check()?;
        let summary = pool::replay_all(sources, self.threads, self.fail_fast, |source, sink| {
            self.replay_source(source, sink);
        });
        judge(searched, summary)
    }

    pub(crate) fn check(&self) -> Result<(), ReplayFailure> {
        match &self.duplicate {
            Some(duplicate) => Err(duplicate.clone().into()),
            None => Ok(()),
        }
    }

    pub(crate) fn is_fail_fast(&self) -> bool {
        self.fail_fast
    }

    pub(crate) fn thread_count(&self) -> usize {
        self.threads.max(1)
    }

    fn replay_source(&self, source: Source, sink: &mut dyn FnMut(ReplayedHistory) -> bool) {
        let path = match source {
            Source::File(path) => path,
            Source::History(recorded) => {
                sink(self.replay_one(*recorded, None));
                return;
            }
        };
        let mut place = Place::named(path.display().to_string());
        let histories = match HistoryReader::open_with_limits(&path, self.limits) {
            Ok(histories) => histories,
            Err(error) => {
                sink(unread(place, error.into()));
                return;
            }
        };
        for recorded in histories {
            let entry = match recorded {
                Ok(recorded) => self.replay_one(recorded, Some(&path)),
                Err(error) => unread(place.clone(), error.into()),
            };
            place = entry.place.clone();
            place.number += 1;
            if !sink(entry) {
                return;
            }
        }
    }

    /// `file` has the history too: it is read again if there is something to report. A history that is
    /// nowhere else is copied.
    pub(crate) fn replay_one(
        &self,
        mut recorded: RecordedHistory,
        file: Option<&Path>,
    ) -> ReplayedHistory {
        if let Some(last) = self.until_event {
            cut_after(&mut recorded.history, last);
        }
        let mut entry = ReplayedHistory {
            workflow_id: recorded.workflow_id().to_owned(),
            run_id: recorded.run_id().to_owned(),
            workflow_type: recorded.workflow_type().to_owned(),
            events: recorded.history.events.len(),
            outcome: Outcome::Replayed,
            duration: Duration::ZERO,
            finding: None,
            history: None,
            place: recorded.place,
        };
        if let Some(reason) = self.skip_reason(&entry.workflow_type) {
            entry.outcome = Outcome::Skipped(reason);
            return entry;
        }
        if let Err(error) = self.decode(&mut recorded.history) {
            let error = ReplayError::Undecodable {
                problem: error.to_string(),
            };
            entry.outcome = Outcome::Failed(error.into());
            return entry;
        }
        let kept = (file.is_none() || self.twice).then(|| recorded.history.clone());
        let started = Instant::now();
        let result = self.core.replay(recorded.history);
        entry.duration = started.elapsed();
        if result.is_err() || self.twice {
            let history = kept.or_else(|| self.read_again(file?, entry.place.number));
            entry.finding = history
                .as_ref()
                .and_then(|history| self.examine(&entry, history));
            if let (Err(error), Some(_), None) = (&result, &history, &entry.finding) {
                let finding = Finding::passed_later(entry.place.to_string(), error);
                entry.finding = Some(Box::new(entry.named(finding)));
            }
            if result.is_err() || entry.finding.is_some() {
                entry.history = history.filter(|_| self.keep_failed);
            }
        }
        entry.outcome = match result {
            Err(error) => Outcome::Failed(error.into()),
            Ok(_) if entry.finding.is_some() => Outcome::Failed(Problem::Unsteady),
            Ok(_) => Outcome::Replayed,
        };
        entry
    }

    /// The history of a file that was just read; none if it has changed since.
    fn read_again(&self, file: &Path, number: usize) -> Option<History> {
        let histories = HistoryReader::open_with_limits(file, self.limits).ok()?;
        let recorded = histories
            .filter_map(Result::ok)
            .find(|recorded| recorded.place.number == number)?;
        let mut history = recorded.history;
        if let Some(last) = self.until_event {
            cut_after(&mut history, last);
        }
        self.decode(&mut history).ok()?;
        Some(history)
    }

    fn decode(&self, history: &mut History) -> Result<(), PayloadCodecError> {
        match &self.decoder {
            Some(decoder) => decoder.decode(history),
            None => Ok(()),
        }
    }

    /// What is wrong with a history, if something is.
    fn examine(&self, entry: &ReplayedHistory, history: &History) -> Option<Box<Finding>> {
        let source = entry.place.to_string();
        let traced = self.core.replay_traced(history.clone());
        let again = self.core.replay_traced(history.clone());
        let types: Vec<_> = self.core.workflow_types().collect();
        let mut examination = Examination::new(&source, history, &traced)
            .repeated(&again)
            .known_workflow_types(&types);
        if !entry.workflow_id.is_empty() {
            examination = examination.workflow_id(&entry.workflow_id);
        }
        if !entry.run_id.is_empty() {
            examination = examination.run_id(&entry.run_id);
        }
        if self.show_payloads {
            examination = examination.show_payloads();
        }
        match examination.outcome() {
            report::Outcome::Failed(finding) => Some(finding),
            report::Outcome::Passed(_) => None,
        }
    }

    /// A history without a type is none, which its replay says.
    fn skip_reason(&self, workflow_type: &str) -> Option<SkipReason> {
        if workflow_type.is_empty() {
            return None;
        }
        if !self.types.is_empty() && !self.types.contains(workflow_type) {
            return Some(SkipReason::OtherType);
        }
        let mut registered = self.core.workflow_types();
        let skipped = self.skip_unregistered && !registered.any(|name| name == workflow_type);
        skipped.then_some(SkipReason::NotRegistered)
    }
}

/// A replay is a success if something was replayed and nothing failed.
pub(crate) fn judge(
    searched: &str,
    summary: ReplaySummary,
) -> Result<ReplaySummary, ReplayFailure> {
    if summary.failures().next().is_some() {
        return Err(ReplayFailure::Failed(Box::new(summary)));
    }
    match summary.replayed() {
        0 => Err(ReplayFailure::NoHistory {
            searched: searched.to_owned(),
            summary: Box::new(summary),
        }),
        _ => Ok(summary),
    }
}
