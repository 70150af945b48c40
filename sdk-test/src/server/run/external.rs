//! Signals and cancellations to other workflows, as the sender sees them.

use durably_protos::temporal::api::command::v1::{
    RequestCancelExternalWorkflowExecutionCommandAttributes,
    SignalExternalWorkflowExecutionCommandAttributes,
};
use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::enums::v1::{
    CancelExternalWorkflowExecutionFailedCause, SignalExternalWorkflowExecutionFailedCause,
};
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    ExternalWorkflowExecutionCancelRequestedEventAttributes,
    ExternalWorkflowExecutionSignaledEventAttributes,
    RequestCancelExternalWorkflowExecutionFailedEventAttributes,
    RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
    SignalExternalWorkflowExecutionFailedEventAttributes,
    SignalExternalWorkflowExecutionInitiatedEventAttributes,
};

use super::Run;
use super::write::Notes;
use crate::server::namespaces::NamespaceName;
use crate::server::world::{Effect, Tx};

impl Run {
    /// The command `SIGNAL_EXTERNAL_WORKFLOW_EXECUTION`.
    pub(crate) fn signal_external(
        &mut self,
        tx: &mut Tx<'_>,
        command: SignalExternalWorkflowExecutionCommandAttributes,
        namespace: &NamespaceName,
        notes: Notes,
        completed_id: i64,
    ) {
        let initiated = SignalExternalWorkflowExecutionInitiatedEventAttributes {
            workflow_task_completed_event_id: completed_id,
            namespace: namespace.name.clone(),
            namespace_id: namespace.id.clone(),
            workflow_execution: command.execution,
            signal_name: command.signal_name,
            input: command.input,
            control: command.control,
            child_workflow_only: command.child_workflow_only,
            header: command.header,
        };
        let initiated_id = self.write_command(tx, notes, initiated);
        tx.effects
            .push_back(Effect::SignalExternal(self.index, initiated_id));
    }

    /// The command `REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION`.
    pub(crate) fn cancel_external(
        &mut self,
        tx: &mut Tx<'_>,
        command: RequestCancelExternalWorkflowExecutionCommandAttributes,
        namespace: &NamespaceName,
        notes: Notes,
        completed_id: i64,
    ) {
        let initiated = RequestCancelExternalWorkflowExecutionInitiatedEventAttributes {
            workflow_task_completed_event_id: completed_id,
            namespace: namespace.name.clone(),
            namespace_id: namespace.id.clone(),
            workflow_execution: Some(WorkflowExecution {
                workflow_id: command.workflow_id,
                run_id: command.run_id,
            }),
            control: command.control,
            child_workflow_only: command.child_workflow_only,
            reason: command.reason,
        };
        let initiated_id = self.write_command(tx, notes, initiated);
        tx.effects
            .push_back(Effect::CancelExternal(self.index, initiated_id));
    }

    /// What a signal to another workflow was initiated with.
    pub(crate) fn initiated_signal(
        &self,
        initiated_id: i64,
    ) -> Option<&SignalExternalWorkflowExecutionInitiatedEventAttributes> {
        match self.history.attributes(initiated_id)? {
            Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(initiated) => {
                Some(initiated)
            }
            _ => None,
        }
    }

    /// What a cancellation of another workflow was initiated with.
    pub(crate) fn initiated_cancel(
        &self,
        initiated_id: i64,
    ) -> Option<&RequestCancelExternalWorkflowExecutionInitiatedEventAttributes> {
        match self.history.attributes(initiated_id)? {
            Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(
                initiated,
            ) => Some(initiated),
            _ => None,
        }
    }

    /// The other workflow has the signal, or cannot have it.
    pub(crate) fn external_signaled(
        &mut self,
        tx: &mut Tx<'_>,
        initiated_id: i64,
        outcome: Result<(), SignalExternalWorkflowExecutionFailedCause>,
    ) {
        let Some(initiated) = self.initiated_signal(initiated_id) else {
            return;
        };
        let namespace = initiated.namespace.clone();
        let namespace_id = initiated.namespace_id.clone();
        let workflow_execution = initiated.workflow_execution.clone();
        let control = initiated.control.clone();
        match outcome {
            Ok(()) => self.record(
                tx,
                ExternalWorkflowExecutionSignaledEventAttributes {
                    initiated_event_id: initiated_id,
                    namespace,
                    namespace_id,
                    workflow_execution,
                    control,
                },
            ),
            Err(cause) => self.record(
                tx,
                SignalExternalWorkflowExecutionFailedEventAttributes {
                    cause: cause.into(),
                    workflow_task_completed_event_id: 0,
                    namespace,
                    namespace_id,
                    workflow_execution,
                    initiated_event_id: initiated_id,
                    control,
                },
            ),
        };
        self.wake(tx);
    }

    /// The other workflow has been asked to cancel, or cannot be.
    pub(crate) fn external_canceled(
        &mut self,
        tx: &mut Tx<'_>,
        initiated_id: i64,
        outcome: Result<(), CancelExternalWorkflowExecutionFailedCause>,
    ) {
        let Some(initiated) = self.initiated_cancel(initiated_id) else {
            return;
        };
        let namespace = initiated.namespace.clone();
        let namespace_id = initiated.namespace_id.clone();
        let workflow_execution = initiated.workflow_execution.clone();
        let control = initiated.control.clone();
        match outcome {
            Ok(()) => self.record(
                tx,
                ExternalWorkflowExecutionCancelRequestedEventAttributes {
                    initiated_event_id: initiated_id,
                    namespace,
                    namespace_id,
                    workflow_execution,
                },
            ),
            Err(cause) => self.record(
                tx,
                RequestCancelExternalWorkflowExecutionFailedEventAttributes {
                    cause: cause.into(),
                    workflow_task_completed_event_id: 0,
                    namespace,
                    namespace_id,
                    workflow_execution,
                    initiated_event_id: initiated_id,
                    control,
                },
            ),
        };
        self.wake(tx);
    }
}
