//! `MarkerRecorded`: confirms a marker of the code's, unless it belongs to a local activity that
//! was replayed from it, or may be passed over (protocol 3.6, 4.7).

use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::Run;
use super::apply::divergence;
use crate::command::{Command, Marker, MarkerError, MarkerIdentity, Queued};
use crate::error::{HistoryError, RunError};
use crate::nondeterminism::Divergence;

impl Run {
    pub(super) fn confirm_marker(&mut self, event: &HistoryEvent) -> Result<(), RunError> {
        let Some(Attributes::MarkerRecordedEventAttributes(attributes)) = &event.attributes else {
            return Ok(());
        };
        let marker = Marker::read(attributes)
            .map_err(|error| unreadable(event, &attributes.marker_name, error))?;
        let key = marker.key;
        let mut tables = self.shared.tables.borrow_mut();
        if let MarkerIdentity::LocalActivity { number: seq, .. } = key
            && tables.more().local_activities.was_replayed(seq)
        {
            let confirmed = tables.more().local_activities.marker_recorded(seq, &key);
            return confirmed
                .map_err(|state| divergence(event, Divergence::UnexpectedEvent { state }));
        }
        if tables
            .commands
            .peek()
            .is_some_and(|head| confirms(head, &key))
        {
            tables.commands.pop();
            tables.commands.confirmed(event.event_id);
            if let MarkerIdentity::LocalActivity { number: seq, .. } = key {
                let confirmed = tables.more().local_activities.marker_recorded(seq, &key);
                return confirmed
                    .map_err(|state| divergence(event, Divergence::UnexpectedEvent { state }));
            }
            return Ok(());
        }
        if key.may_be_passed_over() {
            self.passed_over = true;
            return Ok(());
        }
        let found = match tables.commands.pop() {
            None => match tables.more().local_activities.other_than(&key) {
                Some(state) => Divergence::UnexpectedEvent { state },
                None => Divergence::MissingCommand,
            },
            Some(Queued {
                command: Command::RecordMarker(code),
                location,
            }) => Divergence::OtherIdentity {
                field: "marker",
                history: key.to_string(),
                code: code.key.to_string(),
                command: Command::RecordMarker(code).describe(),
                location,
            },
            Some(head) => Divergence::OtherCommand {
                command: head.command.describe(),
                location: head.location,
            },
        };
        Err(divergence(event, found))
    }
}

/// Whether the command at the head of the queue made this marker. Deprecating a patch changes its
/// marker, and not which one it is.
fn confirms(head: &Queued, event: &MarkerIdentity) -> bool {
    let Command::RecordMarker(code) = &head.command else {
        return false;
    };
    match (&code.key, event) {
        (MarkerIdentity::Patch { id: code, .. }, MarkerIdentity::Patch { id: event, .. }) => {
            code == event
        }
        (code, event) => code == event,
    }
}

fn unreadable(event: &HistoryEvent, name: &str, error: MarkerError) -> RunError {
    let (event_id, name) = (event.event_id, name.to_owned());
    match error {
        MarkerError::Unknown => HistoryError::UnknownMarker { event_id, name },
        MarkerError::Malformed(part) => HistoryError::MalformedMarker {
            event_id,
            name,
            part,
        },
    }
    .into()
}
