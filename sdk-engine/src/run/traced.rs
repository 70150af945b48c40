//! The trace of a run: kept for reports.

use super::Run;
use crate::context::Wait;
use crate::trace::{Trace, TracedTask};

impl Run {
    /// Keeps what the code does in words, for [`trace`](Self::trace); before the first event.
    pub fn keep_trace(&mut self) {
        self.trace = Some(Box::default());
        self.shared.tables.borrow_mut().commands.keep_trace();
    }

    /// What the code has done so far, task by task; nothing unless
    /// [`keep_trace`](Self::keep_trace) was called.
    #[must_use]
    pub fn trace(&self) -> Vec<TracedTask> {
        let Some(trace) = &self.trace else {
            return Vec::new();
        };
        let waits = self.waits();
        trace.tasks(self.shared.tables.borrow().commands.traced(), &waits)
    }

    /// For what the code waits; also of a run that failed.
    #[must_use]
    pub fn waits(&self) -> Vec<Wait> {
        self.new_context().waits()
    }

    pub(super) fn begin_traced_task(&mut self) {
        let commands = self.shared.tables.borrow().commands.traced().len();
        // The chunk's events were applied: the last of them is the task's Started.
        let started_event_id = self.last_event_id;
        self.with_trace(|trace| trace.begin_task(started_event_id, commands));
    }

    pub(super) fn end_traced_task(&mut self) {
        let waits = self.waits();
        self.with_trace(|trace| trace.end_task(waits));
    }

    fn with_trace(&mut self, change: impl FnOnce(&mut Trace)) {
        if let Some(trace) = &mut self.trace {
            change(trace);
        }
    }
}
