//! Finding runs.

use std::sync::Arc;

use durably_protos::temporal::api::common::v1::WorkflowExecution;

use super::{Chain, ExecutionKey, RunIndex, World};
use crate::server::refusal::{Answer, already_completed, not_found, workflow_not_found};
use crate::server::run::Run;
use crate::server::validate;

/// The run a request is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Execution<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) workflow_id: &'a str,
    /// Empty for the current run.
    pub(crate) run_id: &'a str,
    /// Not empty to say which chain it must belong to.
    pub(crate) first_run_id: &'a str,
}

impl World {
    /// The run a request names, checked.
    pub(crate) fn find(
        &self,
        namespace: &str,
        execution: Option<&WorkflowExecution>,
    ) -> Answer<RunIndex> {
        self.find_in_chain(namespace, execution, "")
    }

    /// The run a request names, of the chain that began with a certain run.
    pub(crate) fn find_in_chain(
        &self,
        namespace: &str,
        execution: Option<&WorkflowExecution>,
        first_run_id: &str,
    ) -> Answer<RunIndex> {
        let namespace = &self.namespaces.get(namespace)?.name.name;
        let execution = validate::execution(&self.limits, execution)?;
        self.find_execution(Execution {
            namespace,
            workflow_id: &execution.workflow_id,
            run_id: &execution.run_id,
            first_run_id,
        })
    }

    pub(crate) fn find_execution(&self, execution: Execution<'_>) -> Answer<RunIndex> {
        let Execution {
            namespace,
            workflow_id,
            run_id,
            first_run_id,
        } = execution;
        let Some(chain) = self.chain(namespace, workflow_id) else {
            return Err(workflow_not_found(workflow_id));
        };
        let index = if run_id.is_empty() {
            chain.runs.last().copied()
        } else {
            let of_chain = |index: &RunIndex| chain.runs.contains(index);
            self.by_run_id.get(run_id).copied().filter(of_chain)
        };
        let index = index.ok_or_else(|| {
            not_found(format!(
                "workflow execution not found for workflow ID \"{workflow_id}\" and run ID \"{run_id}\""
            ))
        })?;
        let is_first = |run: &Run| run.started().first_execution_run_id == first_run_id;
        if first_run_id.is_empty() || self.run(index).is_some_and(is_first) {
            Ok(index)
        } else {
            Err(not_found("workflow execution not found"))
        }
    }

    /// As [`find_in_chain`](Self::find_in_chain), of a run that is open.
    pub(crate) fn find_open(
        &self,
        namespace: &str,
        execution: Option<&WorkflowExecution>,
        first_run_id: &str,
    ) -> Answer<RunIndex> {
        let index = self.find_in_chain(namespace, execution, first_run_id)?;
        if self.run(index).is_some_and(Run::is_open) {
            Ok(index)
        } else {
            Err(already_completed())
        }
    }

    pub(crate) fn find_run_id(&self, run_id: &str) -> Option<RunIndex> {
        self.by_run_id.get(run_id).copied()
    }

    pub(crate) fn chain(&self, namespace: &str, workflow_id: &str) -> Option<&Chain> {
        self.chains.get(&key(namespace, workflow_id))
    }

    /// The newest run of a workflow id.
    pub(crate) fn current(&self, namespace: &str, workflow_id: &str) -> Option<&Run> {
        let chain = self.chain(namespace, workflow_id)?;
        self.run(*chain.runs.last()?)
    }

    /// A place for a run that is about to begin.
    pub(super) fn next_index(&mut self) -> RunIndex {
        self.next_run += 1;
        RunIndex(self.next_run)
    }

    pub(super) fn insert(&mut self, run: Run) {
        let index = run.index;
        let key = (run.namespace.name.as_str().into(), run.workflow_id.clone());
        self.chains.entry(key).or_default().runs.push(index);
        self.by_run_id.insert(run.run_id.clone(), index);
        self.in_flight += run.in_flight();
        self.lists.insert(&run.namespace.name, run.place());
        self.runs.insert(index, Box::new(run));
    }

    /// Forgets a run and everything about it. An open one must have been closed.
    pub(crate) fn remove(&mut self, index: RunIndex) {
        let Some(run) = self.runs.remove(&index) else {
            return;
        };
        self.in_flight -= run.in_flight();
        self.by_run_id.remove(&run.run_id);
        self.lists.remove(&run.namespace.name, run.place());
        let key = (run.namespace.name.as_str().into(), run.workflow_id.clone());
        if let Some(chain) = self.chains.get_mut(&key) {
            chain.runs.retain(|&other| other != index);
            if chain.runs.is_empty() {
                self.chains.remove(&key);
            }
        }
        self.history_waits.remove(&index);
    }
}

fn key(namespace: &str, workflow_id: &str) -> ExecutionKey {
    (Arc::from(namespace), Arc::from(workflow_id))
}
