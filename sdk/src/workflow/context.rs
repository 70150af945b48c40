//! The context of a workflow run.

use std::fmt;
use std::pin::Pin;
use std::time::SystemTime;

use durably_engine::{Context, JoinHandle, WorkflowRandom};
use uuid::Uuid;

use super::WorkflowInfo;
use super::headers::WithHeaders;

/// A workflow run as its own code sees it. Clones are the same run; they cannot leave its thread.
///
/// # Determinism
/// Everything a context gives is the same on every replay of the run: it comes from the recorded
/// history. What code learns elsewhere (the system's clock, a thread, a file) is not; ask an
/// activity for it.
#[derive(Clone)]
pub struct WorkflowContext {
    pub(crate) engine: Context,
}

impl WorkflowContext {
    pub(crate) fn new(engine: Context) -> Self {
        Self { engine }
    }

    /// What the run was started with: ids, type, queue, timeouts, parent, memo.
    pub fn info(&self) -> WorkflowInfo<'_> {
        WorkflowInfo::new(&self.engine)
    }

    /// Workflow time: when the server started the current workflow task. It stands still between
    /// two waits and never goes backwards.
    ///
    /// # Determinism
    /// Taken from the history; nothing is recorded by the call.
    pub fn now(&self) -> SystemTime {
        self.engine.now()
    }

    /// Random numbers, seeded by the run's id.
    ///
    /// # Determinism
    /// The same numbers in the same order on every replay; nothing is recorded.
    pub fn random(&self) -> WorkflowRandom {
        self.engine.random()
    }

    /// A random UUID (version 4), for idempotency keys say.
    ///
    /// # Determinism
    /// The same on every replay; nothing is recorded.
    pub fn uuid(&self) -> Uuid {
        self.engine.uuid()
    }

    /// Whether recorded history is being followed. For logs and metrics only: a decision that
    /// depends on it makes the next replay fail.
    pub fn is_replaying(&self) -> bool {
        self.engine.is_replaying()
    }

    /// Runs a future as a task of its own, beside the one that calls. It belongs to the current
    /// cancellation scope, has the [headers](Self::headers) of the code that spawns it, and its
    /// [groups](Self::event_group). Dropping the handle lets it run on; the run's end drops it.
    ///
    /// # Determinism
    /// Tasks are polled in the order in which they were woken, which history decides.
    pub fn spawn<F: IntoFuture + 'static>(&self, future: F) -> JoinHandle<F::Output> {
        let future = async move { future.await };
        let (headers, groups) = (self.changed_headers(), self.current_groups());
        if headers.is_none() && groups.is_empty() {
            return self.engine.spawn(future);
        }
        let mut task: Pin<Box<dyn Future<Output = F::Output>>> = Box::pin(future);
        if let Some(headers) = headers {
            task = Box::pin(WithHeaders::new(&self.engine, headers, task));
        }
        for group in groups.iter().rev() {
            task = Box::pin(group.around(task));
        }
        self.engine.spawn(task)
    }
}

impl fmt::Debug for WorkflowContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.engine.fmt(formatter)
    }
}
