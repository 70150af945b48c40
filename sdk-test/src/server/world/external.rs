//! Signals and cancellations from one workflow to another.

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::enums::v1::{
    CancelExternalWorkflowExecutionFailedCause as CancelCause,
    SignalExternalWorkflowExecutionFailedCause as SignalCause,
};

use super::{Execution, RunIndex, World};
use crate::server::run::Signal;

impl World {
    pub(super) fn signal_external(&mut self, sender: RunIndex, initiated_id: i64) {
        let Some(run) = self.run(sender) else { return };
        let Some(initiated) = run.initiated_signal(initiated_id) else {
            return;
        };
        let signal = Signal {
            name: initiated.signal_name.clone(),
            input: initiated.input.clone(),
            header: initiated.header.clone(),
            identity: "history-service".to_owned(),
            request_id: String::new(),
            links: Vec::new(),
            sender: Some(run.execution()),
        };
        let target = self.target(
            sender,
            &initiated.namespace,
            initiated.workflow_execution.as_ref(),
            initiated.child_workflow_only,
        );
        let target = target.filter(|&target| {
            self.run(target)
                .is_some_and(super::super::run::Run::is_open)
        });
        let not_found = SignalCause::ExternalWorkflowExecutionNotFound;
        let outcome = match target {
            None => Err(not_found),
            Some(target) => {
                let request_id = self.ids.uuid();
                let signal = Signal {
                    request_id,
                    ..signal
                };
                let signaled = self.change(target, |run, tx| run.signal(tx, signal));
                match signaled {
                    Some(Ok(())) => Ok(()),
                    Some(Err(_)) => Err(SignalCause::SignalCountLimitExceeded),
                    None => Err(not_found),
                }
            }
        };
        self.change(sender, |run, tx| {
            if run.is_open() {
                run.external_signaled(tx, initiated_id, outcome);
            }
        });
    }

    pub(super) fn cancel_external(&mut self, sender: RunIndex, initiated_id: i64) {
        let Some(run) = self.run(sender) else { return };
        let Some(initiated) = run.initiated_cancel(initiated_id) else {
            return;
        };
        let reason = initiated.reason.clone();
        let from = run.execution();
        let target = self.target(
            sender,
            &initiated.namespace,
            initiated.workflow_execution.as_ref(),
            initiated.child_workflow_only,
        );
        let outcome = match target {
            None => Err(CancelCause::ExternalWorkflowExecutionNotFound),
            Some(target) => {
                let identity = "history-service".to_owned();
                self.change(target, |run, tx| {
                    run.request_cancel(tx, reason, identity, Some((from, initiated_id)));
                });
                Ok(())
            }
        };
        self.change(sender, |run, tx| {
            if run.is_open() {
                run.external_canceled(tx, initiated_id, outcome);
            }
        });
    }

    /// The run a command means; never the sender itself, and its child if only that is meant.
    fn target(
        &self,
        sender: RunIndex,
        namespace: &str,
        execution: Option<&WorkflowExecution>,
        child_only: bool,
    ) -> Option<RunIndex> {
        let execution = execution?;
        let found = self.find_execution(Execution {
            namespace,
            workflow_id: &execution.workflow_id,
            run_id: &execution.run_id,
            first_run_id: "",
        });
        let target = found.ok().filter(|&target| target != sender)?;
        let is_child = || {
            let parent = self
                .run(target)?
                .started()
                .parent_workflow_execution
                .as_ref()?;
            Some(parent.run_id == *self.run(sender)?.run_id)
        };
        (!child_only || is_child() == Some(true)).then_some(target)
    }
}
