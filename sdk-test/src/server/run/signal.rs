//! Signals.

use durably_protos::temporal::api::common::v1::{Header, Link, Payloads, WorkflowExecution};
use durably_protos::temporal::api::history::v1::WorkflowExecutionSignaledEventAttributes;

use super::{FirstTask, Run};
use crate::server::refusal::{Answer, already_completed, invalid};
use crate::server::world::Tx;

/// A signal to be.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    pub(crate) name: String,
    pub(crate) input: Option<Payloads>,
    pub(crate) header: Option<Header>,
    pub(crate) identity: String,
    pub(crate) request_id: String,
    pub(crate) links: Vec<Link>,
    /// The workflow that sends it, if one does.
    pub(crate) sender: Option<WorkflowExecution>,
}

impl Run {
    /// Writes a signal down, once for each request id.
    ///
    /// # Errors
    /// The run has closed, or has had as many signals as it may.
    pub(crate) fn signal(&mut self, tx: &mut Tx<'_>, signal: Signal) -> Answer<()> {
        if !self.is_open() {
            return Err(already_completed());
        }
        if !signal.request_id.is_empty() && !self.signal_requests.insert(signal.request_id.clone())
        {
            return Ok(());
        }
        if self.signals >= tx.limits.signals {
            return Err(invalid(
                "exceeded workflow execution limit for signal events",
            ));
        }
        self.signals += 1;
        let attributes = WorkflowExecutionSignaledEventAttributes {
            signal_name: signal.name,
            input: signal.input,
            identity: signal.identity,
            header: signal.header,
            external_workflow_execution: signal.sender,
            request_id: signal.request_id,
            ..WorkflowExecutionSignaledEventAttributes::default()
        };
        let mut event = super::write::event(tx.now, attributes);
        event.links = signal.links;
        self.record_event(tx, event);
        self.wake(tx);
        Ok(())
    }

    /// A signal of `SignalWithStart` does not wait for the delay of the run it finds.
    pub(crate) fn skip_first_task_delay(&mut self, tx: &mut Tx<'_>) {
        if matches!(self.first_task, FirstTask::Delayed(_)) {
            self.end_first_task_delay(tx);
            tx.needs_workflow_task = true;
        }
    }
}
