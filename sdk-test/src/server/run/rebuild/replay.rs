//! What each event leaves behind.

use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus as Status;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::update::v1::Request;

use super::Pending;
use crate::server::commands::merge_memo;
use crate::server::run::Run;
use crate::server::run::timer::PendingTimer;
use crate::server::search_attributes;
use crate::server::time::{Span, Time};
use crate::server::world::Tx;

impl Run {
    /// Takes an event over that stands at the end of the history.
    pub(super) fn replay(&mut self, tx: &mut Tx<'_>, pending: &mut Pending, event: &HistoryEvent) {
        let Some(attributes) = &event.attributes else {
            return;
        };
        let id = event.event_id;
        let time = event
            .event_time
            .as_ref()
            .map_or(tx.now, Time::from_timestamp);
        if self.replay_workflow_task(tx, attributes, id, time)
            || self.replay_activity(tx, attributes, id, time)
            || self.replay_child(pending, attributes, id)
            || self.replay_nexus(attributes, id, time)
        {
            return;
        }
        match attributes {
            A::TimerStartedEventAttributes(started) => {
                let due = time.after(Span::of(started.start_to_fire_timeout.as_ref()));
                let timer = PendingTimer {
                    started_id: id,
                    due,
                    key: None,
                };
                self.timers.insert(started.timer_id.clone(), timer);
            }
            A::TimerFiredEventAttributes(fired) => {
                // It may have waited in the buffer while another one of that name began.
                let timer = self.timers.get(&fired.timer_id);
                if timer.is_some_and(|timer| timer.started_id == fired.started_event_id) {
                    self.timers.remove(&fired.timer_id);
                }
            }
            A::TimerCanceledEventAttributes(canceled) => {
                self.timers.remove(&canceled.timer_id);
            }
            A::WorkflowExecutionSignaledEventAttributes(signaled) => {
                self.signals += 1;
                if !signaled.request_id.is_empty() {
                    self.signal_requests.insert(signaled.request_id.clone());
                }
            }
            A::WorkflowExecutionCancelRequestedEventAttributes(_) => self.cancel_requested = true,
            A::UpsertWorkflowSearchAttributesEventAttributes(upserted) => {
                if let Some(upserted) = &upserted.search_attributes {
                    search_attributes::merge(&mut self.search_attributes, upserted);
                }
            }
            A::WorkflowPropertiesModifiedEventAttributes(modified) => {
                if let Some(upserted) = &modified.upserted_memo {
                    merge_memo(&mut self.memo.fields, &upserted.fields);
                }
            }
            A::WorkflowExecutionOptionsUpdatedEventAttributes(updated) => {
                self.options.replay(updated);
                if updated.time_skipping_config_updated {
                    self.replay_time_skipping_config(tx.now);
                }
                if !updated.attached_request_id.is_empty() {
                    let request = updated.attached_request_id.clone();
                    self.request_ids.insert(request, id);
                }
                self.add_callbacks(&updated.attached_completion_callbacks, time);
            }
            A::WorkflowExecutionUpdateAdmittedEventAttributes(admitted) => {
                let request = admitted.request.clone().unwrap_or_default();
                self.updates.admit(update_id(&request), request, true);
            }
            A::WorkflowExecutionUpdateAcceptedEventAttributes(accepted) => {
                let update = accepted.protocol_instance_id.clone();
                if self.updates.get(&update).is_none() {
                    let request = accepted.accepted_request.clone().unwrap_or_default();
                    self.updates.admit(update.clone(), request, false);
                }
                self.updates.accept(&update, id);
            }
            A::WorkflowExecutionUpdateCompletedEventAttributes(completed) => {
                let meta = completed.meta.as_ref();
                let update = meta.map_or("", |meta| &meta.update_id);
                let outcome = completed.outcome.clone().unwrap_or_default();
                self.updates.complete(update, outcome);
            }
            A::WorkflowExecutionTimeSkippingTransitionedEventAttributes(transitioned) => {
                self.replay_skip(tx, time, transitioned);
            }
            A::WorkflowExecutionStartedEventAttributes(_) => {
                self.begin_time_skipping(tx.now);
                let callbacks = self.started().completion_callbacks.clone();
                self.add_callbacks(&callbacks, time);
            }
            attributes => {
                if let Some(status) = closed(attributes) {
                    self.status = status;
                    self.close_time = Some(time);
                    self.workflow_task = None;
                }
            }
        }
    }
}

fn update_id(request: &Request) -> String {
    let meta = request.meta.as_ref();
    meta.map_or_else(String::new, |meta| meta.update_id.clone())
}

/// How an event closes its run, if it does.
fn closed(attributes: &A) -> Option<Status> {
    Some(match attributes {
        A::WorkflowExecutionCompletedEventAttributes(_) => Status::Completed,
        A::WorkflowExecutionFailedEventAttributes(_) => Status::Failed,
        A::WorkflowExecutionTimedOutEventAttributes(_) => Status::TimedOut,
        A::WorkflowExecutionCanceledEventAttributes(_) => Status::Canceled,
        A::WorkflowExecutionTerminatedEventAttributes(_) => Status::Terminated,
        A::WorkflowExecutionContinuedAsNewEventAttributes(_) => Status::ContinuedAsNew,
        _ => return None,
    })
}
