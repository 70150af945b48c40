//! Applies one event: is it one that may come here, and whose is it?

use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::{Place, Run};
use crate::error::{HistoryError, RunError};
use crate::history::{describe, is_command_event, is_ignorable, type_name};
use crate::nondeterminism::{Divergence, Nondeterminism};

impl Run {
    pub(super) fn apply(&mut self, mut event: HistoryEvent) -> Result<(), RunError> {
        self.check_id(&event)?;
        let is_command = is_command_event(&event);
        if !is_ignorable(&event) {
            self.check_place(&event, is_command)?;
        }
        if event.attributes.is_none() {
            check_may_be_skipped(&event)?;
        } else if is_command {
            self.confirm(&mut event)?;
        } else {
            self.apply_outside(&mut event)?;
        }
        self.last_event_id = event.event_id;
        Ok(())
    }

    /// Ids count from 1 without gaps, and event 1 is the start.
    fn check_id(&self, event: &HistoryEvent) -> Result<(), HistoryError> {
        let (last, found) = (self.last_event_id, event.event_id);
        if found != last + 1 {
            return Err(HistoryError::Gap { last, found });
        }
        let is_start = matches!(
            event.attributes,
            Some(Attributes::WorkflowExecutionStartedEventAttributes(_))
        );
        match (found == 1, is_start) {
            (true, false) => Err(HistoryError::NoStart {
                found: type_name(event),
            }),
            (false, true) => Err(misplaced(event)),
            _ => Ok(()),
        }
    }

    /// Whether an event may come where the run stands.
    fn check_place(&mut self, event: &HistoryEvent, is_command: bool) -> Result<(), RunError> {
        match self.place {
            Place::Outside => Ok(()),
            Place::Completed if is_command => Ok(()),
            Place::Completed => {
                self.place = Place::Outside;
                self.check_all_confirmed(Some(event))
            }
            Place::Executed if event.event_type() == EventType::WorkflowTaskCompleted => Ok(()),
            Place::Executed => Err(self.void(event)),
            Place::Closed => Err(misplaced(event).into()),
        }
    }

    /// An event where only the `WorkflowTaskCompleted` of an executed task can stand.
    pub(super) fn void(&self, event: &HistoryEvent) -> RunError {
        HistoryError::Void {
            started: self.last_started_event_id,
            event_id: event.event_id,
            event_type: type_name(event),
        }
        .into()
    }

    /// After the command events of a completion the queue must be empty (protocol 3.6): every
    /// command of that completion has its event, so what is left the recorded code never issued.
    /// `next` is the event that comes instead; none at the end of the history.
    pub(super) fn check_all_confirmed(&self, next: Option<&HistoryEvent>) -> Result<(), RunError> {
        let Some(extra) = self.shared.tables.borrow_mut().commands.pop() else {
            return Ok(());
        };
        let (command, location) = (extra.command.describe(), extra.location);
        let nondeterminism = Nondeterminism {
            event_id: self.last_event_id + 1,
            event: next.map_or_else(|| "the end of the history".to_owned(), describe),
            divergence: Divergence::ExtraCommand { command, location },
        };
        Err(nondeterminism.into())
    }
}

/// Events without attributes may be skipped when they say so; else this version is too old, or
/// the history is broken (protocol 3.1).
fn check_may_be_skipped(event: &HistoryEvent) -> Result<(), HistoryError> {
    if is_ignorable(event) {
        return Ok(());
    }
    let (event_id, event_type) = (event.event_id, type_name(event));
    Err(match EventType::try_from(event.event_type) {
        Ok(_) => HistoryError::MissingAttributes {
            event_id,
            event_type,
        },
        Err(_) => HistoryError::UnknownEvent {
            event_id,
            event_type,
        },
    })
}

fn misplaced(event: &HistoryEvent) -> HistoryError {
    HistoryError::Misplaced {
        event_id: event.event_id,
        event_type: type_name(event),
    }
}

pub(super) fn divergence(event: &HistoryEvent, divergence: Divergence) -> RunError {
    Nondeterminism {
        event_id: event.event_id,
        event: describe(event),
        divergence,
    }
    .into()
}
