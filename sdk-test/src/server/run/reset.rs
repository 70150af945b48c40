//! A run that begins where another is cut off.

use durably_protos::temporal::api::enums::v1::{
    UpdateAdmittedEventOrigin, WorkflowTaskFailedCause,
};
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{Failure, ResetWorkflowFailureInfo};
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionSignaledEventAttributes,
    WorkflowExecutionUpdateAdmittedEventAttributes, WorkflowTaskFailedEventAttributes,
};
use durably_protos::temporal::api::update::v1::Request;

use super::{OptionsChange, Run};
use crate::server::time::Span;
use crate::server::world::Tx;

/// Who writes of resets.
pub(crate) const RESETTER: &str = "history-resetter";

/// What the new run takes over of what came after the cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reapply {
    pub(crate) signals: bool,
    pub(crate) updates: bool,
}

/// What is done with a run that has been rebuilt up to the cut.
#[derive(Debug)]
pub(crate) struct Reset {
    pub(crate) base_run_id: String,
    pub(crate) reason: String,
    pub(crate) reapply: Reapply,
    /// The events after the cut, of this run and those it went on in.
    pub(crate) later: Vec<HistoryEvent>,
    /// The options that the new run is to have, one change after the other.
    pub(crate) options: Vec<OptionsChange>,
}

impl Run {
    /// The run is ended because another takes its place: its children stay, and nobody is told.
    pub(crate) fn terminate_for_reset(&mut self, tx: &mut Tx<'_>, reason: String) {
        self.is_replaced = true;
        self.terminate(tx, reason, None, RESETTER.to_owned());
    }

    /// Ends the workflow task at the cut and goes on from there.
    pub(crate) fn begin_after_reset(&mut self, tx: &mut Tx<'_>, reset: Reset) {
        self.start_time = tx.now;
        self.execution_time = tx.now;
        self.reset_time = Some(tx.now);
        let execution_timeout = Span::of(self.started().workflow_execution_timeout.as_ref());
        self.execution_deadline =
            (!execution_timeout.is_zero()).then(|| tx.now.after(execution_timeout));
        self.fail_task_at_cut(tx, &reset);
        for event in reset.later {
            self.reapply(tx, event, reset.reapply);
        }
        for options in reset.options {
            self.update_options(tx, options, String::new());
        }
        self.workflow_task_attempt = 1;
        tx.needs_workflow_task = true;
    }

    fn fail_task_at_cut(&mut self, tx: &mut Tx<'_>, reset: &Reset) {
        let is_waiting = |task: &super::WorkflowTask| !task.is_started();
        if self.workflow_task.as_ref().is_some_and(is_waiting) {
            self.start_workflow_task(tx, "history-service", "emptyUuid".to_owned());
        }
        let Some(mut task) = self.workflow_task.take() else {
            return;
        };
        tx.timers.clear(&mut task.timer);
        let info = ResetWorkflowFailureInfo {
            last_heartbeat_details: None,
        };
        let failed = WorkflowTaskFailedEventAttributes {
            scheduled_event_id: task.scheduled_id,
            started_event_id: task.started.map_or(0, |started| started.id),
            cause: WorkflowTaskFailedCause::ResetWorkflow.into(),
            failure: Some(Failure {
                message: reset.reason.clone(),
                failure_info: Some(FailureInfo::ResetWorkflowFailureInfo(info)),
                ..Failure::default()
            }),
            identity: "history-service".to_owned(),
            base_run_id: reset.base_run_id.clone(),
            new_run_id: self.run_id.to_string(),
            ..WorkflowTaskFailedEventAttributes::default()
        };
        self.write(tx, failed);
    }

    /// Takes over an event that came after the cut, if it came from outside.
    fn reapply(&mut self, tx: &mut Tx<'_>, event: HistoryEvent, what: Reapply) {
        match event.attributes {
            Some(A::WorkflowExecutionSignaledEventAttributes(signaled)) if what.signals => {
                self.signals += 1;
                if !signaled.request_id.is_empty() {
                    self.signal_requests.insert(signaled.request_id.clone());
                }
                let signaled: WorkflowExecutionSignaledEventAttributes = *signaled;
                let mut copy = super::write::event(tx.now, signaled);
                copy.links = event.links;
                self.append(tx, copy);
            }
            Some(A::WorkflowExecutionUpdateAdmittedEventAttributes(admitted)) if what.updates => {
                self.readmit(tx, admitted.request);
            }
            Some(A::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) if what.updates => {
                // One that was admitted by an event has its request there.
                self.readmit(tx, accepted.accepted_request);
            }
            // Whatever is left out: the options stay, and so does what was attached.
            Some(A::WorkflowExecutionOptionsUpdatedEventAttributes(updated)) => {
                self.options.replay(&updated);
                let reconfigures = updated.time_skipping_config_updated;
                self.attach(tx, *updated, event.links);
                if reconfigures {
                    self.reconfigure_time_skipping(tx);
                }
            }
            _ => {}
        }
    }

    fn readmit(&mut self, tx: &mut Tx<'_>, request: Option<Request>) {
        let Some(request) = request else { return };
        let meta = request.meta.as_ref();
        let id = meta.map_or_else(String::new, |meta| meta.update_id.clone());
        if self.updates.get(&id).is_some() {
            return;
        }
        let admitted = WorkflowExecutionUpdateAdmittedEventAttributes {
            request: Some(request.clone()),
            origin: UpdateAdmittedEventOrigin::Reapply.into(),
        };
        self.write(tx, admitted);
        self.updates.admit(id, request, true);
    }
}
