//! Termination: from outside, by a policy, or because a limit is passed.

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use durably_protos::temporal::api::history::v1::WorkflowExecutionTerminatedEventAttributes;

use super::{ChildEnd, Run};
use crate::server::world::Tx;

impl Run {
    /// Ends the run whatever it does. A closed one stays as it is.
    pub(crate) fn terminate(
        &mut self,
        tx: &mut Tx<'_>,
        reason: String,
        details: Option<Payloads>,
        identity: String,
    ) {
        if !self.is_open() {
            return;
        }
        self.take_back_workflow_task(tx);
        let terminated = WorkflowExecutionTerminatedEventAttributes {
            reason,
            details,
            identity,
        };
        self.write(tx, terminated);
        self.close(
            tx,
            WorkflowExecutionStatus::Terminated,
            ChildEnd::Terminated,
        );
    }
}
