//! The state of a run from its history.
//!
//! Each event says what became of something: a timer began or fired, an activity was scheduled or
//! ended. Replayed in order they leave what was pending after the last of them. What is never written
//! (attempts of activities, stickiness, queries, updates that only wait) begins anew.
//!
//! A replayed run lies still: [`Run::resume`] arms its timers and sends its tasks out.

mod activities;
mod children;
mod replay;
mod resume;
mod tables;
#[cfg(test)]
mod tests;
mod workflow_tasks;

pub(crate) use resume::Pending;

use std::sync::Arc;

use super::{NewRun, Run};
use crate::server::time::Span;
use crate::server::world::{RunIndex, Tx};

impl Run {
    /// A run as the events of this one, up to and with `last_id`, leave it. The transaction is on its
    /// clock then.
    pub(crate) fn rebuild(
        &self,
        tx: &mut Tx<'_>,
        index: RunIndex,
        run_id: Arc<str>,
        last_id: i64,
    ) -> (Self, Pending) {
        let new = NewRun {
            namespace: self.namespace.clone(),
            workflow_id: self.workflow_id.clone(),
            run_id,
            started: self.started().clone(),
            user_metadata: self.user_metadata.clone(),
            request_id: String::new(),
            backoff: Span::of(self.started().first_workflow_task_backoff.as_ref()),
            is_child: false,
        };
        tx.shift(new.skipped());
        let mut run = Self::blank(index, &new, tx.now);
        run.user_metadata.clone_from(&self.user_metadata);
        // The ids of requests stand in no event, except those that were attached.
        let of_start = self.request_ids.iter().filter(|(_, event)| **event == 1);
        run.request_ids = of_start.map(|(id, event)| (id.clone(), *event)).collect();
        let mut pending = Pending::default();
        for event in self.history.from(1) {
            if event.event_id > last_id {
                break;
            }
            if self.history.begins_batch(event.event_id) {
                run.history.end_batch();
            }
            run.history.push(event.clone());
            run.replay(tx, &mut pending, event);
        }
        run.history.end_batch();
        (run, pending)
    }
}
