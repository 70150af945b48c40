//! Applies one event: routes it to its machine, or queues it for the code.

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    ActivityTaskScheduledEventAttributes, HistoryEvent, WorkflowExecutionStartedEventAttributes,
    WorkflowTaskStartedEventAttributes,
};

use super::Run;
use crate::command::{Command, Mismatch, Queued};
use crate::error::{HistoryError, RunError};
use crate::executor::catch;
use crate::history::{describe, is_command_event, is_ignorable, type_name};
use crate::info::RunInfo;
use crate::machines::{
    ActivityInput, ActivityResolution, TimerInput, activity_canceled, activity_failed,
};
use crate::nondeterminism::{Divergence, Nondeterminism};
use crate::random::RunRandom;
use crate::shared::{HistoryFigures, Route};
use crate::workflow::{Outcome, SignalInput};

impl Run {
    pub(super) fn apply(&mut self, mut event: HistoryEvent) -> Result<(), RunError> {
        self.check_id(&event)?;
        if event.event_id == 1
            && !matches!(
                event.attributes,
                Some(Attributes::WorkflowExecutionStartedEventAttributes(_))
            )
        {
            let found = type_name(&event);
            return Err(HistoryError::NoStart { found }.into());
        }
        let is_command = is_command_event(&event);
        if self.confirming && !is_command && !is_ignorable(&event) {
            self.confirming = false;
            self.check_all_confirmed(&event)?;
        }
        let Some(attributes) = event.attributes.take() else {
            return self.apply_unknown(&event);
        };
        if is_command {
            event.attributes = Some(attributes);
            self.confirm(&mut event)?;
        } else {
            self.apply_outside(&mut event, attributes)?;
        }
        self.last_event_id = event.event_id;
        Ok(())
    }

    /// Events without attributes: skipped when they may be, else this version is too old, or
    /// the history is broken (protocol 3.1).
    fn apply_unknown(&mut self, event: &HistoryEvent) -> Result<(), RunError> {
        if !is_ignorable(event) {
            let (event_id, event_type) = (event.event_id, type_name(event));
            let known = !event_type.starts_with("number");
            return Err(match known {
                true => HistoryError::MissingAttributes {
                    event_id,
                    event_type,
                },
                false => HistoryError::UnknownEvent {
                    event_id,
                    event_type,
                },
            }
            .into());
        }
        self.last_event_id = event.event_id;
        Ok(())
    }

    /// After the command events of a completion the queue must be empty (protocol 3.6): every
    /// command of that completion has its event, so what is left the recorded code never issued.
    fn check_all_confirmed(&mut self, event: &HistoryEvent) -> Result<(), RunError> {
        let Some(extra) = self.shared.tables.borrow_mut().commands.pop() else {
            return Ok(());
        };
        let (command, location) = (extra.command.describe(), extra.location);
        Err(divergence(
            event,
            Divergence::ExtraCommand { command, location },
        ))
    }

    /// A command event confirms the command at the head of the queue.
    fn confirm(&mut self, event: &mut HistoryEvent) -> Result<(), RunError> {
        let Some(mut queued) = self.shared.tables.borrow_mut().commands.pop() else {
            let missing = if self.ended {
                Divergence::EventAfterEnd
            } else {
                Divergence::MissingCommand
            };
            return Err(divergence(event, missing));
        };
        match self.confirm_command(event, &mut queued) {
            Confirmed::Yes => Ok(()),
            Confirmed::OtherIdentity(mismatch) => {
                Err(divergence(event, mismatch.into_divergence(&queued)))
            }
            Confirmed::OtherCommand => {
                let (command, location) = (queued.command.describe(), queued.location);
                Err(divergence(
                    event,
                    Divergence::OtherCommand { command, location },
                ))
            }
            Confirmed::Unfit(state) => {
                Err(divergence(event, Divergence::UnexpectedEvent { state }))
            }
        }
    }

