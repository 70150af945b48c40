//! Beginning runs, and whether another may begin under a workflow id.

use durably_protos::temporal::api::common::v1::{Payload, Payloads};
use durably_protos::temporal::api::enums::v1::{
    WorkflowExecutionStatus as Status, WorkflowIdConflictPolicy as Conflict,
    WorkflowIdReusePolicy as Reuse,
};

use super::{RunIndex, Tx, World};
use crate::server::refusal::{Answer, already_started};
use crate::server::run::{NewRun, Run};

/// Whether a run may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Started {
    /// It may.
    New,
    /// It may, once this one is terminated.
    Instead(RunIndex),
    /// The request has started this one before.
    Already(RunIndex),
    /// This one was already there when the request first came, and it was attached to it.
    Attached(RunIndex),
    /// This one is to be used.
    Use(RunIndex),
}

impl World {
    /// Decides about a start. With an open run the conflict policy counts, with a closed one the reuse
    /// policy; a request that has been answered before gets the same answer.
    pub(crate) fn may_start(
        &self,
        namespace: &str,
        workflow_id: &str,
        request_id: &str,
        reuse: Reuse,
        conflict: Conflict,
    ) -> Answer<Started> {
        let Some(current) = self.current(namespace, workflow_id) else {
            return Ok(Started::New);
        };
        match current.request_ids.get(request_id) {
            Some(1) if !request_id.is_empty() => return Ok(Started::Already(current.index)),
            Some(_) if !request_id.is_empty() => return Ok(Started::Attached(current.index)),
            _ => {}
        }
        let refuse = |text: String| {
            let started_by = current.request_ids.iter().find(|(_, event)| **event == 1);
            let request = started_by.map(|(request, _)| request.clone());
            let first = current.started().first_execution_run_id.clone();
            let run_id = current.run_id.to_string();
            Err(already_started(
                text,
                request.unwrap_or_default(),
                run_id,
                first,
            ))
        };
        let run_id = &current.run_id;
        let named = format!("WorkflowId: {workflow_id}, RunId: {run_id}.");
        if current.is_open() {
            return match (conflict, reuse) {
                (Conflict::UseExisting, _) => Ok(Started::Use(current.index)),
                (Conflict::TerminateExisting, _) | (_, Reuse::TerminateIfRunning) => {
                    Ok(Started::Instead(current.index))
                }
                _ => refuse(format!("Workflow execution is already running. {named}")),
            };
        }
        match reuse {
            Reuse::RejectDuplicate => refuse(format!(
                "Workflow execution already finished. {named} Workflow Id reuse policy: reject duplicate workflow Id."
            )),
            Reuse::AllowDuplicateFailedOnly if current.status == Status::Completed => {
                refuse(format!(
                    "Workflow execution already finished successfully. {named} Workflow Id reuse policy: allow \
                     duplicate workflow Id if last run failed."
                ))
            }
            _ => Ok(Started::New),
        }
    }

    /// Terminates a run that another takes the place of.
    pub(crate) fn make_room(&mut self, index: RunIndex, new_run_id: &str) {
        let details = Payloads {
            payloads: vec![Payload {
                metadata: [("encoding", "json/plain".into())].into(),
                data: format!("\"terminated by new runID: {new_run_id}\"").into(),
                ..Payload::default()
            }],
        };
        let reason = "TerminateIfRunning WorkflowIdReusePolicy".to_owned();
        self.change(index, |run, tx| {
            run.terminate(tx, reason, Some(details), "history-service".to_owned());
        });
    }

    /// Begins a run; `then` may add to its first batch of events.
    pub(crate) fn begin(
        &mut self,
        new: NewRun,
        then: impl FnOnce(&mut Run, &mut Tx<'_>),
    ) -> RunIndex {
        let index = self.next_index();
        let mut tx = self.tx();
        tx.shift(new.skipped());
        let mut run = Run::begin(index, new, &mut tx);
        then(&mut run, &mut tx);
        run.commit(&mut tx);
        self.insert(run);
        index
    }

    pub(super) fn begin_next_run(&mut self, previous: RunIndex, new: NewRun) {
        let index = self.begin(new, |_, _| ());
        // A child's chain reports from its last run: the parent's entry goes along.
        let parent = self.parent_of(previous);
        if let Some((parent, initiated_id)) = parent {
            self.change(parent, |run, _| {
                if let Some(child) = run.children.get_mut(&initiated_id) {
                    child.run = Some(index);
                }
            });
        }
    }
}
