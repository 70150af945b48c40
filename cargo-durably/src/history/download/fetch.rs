//! The way of one history: fetched, decoded, redacted, written.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use durably::client::{Client, HistoryError, Untyped};
use durably_protos::temporal::api::history::v1::History;
use prost::Message;

use super::file_name::file_name;
use super::runs::Run;
use super::stored_file::{StoredFile, StoredForm};
use crate::history::codec::{Codec, CodecError};

/// How histories are fetched.
#[derive(Debug, Clone)]
pub(super) struct Fetcher {
    pub(super) client: Client,
    pub(super) codec: Option<Codec>,
    pub(super) form: StoredForm,
    pub(super) output: PathBuf,
    pub(super) budget: Budget,
}

/// How many bytes of events may still be fetched, by all together.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<AtomicU64>);

/// What became of a history.
#[derive(Debug)]
pub(super) enum Fetched {
    Written {
        events: usize,
        bytes: u64,
    },
    /// The file of a closed run was there.
    Skipped,
    /// No more bytes may be fetched.
    OverBudget,
}

/// A history could not be downloaded; the next ones may be.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error("the server has no events of it")]
    Empty,
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error("cannot be redacted: {0}")]
    Redact(serde_json::Error),
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
}

impl Budget {
    pub(super) fn new(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// Takes bytes; false, and nothing is left, if there are not as many.
    fn take(&self, bytes: u64) -> bool {
        let take = |left: u64| Some(left.saturating_sub(bytes));
        let before = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        before.is_ok_and(|before| before >= bytes)
    }
}

impl Fetcher {
    /// Where the history of a run is stored.
    pub(super) fn file(&self, run: &Run) -> StoredFile {
        let name = file_name(&run.workflow_id, &run.run_id);
        StoredFile::new(&self.output, &name, self.form)
    }

    /// Downloads the history of a run, unless it is there.
    pub(super) async fn download(&self, run: &Run) -> Result<Fetched, FetchError> {
        let file = self.file(run);
        let path = file.path().to_owned();
        let failed = move |error| FetchError::File {
            path: path.clone(),
            error,
        };
        let stored = file.clone();
        if blocking(move || stored.is_final()).await.map_err(&failed)? {
            return Ok(Fetched::Skipped);
        }
        let Some(mut history) = self.history(run).await? else {
            return Ok(Fetched::OverBudget);
        };
        if history.events.is_empty() {
            return Err(FetchError::Empty);
        }
        if let Some(codec) = &self.codec {
            codec.decode(&mut history).await?;
        }
        let redact = self.form.redact;
        let written = blocking(move || {
            if let Some(redact) = redact {
                redact.apply(&mut history).map_err(FetchError::Redact)?;
            }
            let events = history.events.len();
            let bytes = file.write(&history).map_err(failed)?;
            Ok(Fetched::Written { events, bytes })
        });
        written.await
    }

    /// The events; none if they are more than may be fetched.
    async fn history(&self, run: &Run) -> Result<Option<History>, HistoryError> {
        let handle = self.client.workflow_handle(Untyped, &run.workflow_id);
        let mut pages = handle.with_run_id(&run.run_id).fetch_history();
        let mut history = History::default();
        while let Some(events) = pages.next_page().await? {
            let bytes: usize = events.iter().map(Message::encoded_len).sum();
            if !self.budget.take(bytes as u64) {
                return Ok(None);
            }
            history.events.extend(events);
        }
        Ok(Some(history))
    }
}

/// Runs what reads and writes files, and takes its time, beside the tasks that fetch.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_used_up_once() {
        let budget = Budget::new(10);
        assert!(budget.take(6) && budget.take(4));
        assert!(!budget.clone().take(1));
        let budget = Budget::new(10);
        assert!(
            !budget.take(11) && !budget.take(1),
            "what comes after is not fetched either"
        );
    }
}
