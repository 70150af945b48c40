//! Events that no command of the code made: routed to their machine, or queued for the code.

use std::mem::take;

use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionStartedEventAttributes,
};

use super::apply::divergence;
use super::update::{Incoming, UpdateRequest, Verdict};
use super::{Job, Place, Run};
use crate::error::RunError;
use crate::history::is_ignorable;
use crate::info::RunInfo;
use crate::machines::{
    ActivityIdentity, ActivityInput, ActivityResolution, TimerInput, activity_canceled,
    activity_failed,
};
use crate::nondeterminism::Divergence;
use crate::random::RunRandom;
use crate::sdk::is_own;
use crate::shared::{HistoryFigures, Route};
use crate::workflow::SignalInput;

/// A Started whose chunk has not been activated: its time counts only if it is the chunk's last.
#[derive(Debug)]
pub(super) struct PendingStarted {
    pub(super) time: Option<durably_protos::google::protobuf::Timestamp>,
    pub(super) figures: HistoryFigures,
}

/// A set of small numbers; those of later servers that do not fit are left out.
fn bits(numbers: &[i32]) -> u8 {
    let bit = |number: &i32| {
        u32::try_from(*number)
            .ok()
            .and_then(|number| 1_u8.checked_shl(number))
    };
    numbers
        .iter()
        .filter_map(bit)
        .fold(0, |bits, bit| bits | bit)
}

