//! Events of children, and of signals and cancellations to other workflows.

use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use super::Pending;
use crate::server::run::{PendingChild, Run};

impl Run {
    /// Takes over an event of a child or of another workflow; whether it was one.
    pub(super) fn replay_child(&mut self, pending: &mut Pending, attributes: &A, id: i64) -> bool {
        match attributes {
            A::StartChildWorkflowExecutionInitiatedEventAttributes(initiated) => {
                self.children.insert(id, PendingChild::initiated(initiated));
            }
            A::StartChildWorkflowExecutionFailedEventAttributes(failed) => {
                self.children.remove(&failed.initiated_event_id);
            }
            A::ChildWorkflowExecutionStartedEventAttributes(started) => {
                if let Some(child) = self.children.get_mut(&started.initiated_event_id) {
                    child.started_id = id;
                    if let Some(execution) = &started.workflow_execution {
                        child.run_id.clone_from(&execution.run_id);
                    }
                }
            }
            A::ChildWorkflowExecutionCompletedEventAttributes(ended) => {
                self.children.remove(&ended.initiated_event_id);
            }
            A::ChildWorkflowExecutionFailedEventAttributes(ended) => {
                self.children.remove(&ended.initiated_event_id);
            }
            A::ChildWorkflowExecutionCanceledEventAttributes(ended) => {
                self.children.remove(&ended.initiated_event_id);
            }
            A::ChildWorkflowExecutionTimedOutEventAttributes(ended) => {
                self.children.remove(&ended.initiated_event_id);
            }
            A::ChildWorkflowExecutionTerminatedEventAttributes(ended) => {
                self.children.remove(&ended.initiated_event_id);
            }
            A::SignalExternalWorkflowExecutionInitiatedEventAttributes(_) => {
                pending.signals.insert(id);
            }
            A::SignalExternalWorkflowExecutionFailedEventAttributes(ended) => {
                pending.signals.remove(&ended.initiated_event_id);
            }
            A::ExternalWorkflowExecutionSignaledEventAttributes(ended) => {
                pending.signals.remove(&ended.initiated_event_id);
            }
            A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_) => {
                pending.cancellations.insert(id);
            }
            A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(ended) => {
                pending.cancellations.remove(&ended.initiated_event_id);
            }
            A::ExternalWorkflowExecutionCancelRequestedEventAttributes(ended) => {
                pending.cancellations.remove(&ended.initiated_event_id);
            }
            _ => return false,
        }
        true
    }
}
