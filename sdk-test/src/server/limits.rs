//! How much of everything there may be.

use super::time::Span;

/// The limits of a server; the defaults are those of the real one.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// The longest name or id, in bytes.
    pub(crate) id_length: usize,
    /// The largest command, memo, input or result, in bytes.
    pub(crate) blob_bytes: usize,
    pub(crate) pending_activities: usize,
    pub(crate) pending_children: usize,
    pub(crate) pending_nexus_operations: usize,
    /// Signals that one run takes.
    pub(crate) signals: usize,
    /// Events that wait while a worker has the workflow task.
    pub(crate) buffered_events: usize,
    /// Updates that one run takes, and how many of them without an outcome at a time.
    pub(crate) updates: usize,
    pub(crate) open_updates: usize,
    /// Queries of one run that wait for a worker.
    pub(crate) waiting_queries: usize,
    pub(crate) workflow_task_timeout: Span,
    pub(crate) longest_workflow_task_timeout: Span,
    pub(crate) longest_extra_workflow_task_timeout: Span,
    /// How far apart the runs of one execution start.
    pub(crate) shortest_run_interval: Span,
    pub(crate) suggest_continue_as_new_events: i64,
    pub(crate) suggest_continue_as_new_bytes: i64,
    /// A run with a longer history than this is terminated.
    pub(crate) history_events: i64,
    pub(crate) history_bytes: i64,
    /// Events in one page of history.
    pub(crate) history_page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            id_length: 1000,
            blob_bytes: 2 << 20,
            pending_activities: 2000,
            pending_children: 2000,
            pending_nexus_operations: 30,
            signals: 10_000,
            buffered_events: 100,
            updates: 2000,
            open_updates: 10,
            waiting_queries: 100,
            workflow_task_timeout: Span::seconds(10),
            longest_workflow_task_timeout: Span::seconds(120),
            longest_extra_workflow_task_timeout: Span::seconds(600),
            shortest_run_interval: Span::seconds(1),
            suggest_continue_as_new_events: 4096,
            suggest_continue_as_new_bytes: 4 << 20,
            history_events: 51_200,
            history_bytes: 50 << 20,
            history_page: 1000,
        }
    }
}