impl Run {
    pub(super) fn apply_outside(&mut self, event: &mut HistoryEvent) -> Result<(), RunError> {
        match &mut event.attributes {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(attributes)) => {
                let attributes = take(attributes);
                self.initialize(event, attributes);
            }
            Some(Attributes::WorkflowTaskStartedEventAttributes(attributes)) => {
                self.pending_started = Some(PendingStarted {
                    time: event.event_time,
                    figures: HistoryFigures {
                        length: event.event_id,
                        size_bytes: attributes.history_size_bytes,
                        continue_as_new_suggested: attributes.suggest_continue_as_new,
                        continue_as_new_reasons: bits(&attributes.suggest_continue_as_new_reasons),
                        target_version_changed: attributes.target_worker_deployment_version_changed,
                    },
                });
            }
            Some(Attributes::WorkflowTaskCompletedEventAttributes(attributes)) => {
                self.place = Place::Completed;
                // A completion names the SDK when it is another than before.
                let named = attributes.sdk_metadata.as_ref();
                if let Some(named) = named.filter(|metadata| !metadata.sdk_name.is_empty()) {
                    self.recorded_by_us = is_own(named);
                }
            }
            Some(Attributes::WorkflowTaskFailedEventAttributes(attributes)) => {
                // A reset continues another run's history; from here on randomness is the new
                // run's own (protocol 4.14).
                if attributes.cause() == WorkflowTaskFailedCause::ResetWorkflow {
                    *self.shared.random.borrow_mut() = RunRandom::new(&attributes.new_run_id);
                }
            }
            Some(Attributes::WorkflowExecutionSignaledEventAttributes(attributes)) => {
                self.stirred = true;
                self.messages.push(Incoming::Signal(SignalInput {
                    name: take(&mut attributes.signal_name),
                    arguments: attributes.input.take().unwrap_or_default().payloads,
                    header: attributes.header.take(),
                    identity: take(&mut attributes.identity),
                }));
            }
            Some(Attributes::WorkflowExecutionCancelRequestedEventAttributes(attributes)) => {
                self.stirred = true;
                self.jobs.push(Job::Cancel(take(&mut attributes.cause)));
            }
            Some(Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(attributes)) => {
                let request = attributes.request.take().unwrap_or_default();
                let request = UpdateRequest::admitted(event.event_id, request);
                let verdict = match self.shared.replaying.get() {
                    true => Verdict::Unknown,
                    false => Verdict::Open,
                };
                self.messages
                    .push(Incoming::Update(Box::new(request), verdict));
            }
            Some(Attributes::TimerFiredEventAttributes(_)) => return self.timer_fired(event),
            // The run's end by the server, and the bookkeeping of workflow tasks.
            Some(
                Attributes::WorkflowExecutionTerminatedEventAttributes(_)
                | Attributes::WorkflowExecutionTimedOutEventAttributes(_),
            ) => self.place = Place::Closed,
            Some(
                Attributes::WorkflowTaskScheduledEventAttributes(_)
                | Attributes::WorkflowTaskTimedOutEventAttributes(_),
            ) => {}
            _ => return self.apply_activity(event),
        }
        Ok(())
    }

    /// `WorkflowExecutionStarted`: the code is started in the first activation, when workflow
    /// time is known.
    fn initialize(
        &mut self,
        event: &HistoryEvent,
        mut attributes: Box<WorkflowExecutionStartedEventAttributes>,
    ) {
        self.input = attributes.input.take().unwrap_or_default().payloads;
        *self.shared.random.borrow_mut() = RunRandom::new(&attributes.original_execution_run_id);
        self.shared.advance(event.event_time.as_ref());
        let info = RunInfo::new(
            take(&mut self.identity),
            event.event_time.as_ref(),
            *attributes,
        );
        // There is no second one: `check_id` lets only event 1 be a start.
        let _ = self.shared.info.set(info);
    }

    fn timer_fired(&mut self, event: &HistoryEvent) -> Result<(), RunError> {
        let Some(Attributes::TimerFiredEventAttributes(attributes)) = &event.attributes else {
            return Ok(());
        };
        let Ok(seq) = attributes.timer_id.parse() else {
            let initiating_event_id = attributes.started_event_id;
            let found = Divergence::UnknownInitiator {
                initiating_event_id,
            };
            return Err(divergence(event, found));
        };
        let mut tables = self.shared.tables.borrow_mut();
        let tables = &mut *tables;
        let commands = &mut tables.commands;
        match tables.timers.apply(commands, seq, TimerInput::TimerFired) {
            Ok(waker) => {
                self.jobs.extend(waker.map(Job::WakeDirect));
                self.stirred = true;
                Ok(())
            }
            Err(state) => Err(divergence(event, Divergence::UnexpectedEvent { state })),
        }
    }

    fn apply_activity(&mut self, event: &mut HistoryEvent) -> Result<(), RunError> {
        use ActivityInput as I;
        use ActivityResolution::{Completed, Failed};
        let failed = |identity: &ActivityIdentity, message: &str, retry_state, failure| {
            let failure = activity_failed(identity, message, retry_state, failure);
            Some(Failed(Box::new(failure)))
        };
        let (event_id, ignorable) = (event.event_id, is_ignorable(event));
        match &mut event.attributes {
            Some(Attributes::ActivityTaskStartedEventAttributes(a)) => {
                let (id, worker) = (a.scheduled_event_id, take(&mut a.identity));
                self.activity(event, id, I::Started, |identity| {
                    identity.started_event_id = event_id;
                    identity.worker = worker;
                    None
                })
            }
            Some(Attributes::ActivityTaskCompletedEventAttributes(a)) => {
                let (id, result) = (a.scheduled_event_id, a.result.take());
                self.activity(event, id, I::Ended, |_| Some(Completed(result)))
            }
            Some(Attributes::ActivityTaskFailedEventAttributes(a)) => {
                let (id, state, failure) = (a.scheduled_event_id, a.retry_state, a.failure.take());
                self.activity(event, id, I::Ended, |identity| {
                    failed(identity, "activity failed", state, failure)
                })
            }
            Some(Attributes::ActivityTaskTimedOutEventAttributes(a)) => {
                let (id, state, failure) = (a.scheduled_event_id, a.retry_state, a.failure.take());
                self.activity(event, id, I::Ended, |identity| {
                    failed(identity, "activity timed out", state, failure)
                })
            }
            Some(Attributes::ActivityTaskCanceledEventAttributes(a)) => {
                let (id, details) = (a.scheduled_event_id, a.details.take());
                self.activity(event, id, I::Canceled, |identity| {
                    Some(Failed(Box::new(activity_canceled(identity, details))))
                })
            }
            _ => self.apply_related(event, ignorable),
        }
    }

    /// Puts an event to the activity that it belongs to.
    fn activity(
        &mut self,
        event: &HistoryEvent,
        scheduled_event_id: i64,
        input: ActivityInput,
        end: impl FnOnce(&mut ActivityIdentity) -> Option<ActivityResolution>,
    ) -> Result<(), RunError> {
        let mut tables = self.shared.tables.borrow_mut();
        let tables = &mut *tables;
        let ends = input != ActivityInput::Started;
        let route = if ends {
            tables.routes.remove(&scheduled_event_id)
        } else {
            tables.routes.get(&scheduled_event_id).copied()
        };
        let Some(Route::Activity(seq)) = route else {
            let initiating_event_id = scheduled_event_id;
            let found = Divergence::UnknownInitiator {
                initiating_event_id,
            };
            return Err(divergence(event, found));
        };
        match tables
            .activities
            .apply(&mut tables.commands, seq, input, end)
        {
            Ok(waker) => {
                self.jobs.extend(waker.map(Job::Wake));
                self.stirred |= ends;
                Ok(())
            }
            Err(state) => Err(divergence(event, Divergence::UnexpectedEvent { state })),
        }
    }
}
