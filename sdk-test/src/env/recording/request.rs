//! What a test says about what is to be recorded.

use std::fmt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use durably::client::WorkflowHandle;
use durably::definition::WorkflowDefinition;

use super::super::test_env::{Shared, TestEnv};
use super::wanted::Wanted;

/// Histories that are kept: [`TestEnv::record`].
pub struct Recording {
    env: Arc<Shared>,
    /// Its number among those of the environment.
    number: usize,
}

impl TestEnv {
    /// Keeps the histories of this environment in a file, so that later code is replayed against them.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # use durably_test::TestEnv;
    /// # #[workflow]
    /// # async fn order_saga(ctx: &WorkflowContext, order: u64) -> WorkflowResult<u64> { Ok(order) }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let env = TestEnv::start().await;
    /// env.record("tests/histories/order_saga.json");
    /// let _worker = env.worker("orders").workflow(order_saga).start();
    /// let order = env.client().start(order_saga, 7_u64).task_queue("orders").await.unwrap();
    /// assert_eq!(order.result().await.unwrap(), 7);
    /// env.finish().await;
    /// # }
    /// ```
    ///
    /// If there is **no such file**, it is written when the environment ends well; commit it. If there **is
    /// one**, it is replayed with the code of the environment's workers, and the test fails, with a report, if
    /// it does not replay: the workflow's shape has changed, and no patch covers it. It is replaced only if the
    /// variable `DURABLY_HISTORIES` is `overwrite`. With `DURABLY_HISTORIES=check` a file that is not there is a
    /// failure too: that is for CI.
    ///
    /// A relative path is that of the package. It ends with `.json`, for one history as `temporal workflow show
    /// --output json` prints it or an array of such, or with `.jsonl`, for a history in each line; each may be
    /// followed by `.gz`. Folders are made. Files are what
    /// [`Replayer::replay_dir`](crate::Replayer::replay_dir) reads.
    ///
    /// What is recorded are the runs whose workflows the environment's workers know, from the oldest to the
    /// newest, children and next runs too, also those that are still open; mocked workflows are left out. From a
    /// server of another process it is the current run of each workflow that the environment's clients started.
    /// [`Recording::workflow`] chooses one, [`Recording::scrubbed`] makes recordings comparable.
    ///
    /// This happens when the environment ends, by [`finish`](Self::finish) or dropped, if all else is well; on a
    /// server of another process by `finish` only. To have it happen now, await the [`Recording`].
    ///
    /// # Panics
    /// At that time: the file cannot be read or written, does not replay, or there is nothing to record.
    pub fn record(&self, path: impl AsRef<Path>) -> Recording {
        let wanted = Wanted::new(path.as_ref().to_owned());
        Recording {
            number: self.shared.add_recording(wanted),
            env: self.shared.clone(),
        }
    }
}

impl Recording {
    /// Keeps the runs of one workflow only.
    pub fn workflow<W: WorkflowDefinition>(self, handle: &WorkflowHandle<W>) -> Self {
        let workflow_id = handle.workflow_id().to_owned();
        self.workflow_id(workflow_id)
    }

    /// Keeps the runs of the workflow with this id only.
    pub fn workflow_id(self, workflow_id: impl Into<String>) -> Self {
        self.change(|wanted| wanted.workflow_id = Some(workflow_id.into()));
        self
    }

    /// Replaces what differs each time a test runs, so that a file that is recorded anew differs only where the
    /// workflow does:
    ///
    /// * UUIDs (run ids, request ids, workflow ids that nobody chose) become `00000000-0000-4000-8000-` and a
    ///   number, the same one everywhere, also in JSON payloads. Ids of children that come from `ctx.uuid()`
    ///   become what it gives in such a run;
    /// * times begin in the year 2020, and what lies between two events is rounded to seconds;
    /// * names of workers and of their sticky queues, build ids and checksums, the server's task ids and stack
    ///   traces go; the history's size is rounded to 4 KiB.
    ///
    /// Payloads stay as they are otherwise, so what a workflow itself makes of random numbers and of times still
    /// differs. So does the order in which activities that run side by side end.
    ///
    /// What comes out is replayed before it is written. A workflow that does other things with other random
    /// numbers, which come from its run id, or that depends on fractions of a second cannot be kept in this form;
    /// the message says so.
    pub fn scrubbed(self) -> Self {
        self.change(|wanted| wanted.is_scrubbed = true);
        self
    }

    fn change(&self, change: impl FnOnce(&mut Wanted)) {
        self.env.change_recording(self.number, |slot| {
            if let Some(wanted) = slot {
                change(wanted);
            }
        });
    }
}

/// Records now, instead of at the environment's end.
impl IntoFuture for Recording {
    type Output = ();
    type IntoFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Some(wanted) = self.env.change_recording(self.number, Option::take) else {
                return;
            };
            let recorded = self.env.backend.recorded(&self.env.client).await;
            let runs = recorded.unwrap_or_else(|problem| panic!("{problem}"));
            if let Err(error) = wanted.settle(&self.env, &runs) {
                panic!("{error}");
            }
        })
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Recording")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
