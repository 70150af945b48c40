//! Command events: each confirms the command at the head of the queue (protocol 3.6).

use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::ahead::updates_changes;
use super::apply::divergence;
use super::{Place, Run};
use crate::command::{Command, Mismatch, Queued};
use crate::error::RunError;
use crate::machines::{
    ActivityIdentity, ActivityInput, ChildInput, ChildNews, ExternalInput, NexusInput, NexusNews,
    TimerInput, UpdateInputKind,
};
use crate::nondeterminism::Divergence;
use crate::shared::Route;
use crate::workflow::Outcome;

/// What became of a command event and the command at the head of the queue.
enum Confirmed {
    Yes,
    /// The command is of another kind.
    OtherCommand,
    /// The command is of the kind, but another one.
    OtherIdentity(Mismatch),
    /// The command's machine is in a state that the event does not fit.
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

impl Run {
    pub(super) fn confirm(&mut self, event: &mut HistoryEvent) -> Result<(), RunError> {
        // Only the very next event can belong to a marker that was passed over.
        let passed_over = std::mem::take(&mut self.passed_over);
        if event.event_type() == EventType::MarkerRecorded {
            return self.confirm_marker(event);
        }
        if passed_over && updates_changes(event) {
            return Ok(());
        }
        let queued = self.shared.tables.borrow_mut().commands.pop();
        let Some(queued) = queued else {
            return Err(divergence(event, Divergence::MissingCommand));
        };
        let found = match self.confirm_command(event, &queued) {
            Confirmed::Yes => {
                let mut tables = self.shared.tables.borrow_mut();
                tables.commands.confirmed(event.event_id);
                return Ok(());
            }
            Confirmed::OtherIdentity(mismatch) => mismatch.into_divergence(&queued),
            Confirmed::OtherCommand => Divergence::OtherCommand {
                command: queued.command.describe(),
                location: queued.location,
            },
            Confirmed::Unfit(state) => Divergence::UnexpectedEvent { state },
        };
        Err(divergence(event, found))
    }

