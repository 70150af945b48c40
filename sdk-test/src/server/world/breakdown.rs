//! What ends a test at once: a workflow task that failed, where the server was told to fail fast.

use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use durably_protos::temporal::api::failure::v1::Failure;
use tokio::sync::watch;

use super::{RunIndex, World};
use durably_history::Timeline;

/// How a workflow task failed.
#[derive(Debug)]
pub(crate) struct TaskFailure {
    pub(crate) cause: WorkflowTaskFailedCause,
    pub(crate) failure: Option<Failure>,
}

impl TaskFailure {
    /// Whether the workflow's code is to blame. The other causes are a matter of course: news came while
    /// the task ended its run, the run was closed or reset meanwhile.
    pub(crate) fn is_fault(cause: WorkflowTaskFailedCause) -> bool {
        use WorkflowTaskFailedCause as Cause;
        !matches!(
            cause,
            Cause::UnhandledCommand
                | Cause::ForceCloseCommand
                | Cause::FailoverCloseCommand
                | Cause::ResetWorkflow
                | Cause::ResetStickyTaskQueue
                | Cause::UnhandledUpdate
        )
    }
}

/// Whether nobody should wait any longer, and why.
#[derive(Debug)]
pub(crate) struct Breakdown {
    pub(crate) fails_fast: bool,
    told: watch::Sender<Option<String>>,
}

impl Default for Breakdown {
    fn default() -> Self {
        Self {
            fails_fast: false,
            told: watch::Sender::new(None),
        }
    }
}

impl Breakdown {
    /// Why nobody should wait any longer, once that is so.
    pub(crate) fn watch(&self) -> watch::Receiver<Option<String>> {
        self.told.subscribe()
    }

    /// Tells all who wait, now and later. Only the first reason is told.
    pub(crate) fn tell(&self, reason: String) {
        self.told.send_if_modified(|told| {
            let first = told.is_none();
            told.get_or_insert(reason);
            first
        });
    }
}

impl World {
    pub(super) fn task_failed(&mut self, index: RunIndex, failed: TaskFailure) {
        let Some(run) = self.run(index).filter(|_| self.breakdown.fails_fast) else {
            return;
        };
        let cause = failed.cause.as_str_name();
        let cause = cause.trim_start_matches("WORKFLOW_TASK_FAILED_CAUSE_");
        let message = failed.failure.as_ref();
        let message = message.map_or("", |failure| failure.message.as_str());
        let text = format!(
            "a workflow task of workflow \"{}\" (type {}) failed: {cause}: {message}\n{}",
            run.workflow_id,
            run.workflow_type(),
            Timeline::of_events(run.history.events())
        );
        self.breakdown.tell(text);
    }
}