    fn confirm_command(&mut self, event: &mut HistoryEvent, queued: &mut Queued) -> Confirmed {
        let mut tables = self.shared.tables.borrow_mut();
        let tables = &mut *tables;
        let event_id = event.event_id;
        let Some(attributes) = &mut event.attributes else {
            return Confirmed::OtherCommand;
        };
        match (attributes, &queued.command) {
            (
                Attributes::ActivityTaskScheduledEventAttributes(event),
                Command::ScheduleActivity {
                    seq, attributes, ..
                },
            ) => {
                if let Err(mismatch) = Mismatch::activity(event, attributes) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                if let Some(activity) = tables.activities.find(*seq) {
                    identify(&mut activity.identity, event, event_id);
                }
                tables.routes.insert(event_id, Route::Activity(*seq));
                Confirmed::by(tables.activities.apply(
                    &mut tables.commands,
                    *seq,
                    ActivityInput::Scheduled,
                    |_| None,
                ))
            }
            (
                Attributes::ActivityTaskCancelRequestedEventAttributes(event),
                Command::RequestCancelActivity {
                    seq,
                    scheduled_event_id,
                },
            ) => {
                let (history, code) = (
                    event.scheduled_event_id.to_string(),
                    scheduled_event_id.to_string(),
                );
                if let Err(mismatch) = Mismatch::check("scheduled event id", &history, &code) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                Confirmed::by(tables.activities.apply(
                    &mut tables.commands,
                    *seq,
                    ActivityInput::CancelRequested,
                    |_| None,
                ))
            }
            (Attributes::TimerStartedEventAttributes(event), Command::StartTimer { seq, .. }) => {
                if let Err(mismatch) = check_timer_id(&event.timer_id, *seq) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                Confirmed::by(tables.timers.apply(
                    &mut tables.commands,
                    *seq,
                    TimerInput::TimerStarted,
                ))
            }
            (Attributes::TimerCanceledEventAttributes(event), Command::CancelTimer { seq }) => {
                if let Err(mismatch) = check_timer_id(&event.timer_id, *seq) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                Confirmed::by(tables.timers.apply(
                    &mut tables.commands,
                    *seq,
                    TimerInput::TimerCanceled,
                ))
            }
            (attributes, Command::End(outcome)) => {
                let same = matches!(
                    (attributes, &**outcome),
                    (
                        Attributes::WorkflowExecutionCompletedEventAttributes(_),
                        Outcome::Completed(_)
                    ) | (
                        Attributes::WorkflowExecutionFailedEventAttributes(_),
                        Outcome::Failed(_)
                    ) | (
                        Attributes::WorkflowExecutionCanceledEventAttributes(_),
                        Outcome::Canceled(_)
                    ) | (
                        Attributes::WorkflowExecutionContinuedAsNewEventAttributes(_),
                        Outcome::ContinuedAsNew(_)
                    )
                );
                if !same {
                    return Confirmed::OtherCommand;
                }
                self.closed = true;
                Confirmed::Yes
            }
            _ => Confirmed::OtherCommand,
        }
    }

    /// Events that no command of the code made.
    fn apply_outside(
        &mut self,
        event: &mut HistoryEvent,
        attributes: Attributes,
    ) -> Result<(), RunError> {
        match attributes {
            Attributes::WorkflowExecutionStartedEventAttributes(attributes) => {
                self.initialize(event, attributes)?;
            }
            Attributes::WorkflowTaskStartedEventAttributes(attributes) => {
                self.task_started(event, &attributes);
            }
            Attributes::WorkflowTaskCompletedEventAttributes(_) => self.confirming = true,
            Attributes::WorkflowTaskFailedEventAttributes(attributes) => {
                // A reset continues another run's history; from here on randomness is the new
                // run's own (protocol 4.14).
                if attributes.cause() == WorkflowTaskFailedCause::ResetWorkflow {
                    *self.shared.random.borrow_mut() = RunRandom::new(&attributes.new_run_id);
                }
            }
            Attributes::WorkflowExecutionSignaledEventAttributes(attributes) => {
                self.signals.push(SignalInput {
                    name: attributes.signal_name,
                    arguments: payloads(attributes.input),
                    header: attributes.header,
                    identity: attributes.identity,
                });
            }
            Attributes::WorkflowExecutionCancelRequestedEventAttributes(attributes) => {
                let scope = crate::context::Scopes::ROOT;
                let wakers = self
                    .shared
                    .tables
                    .borrow_mut()
                    .cancel_scope(scope, &attributes.cause);
                self.resolved.extend(wakers);
            }
            Attributes::TimerFiredEventAttributes(attributes) => {
                let Ok(seq) = attributes.timer_id.parse() else {
                    let initiating_event_id = attributes.started_event_id;
                    return Err(divergence(
                        event,
                        Divergence::UnknownInitiator {
                            initiating_event_id,
                        },
                    ));
                };
                let mut tables = self.shared.tables.borrow_mut();
                let tables = &mut *tables;
                match tables
                    .timers
                    .apply(&mut tables.commands, seq, TimerInput::TimerFired)
                {
                    Ok(waker) => self.resolved.extend(waker),
                    Err(state) => {
                        return Err(divergence(event, Divergence::UnexpectedEvent { state }));
                    }
                }
            }
            attributes => return self.apply_activity(event, attributes),
        }
        Ok(())
    }

