//! The trouble in one sentence.

use durably::replay::{Divergence, HistoryError, ReplayError, RunError, describe_event};
use durably_protos::temporal::api::history::v1::HistoryEvent;

use super::causes::{Case, FOLLOWS_VERSION};
use super::finding::{EventWords, FindingKind};
use super::payload_shape::{Values, without_value};
use super::trace_difference::TraceDifference;

/// How code and history part.
pub(super) fn problem(case: &Case<'_>) -> String {
    let id = case.divergence.event_id;
    let event = &case.divergence.event;
    let expected = case
        .expected()
        .map_or_else(|| event.clone(), |step| step.action.phrase());
    let issued = case.issued().map(|step| step.action.phrase());
    let issued = issued.unwrap_or_else(|| "nothing".to_owned());
    match &case.divergence.divergence {
        Divergence::MissingCommand => {
            format!("At event {id} history has {expected}; the code issues nothing for it.")
        }
        Divergence::OtherCommand { .. } => {
            format!("At event {id} history has {expected}; the code issues {issued}.")
        }
        // The phrases say it already.
        Divergence::OtherIdentity {
            field: "activity type" | "workflow type" | "marker" | "keys" | "signal name",
            ..
        } => format!("At event {id} history has {expected}; the code issues {issued}."),
        Divergence::OtherIdentity {
            field,
            history,
            code,
            ..
        } => format!(
            "At event {id} history has {expected}; the code issues {issued}: \
             the {field} is \"{history}\" in history and \"{code}\" in the code."
        ),
        Divergence::ExtraCommand { .. } => format!(
            "The code issues {issued}; history has nothing for it before event {id} ({event})."
        ),
        Divergence::UnknownInitiator {
            initiating_event_id,
        } => format!(
            "Event {id} ({event}) belongs to event {initiating_event_id}, which started something \
             that the code did not start."
        ),
        Divergence::UnexpectedEvent { state } => {
            format!("Event {id} ({event}) does not fit {state}.")
        }
        Divergence::EventAfterEnd => {
            format!("The code ended the workflow; history goes on with event {id} ({event}).")
        }
        other => format!("At event {id} ({event}): {other:?}."),
    }
}

/// The kind of an error other than a divergence.
pub(super) fn kind(error: &ReplayError) -> FindingKind {
    match error {
        ReplayError::NoStart => FindingKind::BrokenHistory,
        ReplayError::UnknownWorkflow { .. } => FindingKind::UnknownWorkflowType,
        ReplayError::Run { error, .. } => match error {
            RunError::Nondeterminism(_) => FindingKind::Divergence,
            RunError::History(_) => FindingKind::BrokenHistory,
            _ => FindingKind::CodeFailed,
        },
        _ => FindingKind::Unreadable,
    }
}

/// An error other than a divergence.
pub(super) fn of_error(error: &ReplayError, values: Values) -> String {
    match error {
        ReplayError::Run { error, .. } => match values {
            Values::Hidden => sentence(&without_value(&error.to_string())),
            Values::Shown => sentence(&error.to_string()),
        },
        error => sentence(&error.to_string()),
    }
}

/// The event that an error names.
pub(super) fn event(error: &ReplayError, events: &[HistoryEvent]) -> Option<EventWords> {
    let ReplayError::Run {
        error: RunError::History(error),
        ..
    } = error
    else {
        return None;
    };
    let event_id = match error {
        HistoryError::Gap { found, .. } => *found,
        HistoryError::NoStart { .. } => 1,
        HistoryError::MissingAttributes { event_id, .. }
        | HistoryError::UnknownEvent { event_id, .. }
        | HistoryError::UnknownMarker { event_id, .. }
        | HistoryError::MalformedMarker { event_id, .. }
        | HistoryError::Misplaced { event_id, .. }
        | HistoryError::Void { event_id, .. } => *event_id,
        HistoryError::Truncated { last, .. } | HistoryError::Overtaken { last, .. } => *last,
        _ => return None,
    };
    let event = events.iter().find(|event| event.event_id == event_id)?;
    Some(EventWords {
        event_id,
        event: describe_event(event),
    })
}

pub(super) fn not_deterministic(difference: &TraceDifference) -> String {
    let words = |it: &Option<super::finding::CommandWords>| {
        it.as_ref()
            .map_or("nothing more".to_owned(), |it| it.command.clone())
    };
    format!(
        "Two replays of the same history with the same code differ, in the workflow task of event \
         {}: the first issues {}, the second {}.",
        difference.task_started_event_id,
        words(&difference.first),
        words(&difference.second)
    )
}

/// With a capital and a full stop; a place at its beginning is told apart.
fn sentence(text: &str) -> String {
    let place = text.find(FOLLOWS_VERSION);
    let text = place.map_or(text, |place| &text[place + 2..]);
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{}{}{stop}", first.unwrap_or_default(), letters.as_str())
}