    fn confirm_command(&mut self, event: &mut HistoryEvent, queued: &Queued) -> Confirmed {
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
                    activity.identity = ActivityIdentity::scheduled(event, event_id);
                }
                tables.routes.insert(event_id, Route::Activity(*seq));
                let input = ActivityInput::Scheduled;
                let commands = &mut tables.commands;
                Confirmed::by(tables.activities.apply(commands, *seq, input, |_| None))
            }
            (
                Attributes::ActivityTaskCancelRequestedEventAttributes(event),
                Command::RequestCancelActivity {
                    seq,
                    scheduled_event_id: code,
                },
            ) => {
                let history = event.scheduled_event_id;
                if let Err(mismatch) = Mismatch::scheduled_event_id(history, *code) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                let input = ActivityInput::CancelRequested;
                let commands = &mut tables.commands;
                Confirmed::by(tables.activities.apply(commands, *seq, input, |_| None))
            }
            (Attributes::TimerStartedEventAttributes(event), Command::StartTimer { seq, .. }) => {
                if let Err(mismatch) = Mismatch::timer(&event.timer_id, *seq) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                let (commands, input) = (&mut tables.commands, TimerInput::TimerStarted);
                Confirmed::by(tables.timers.apply(commands, *seq, input))
            }
            (Attributes::TimerCanceledEventAttributes(event), Command::CancelTimer { seq }) => {
                if let Err(mismatch) = Mismatch::timer(&event.timer_id, *seq) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                let (commands, input) = (&mut tables.commands, TimerInput::TimerCanceled);
                Confirmed::by(tables.timers.apply(commands, *seq, input))
            }
            (
                Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(event),
                Command::StartChild {
                    seq,
                    random_id,
                    attributes,
                    ..
                },
            ) => {
                let (more, commands) = tables.more_and_commands();
                let adopts_id = *random_id && more.children.adopts_random_ids();
                if let Err(mismatch) = Mismatch::child(event, attributes, adopts_id) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                if let Some(identity) = more.children.identity(*seq) {
                    identity.initiated_event_id = event_id;
                    identity.workflow_id = std::mem::take(&mut event.workflow_id);
                    identity.namespace = std::mem::take(&mut event.namespace);
                }
                let (input, news) = (ChildInput::Initiated, ChildNews::Nothing);
                let applied = more.children.apply(commands, *seq, input, news);
                tables.routes.insert(event_id, Route::Child(*seq));
                Confirmed::by(applied)
            }
            (
                Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(event),
                Command::SignalExternal { seq, attributes },
            ) => {
                if let Err(mismatch) = Mismatch::signal(event, attributes) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                let (more, commands) = tables.more_and_commands();
                let input = ExternalInput::Initiated;
                let applied = more.signals.apply(commands, *seq, input, None);
                tables.routes.insert(event_id, Route::Signal(*seq));
                Confirmed::by(applied)
            }
            (
                Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(event),
                Command::CancelExternal { seq, attributes },
            ) => {
                if let Err(mismatch) = Mismatch::cancel(event, attributes) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                let (more, commands) = tables.more_and_commands();
                let input = ExternalInput::Initiated;
                let applied = more.cancels.apply(commands, *seq, input, None);
                tables.routes.insert(event_id, Route::Cancel(*seq));
                Confirmed::by(applied)
            }
            (
                Attributes::NexusOperationScheduledEventAttributes(event),
                Command::ScheduleNexusOperation {
                    seq, attributes, ..
                },
            ) => {
                if let Err(mismatch) = Mismatch::nexus(event, attributes) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                let (more, commands) = tables.more_and_commands();
                if let Some(identity) = more.nexus_operations.identity(*seq) {
                    identity.scheduled_event_id = event_id;
                }
                let (input, news) = (NexusInput::Scheduled, NexusNews::Nothing);
                let applied = more.nexus_operations.apply(commands, *seq, input, news);
                tables.routes.insert(event_id, Route::Nexus(*seq));
                Confirmed::by(applied)
            }
            (
                Attributes::NexusOperationCancelRequestedEventAttributes(event),
                Command::RequestCancelNexusOperation {
                    seq,
                    scheduled_event_id: code,
                },
            ) => {
                let history = event.scheduled_event_id;
                if let Err(mismatch) = Mismatch::scheduled_event_id(history, *code) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                let (more, commands) = tables.more_and_commands();
                let (input, news) = (NexusInput::CancelIssued, NexusNews::Nothing);
                Confirmed::by(more.nexus_operations.apply(commands, *seq, input, news))
            }
            (
                Attributes::UpsertWorkflowSearchAttributesEventAttributes(event),
                Command::UpsertSearchAttributes { fields, .. },
            ) => match Mismatch::search_attributes(event, fields) {
                Ok(()) => Confirmed::Yes,
                Err(mismatch) => Confirmed::OtherIdentity(mismatch),
            },
            (
                Attributes::WorkflowPropertiesModifiedEventAttributes(_),
                Command::ModifyProperties { .. },
            ) => Confirmed::Yes,
            (
                Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(event),
                Command::AcceptUpdate { seq, id, .. },
            ) => {
                let history = &event.protocol_instance_id;
                if let Err(mismatch) = Mismatch::check("update id", history, id) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                let input = UpdateInputKind::UpdateAccepted;
                Confirmed::by(tables.more().updates.apply(*seq, input))
            }
            (
                Attributes::WorkflowExecutionUpdateCompletedEventAttributes(event),
                Command::CompleteUpdate { seq, id, .. },
            ) => {
                let history = event.meta.as_ref().map_or("", |meta| &meta.update_id);
                if let Err(mismatch) = Mismatch::check("update id", history, id) {
                    return Confirmed::OtherIdentity(mismatch);
                }
                let input = UpdateInputKind::UpdateCompleted;
                Confirmed::by(tables.more().updates.apply(*seq, input))
            }
            (attributes, Command::End(outcome)) if is_end(attributes, outcome) => {
                self.place = Place::Closed;
                Confirmed::Yes
            }
            _ => Confirmed::OtherCommand,
        }
    }
}

/// Whether an event is the end that the code chose.
fn is_end(event: &Attributes, outcome: &Outcome) -> bool {
    matches!(
        (event, outcome),
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
    )
}