    fn apply_activity(
        &mut self,
        event: &HistoryEvent,
        attributes: Attributes,
    ) -> Result<(), RunError> {
        use ActivityInput as I;
        use ActivityResolution::{Completed, Failed};
        match attributes {
            Attributes::ActivityTaskStartedEventAttributes(a) => {
                let mut tables = self.shared.tables.borrow_mut();
                let route = tables.routes.get(&a.scheduled_event_id).copied();
                if let Some(Route::Activity(seq)) = route
                    && let Some(activity) = tables.activities.find(seq)
                {
                    activity.identity.started_event_id = event.event_id;
                    activity.identity.worker = a.identity;
                }
                drop(tables);
                self.activity(event, a.scheduled_event_id, I::Started, |_| None)
            }
            Attributes::ActivityTaskCompletedEventAttributes(a) => {
                self.activity(event, a.scheduled_event_id, I::Ended, |_| {
                    Some(Completed(a.result))
                })
            }
            Attributes::ActivityTaskFailedEventAttributes(a) => {
                self.activity(event, a.scheduled_event_id, I::Ended, |identity| {
                    Some(Failed(Box::new(activity_failed(
                        identity,
                        "activity failed",
                        a.retry_state,
                        a.failure,
                    ))))
                })
            }
            Attributes::ActivityTaskTimedOutEventAttributes(a) => {
                self.activity(event, a.scheduled_event_id, I::Ended, |identity| {
                    Some(Failed(Box::new(activity_failed(
                        identity,
                        "activity timed out",
                        a.retry_state,
                        a.failure,
                    ))))
                })
            }
            Attributes::ActivityTaskCanceledEventAttributes(a) => {
                self.activity(event, a.scheduled_event_id, I::Canceled, |identity| {
                    Some(Failed(Box::new(activity_canceled(identity, a.details))))
                })
            }
            // The run's end by the server, and the bookkeeping of workflow tasks.
            Attributes::WorkflowExecutionTerminatedEventAttributes(_)
            | Attributes::WorkflowExecutionTimedOutEventAttributes(_) => {
                self.closed = true;
                Ok(())
            }
            Attributes::WorkflowTaskScheduledEventAttributes(_)
            | Attributes::WorkflowTaskTimedOutEventAttributes(_) => Ok(()),
            _ if is_ignorable(event) => Ok(()),
            // An outcome of something that this version's code cannot have started.
            _ => Err(divergence(event, Divergence::MissingCommand)),
        }
    }

