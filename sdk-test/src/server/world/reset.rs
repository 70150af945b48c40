//! Resets: a run that takes another's place from one of its workflow tasks on.

use std::sync::Arc;

use durably_protos::google::protobuf::FieldMask;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionOptions;

use super::{RunIndex, Tx, World};
use crate::server::refusal::{Answer, invalid, workflow_not_found};
use crate::server::run::{OptionsChange, Reapply, Reset, Run, RunOptions};
use crate::server::time::Span;

/// A reset that was asked for, and checked but for the event.
#[derive(Debug)]
pub(crate) struct ResetRequest {
    pub(crate) base: RunIndex,
    /// The first event that is cut off.
    pub(crate) cut_id: i64,
    pub(crate) reason: String,
    pub(crate) reapply: Reapply,
    /// Changes of the new run's options.
    pub(crate) operations: Vec<(FieldMask, WorkflowExecutionOptions)>,
}

impl World {
    /// Cuts a run off before an event and begins another from there. The current run ends for it.
    ///
    /// # Errors
    /// The history cannot be cut there: not at the end of a batch, or no workflow task is under way.
    pub(crate) fn reset(&mut self, request: ResetRequest) -> Answer<RunIndex> {
        let ResetRequest {
            base,
            cut_id,
            reason,
            reapply,
            operations,
        } = request;
        self.check_cut(base, cut_id)?;
        let later = self.later_events(base, cut_id);
        let index = self.next_index();
        let run_id: Arc<str> = self.ids.uuid().into();
        let old = self.runs.remove(&base).ok_or_else(gone)?;
        let mut tx = self.tx();
        let rebuilt = old.rebuild(&mut tx, index, run_id.clone(), cut_id - 1);
        self.runs.insert(base, old);
        let (mut run, pending) = rebuilt;
        if run.workflow_task.is_none() {
            return Err(invalid(format!(
                "Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + \
                 1]: {cut_id}"
            )));
        }
        let mut options: Vec<OptionsChange> = Vec::new();
        let reapplied = options_after(&run.options, &later);
        for (mask, wanted) in &operations {
            let last = options.last().map_or(&reapplied, |last| &last.options);
            options.push(last.merged(mask, wanted, &run.task_queue)?);
        }
        let base_run_id = self.make_way(base, &reason)?;
        let reset = Reset {
            base_run_id,
            reason,
            reapply,
            later,
            options,
        };
        self.change(base, |run, _| run.reset_run_id = Some(run_id));
        let mut tx = self.tx();
        tx.shift(run.skipped());
        run.begin_after_reset(&mut tx, reset);
        run.resume(&mut tx, pending);
        run.commit(&mut tx);
        self.insert(run);
        self.adopt(base, index);
        Ok(index)
    }

    /// The run as its whole history gives it, beside itself.
    pub(crate) fn rebuilt(&mut self, index: RunIndex) -> Option<Run> {
        let run = self.runs.remove(&index)?;
        let (run_id, last_id) = (run.run_id.clone(), run.history.last_id());
        let (rebuilt, _) = run.rebuild(&mut self.tx(), index, run_id, last_id);
        self.runs.insert(index, run);
        Some(rebuilt)
    }

    fn check_cut(&self, base: RunIndex, cut_id: i64) -> Answer<()> {
        let run = self.run(base).ok_or_else(gone)?;
        if cut_id <= 1 || cut_id > run.history.last_id() {
            return Err(invalid(
                "Workflow task finish ID must be > 1 && <= workflow last event ID.",
            ));
        }
        if run.history.ends_batch(cut_id - 1) && cut_id > 2 {
            return Ok(());
        }
        Err(invalid(format!(
            "StateRebuilder unable to Rebuild mutable state to event ID: {}, version: 0, this event must be at \
             the boundary",
            cut_id - 1
        )))
    }

    /// What came after the cut, in this run and in those it went on in.
    fn later_events(&self, base: RunIndex, cut_id: i64) -> Vec<HistoryEvent> {
        let mut events = Vec::new();
        let mut next = self.run(base).map(|run| (run, cut_id));
        while let Some((run, first)) = next {
            events.extend_from_slice(run.history.from(first));
            let following = run.next_run_id.as_deref();
            let following = following.and_then(|id| self.find_run_id(id));
            next = following.and_then(|index| Some((self.run(index)?, 1)));
        }
        events
    }

    /// Ends the current run of the workflow id, if it is open. Gives the id of the base run.
    fn make_way(&mut self, base: RunIndex, reason: &str) -> Answer<String> {
        let run = self.run(base).ok_or_else(gone)?;
        let base_run_id = run.run_id.to_string();
        let current = self.current(&run.namespace.name, &run.workflow_id);
        let current = current.map(|run| run.index);
        if let Some(current) = current {
            let reason = reason.to_owned();
            self.change(current, |run, tx| {
                if run.is_open() {
                    run.terminate_for_reset(tx, reason);
                }
            });
        }
        Ok(base_run_id)
    }

    /// The children of the old run are those of the new one, and so is its place with its parent.
    fn adopt(&mut self, base: RunIndex, index: RunIndex) {
        let children: Vec<_> = self.run(index).map_or_else(Vec::new, |run| {
            let children = run.children.iter();
            children
                .filter(|(_, child)| child.started_id != 0)
                .filter_map(|(&id, child)| Some((id, self.find_run_id(&child.run_id)?)))
                .map(|(id, first)| (id, self.last_of_chain(first)))
                .collect()
        });
        self.change(index, |run, _| {
            for (initiated_id, child_run) in children {
                if let Some(child) = run.children.get_mut(&initiated_id) {
                    child.run = Some(child_run);
                }
            }
        });
        if let Some((parent, initiated_id)) = self.parent_of(base) {
            self.change(parent, |run, _| {
                if let Some(child) = run.children.get_mut(&initiated_id) {
                    child.run = Some(index);
                }
            });
        }
    }

    /// The run that a chain has come to.
    fn last_of_chain(&self, first: RunIndex) -> RunIndex {
        let mut last = first;
        while let Some(next) = self
            .run(last)
            .and_then(|run| run.next_run_id.as_deref().or(run.reset_run_id.as_deref()))
            .and_then(|id| self.find_run_id(id))
        {
            last = next;
        }
        last
    }

    /// What a run that is not in its place can reach.
    pub(super) fn tx(&mut self) -> Tx<'_> {
        Tx {
            now: self.now,
            skipped: Span::ZERO,
            needs_workflow_task: false,
            ids: &mut self.ids,
            timers: &mut self.timers,
            effects: &mut self.effects,
            limits: &self.limits,
            namespaces: &self.namespaces,
            endpoints: &self.nexus_endpoints,
            task_id: &mut self.task_id,
        }
    }
}

/// The options of a run once the later events have been applied to it again.
fn options_after(options: &RunOptions, later: &[HistoryEvent]) -> RunOptions {
    let mut options = options.clone();
    for event in later {
        if let Some(Attributes::WorkflowExecutionOptionsUpdatedEventAttributes(updated)) =
            &event.attributes
        {
            options.replay(updated);
        }
    }
    options
}

fn gone() -> tonic::Status {
    workflow_not_found("")
}
