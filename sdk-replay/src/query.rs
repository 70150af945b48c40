//! Histories that come with time: from a server, from a stream.

use std::pin::pin;

use durably::client::{Client, HistoriesError};
use durably_history::{Place, RecordedHistory};
use futures_util::{Stream, StreamExt};

use crate::replayer::judge;
use crate::source::unread;
use crate::summary::{ReplaySummary, ReplayedHistory};
use crate::{ReplayFailure, Replayer};

impl Replayer {
    /// Replays the histories of all workflows on the server that a visibility query finds, of open
    /// ones as far as they go: `WorkflowType = 'OrderSaga' AND StartTime > '2024-05-01T00:00:00Z'`.
    /// An empty query finds all.
    ///
    /// Histories are fetched while others are replayed, which happens on the calling thread; at most
    /// as many are in memory as [`parallel`](Self::parallel) says, and one more.
    ///
    /// # Errors
    /// See [`ReplayFailure`].
    pub async fn replay_query(
        &self,
        client: &Client,
        query: &str,
    ) -> Result<ReplaySummary, ReplayFailure> {
        self.check()?;
        let mut summary = ReplaySummary::default();
        let mut histories = client.histories(query).concurrency(self.thread_count());
        loop {
            let entry = match histories.next_history().await {
                Ok(Some(fetched)) => {
                    let place = Place::named(format!("namespace {}", client.namespace()));
                    let recorded = RecordedHistory::new(place, fetched.history)
                        .of_execution(fetched.workflow_id, fetched.run_id);
                    self.replay_one(recorded, None)
                }
                Ok(None) => break,
                Err(error @ HistoriesError::List(_)) => return Err(ReplayFailure::List(error)),
                Err(error) => unread(Place::named(client.namespace()), error.into()),
            };
            if self.add(&mut summary, entry) {
                break;
            }
        }
        let searched = match query {
            "" => format!("namespace {}", client.namespace()),
            query => format!("namespace {} by the query {query}", client.namespace()),
        };
        judge(&searched, summary)
    }

    /// Replays histories as they come, each on the calling thread.
    ///
    /// # Errors
    /// See [`ReplayFailure`].
    pub async fn replay_stream(
        &self,
        histories: impl Stream<Item = RecordedHistory>,
    ) -> Result<ReplaySummary, ReplayFailure> {
        self.check()?;
        let mut summary = ReplaySummary::default();
        let mut histories = pin!(histories);
        while let Some(recorded) = histories.next().await {
            let entry = self.replay_one(recorded, None);
            if self.add(&mut summary, entry) {
                break;
            }
        }
        judge("the stream", summary)
    }

    /// Adds an entry; true if it is to be the last.
    fn add(&self, summary: &mut ReplaySummary, entry: ReplayedHistory) -> bool {
        summary.ended_early = self.is_fail_fast() && entry.problem().is_some();
        summary.histories.push(entry);
        summary.ended_early
    }
}