    /// Puts an event to the activity that it belongs to.
    fn activity(
        &mut self,
        event: &HistoryEvent,
        scheduled_event_id: i64,
        input: ActivityInput,
        end: impl FnOnce(&mut crate::machines::ActivityIdentity) -> Option<ActivityResolution>,
    ) -> Result<(), RunError> {
        let mut tables = self.shared.tables.borrow_mut();
        let tables = &mut *tables;
        let Some(Route::Activity(seq)) = tables.routes.get(&scheduled_event_id).copied() else {
            let initiating_event_id = scheduled_event_id;
            return Err(divergence(
                event,
                Divergence::UnknownInitiator {
                    initiating_event_id,
                },
            ));
        };
        if matches!(input, ActivityInput::Ended | ActivityInput::Canceled) {
            tables.routes.remove(&scheduled_event_id);
        }
        match tables
            .activities
            .apply(&mut tables.commands, seq, input, end)
        {
            Ok(waker) => self.resolved.extend(waker),
            Err(state) => return Err(divergence(event, Divergence::UnexpectedEvent { state })),
        }
        Ok(())
    }

    /// `WorkflowExecutionStarted`: the code's state and main future are made, nothing is polled.
    fn initialize(
        &mut self,
        event: &HistoryEvent,
        mut attributes: Box<WorkflowExecutionStartedEventAttributes>,
    ) -> Result<(), RunError> {
        let input = payloads(attributes.input.take());
        *self.shared.random.borrow_mut() = RunRandom::new(&attributes.original_execution_run_id);
        self.shared.advance(event.event_time.as_ref());
        let identity = std::mem::take(&mut self.identity);
        let info = RunInfo::new(identity.clone(), event.event_time.as_ref(), attributes);
        self.identity = identity;
        // A second WorkflowExecutionStarted would have an id that check_id refuses.
        let _ = self.shared.info.set(info);
        self.input = input;
        Ok(())
    }

    /// Makes the code's state, once workflow time is known: in the first activation.
    pub(super) fn start_code(&mut self) -> Result<(), RunError> {
        let input = std::mem::take(&mut self.input);
        let (workflow, context) = (self.workflow.clone(), self.new_context());
        let started = catch(|| workflow.start(&context, &input).map_err(Box::new))?;
        let started = started.map_err(RunError::Code)?;
        self.instance = Some(started.instance);
        self.unstarted = Some(started.main);
        Ok(())
    }

    fn task_started(
        &mut self,
        event: &HistoryEvent,
        attributes: &WorkflowTaskStartedEventAttributes,
    ) {
        self.pending_started = Some(PendingStarted {
            time: event.event_time,
            figures: HistoryFigures {
                length: event.event_id,
                size_bytes: attributes.history_size_bytes,
                continue_as_new_suggested: attributes.suggest_continue_as_new,
            },
        });
    }
}

/// A Started whose chunk has not been activated: its time counts only if it is the chunk's last.
#[derive(Debug)]
pub(super) struct PendingStarted {
    pub(super) time: Option<durably_protos::google::protobuf::Timestamp>,
    pub(super) figures: HistoryFigures,
}

enum Confirmed {
    Yes,
    OtherCommand,
    OtherIdentity(Mismatch),
    Unfit(String),
}

impl Confirmed {
    /// A command event resolves nothing, so there is never a waker to wake.
    fn by<T>(applied: Result<T, String>) -> Self {
        match applied {
            Ok(_) => Self::Yes,
            Err(state) => Self::Unfit(state),
        }
    }
}

fn identify(
    identity: &mut crate::machines::ActivityIdentity,
    event: &mut ActivityTaskScheduledEventAttributes,
    event_id: i64,
) {
    identity.activity_id = std::mem::take(&mut event.activity_id);
    identity.activity_type = event
        .activity_type
        .take()
        .map(|kind| kind.name)
        .unwrap_or_default();
    identity.scheduled_event_id = event_id;
}

fn check_timer_id(history: &str, seq: u32) -> Result<(), Mismatch> {
    // No allocation on the path that every replayed timer takes.
    if history.parse() == Ok(seq) {
        return Ok(());
    }
    Mismatch::check("timer id", history, &seq.to_string())
}

fn divergence(event: &HistoryEvent, divergence: Divergence) -> RunError {
    Nondeterminism {
        event_id: event.event_id,
        event: describe(event),
        divergence,
    }
    .into()
}

fn payloads(payloads: Option<Payloads>) -> Vec<durably_protos::temporal::api::common::v1::Payload> {
    payloads
        .map(|payloads| payloads.payloads)
        .unwrap_or_default()
}
