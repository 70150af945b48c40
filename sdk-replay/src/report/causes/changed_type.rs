//! Arguments and results that cannot be read any more.

use durably::replay::{Wait, WaitedFor};
use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use super::{Cause, CauseKind, Fix};
use crate::report::examination::Examination;
use crate::report::payload_shape::{Values, payload, payloads, without_value};
use crate::report::place::{Place, SourcePlace};

/// How the SDK begins when it cannot read a workflow's arguments.
const INPUT: &str = "the input of workflow ";

/// A value has another type than when it was recorded; none if the message speaks of something else.
/// `place` is that of the call whose value it is.
pub(super) fn changed_type(
    examination: &Examination<'_>,
    message: &str,
    place: Option<Place>,
) -> Option<Cause> {
    if !message.contains("cannot be read") && !message.contains("cannot read a `") {
        return None;
    }
    let message = &match examination.values {
        Values::Hidden => without_value(message),
        Values::Shown => message.to_owned(),
    };
    let cause = match message.starts_with(INPUT) {
        true => of_input(examination, message),
        false => of_result(examination, message, place),
    };
    Some(cause)
}

fn of_input(examination: &Examination<'_>, message: &str) -> Cause {
    let position = parameter(message).unwrap_or(1);
    let wanted = wanted(message);
    let input = examination.started().and_then(|it| it.input.as_ref());
    let found = input.and_then(|it| it.payloads.get(position - 1));
    let place = examination.workflow_place();
    match found.map(|it| payload(it, examination.values)) {
        Some(found) => cause(
            format!("Parameter {position} of the workflow has another type now: `{wanted}`"),
            format!("The history's value: {found}."),
            place.as_ref(),
        ),
        None => cause(
            format!("Parameter {position} of the workflow has no value in the history: `{wanted}`"),
            "The run was started with fewer arguments.".to_owned(),
            place.as_ref(),
        ),
    }
}

/// The value is what the code has just waited for at the call.
fn of_result(examination: &Examination<'_>, message: &str, place: Option<Place>) -> Cause {
    let wanted = wanted(message);
    let Some(wait) = wait(examination, place) else {
        let title = format!("A recorded value cannot be read any more as `{wanted}`");
        let place = place.map(SourcePlace::from);
        return cause(title, capital(message), place.as_ref());
    };
    let place = wait.place.map(SourcePlace::from);
    let found = result(wait, &examination.history.events).and_then(|(_, found)| found);
    let found = found.map(|it| payloads(Some(it), examination.values));
    let found = found.filter(|it| !it.is_empty());
    cause(
        format!(
            "The result of {} has another type now: `{wanted}`",
            wait.what
        ),
        match found {
            Some(found) => format!("The history's value: {found}."),
            None => "History has no value for it.".to_owned(),
        },
        place.as_ref(),
    )
}

/// What the code has just waited for at the call, when that is only one thing.
fn wait<'a>(examination: &Examination<'a>, place: Option<Place>) -> Option<&'a Wait> {
    let resumed = &examination.traced.tasks.last()?.resumed;
    let mut waits = resumed
        .iter()
        .filter(|wait| place.is_none() || wait.place == place);
    let wait = waits.next()?;
    waits.next().is_none().then_some(wait)
}

fn cause(title: String, explanation: String, place: Option<&SourcePlace>) -> Cause {
    let fix = Fix::of_text(
        "Let the type read what old runs wrote: new fields are optional or have a default, renamed ones \
         keep their old name as an alias, and numbers stay wide enough.",
    );
    Cause::new(CauseKind::ChangedType, 95, title)
        .because(explanation)
        .fix(fix.at(place).with_code(
            "#[derive(Serialize, Deserialize)]\nstruct Order {\n    #[serde(default)]\n    \
             added: u32,\n    #[serde(alias = \"old_name\")]\n    renamed: String,\n}",
        ))
}

/// The type that the code wants.
fn wanted(message: &str) -> &str {
    message.split('`').nth(1).unwrap_or("another type")
}

fn capital(message: &str) -> String {
    super::order::capital(message)
}

/// The event whose value cannot be read; none if the message speaks of something else, or if the
/// value may be one of several.
pub(super) fn event(
    examination: &Examination<'_>,
    message: &str,
    place: Option<Place>,
) -> Option<i64> {
    changed_type(examination, message, place)?;
    let events = &examination.history.events[..];
    if message.starts_with(INPUT) {
        return events.first().map(|event| event.event_id);
    }
    result(wait(examination, place)?, events).map(|(event_id, _)| event_id)
}

/// What history has as the result of an activity that the code waited for, and in which event.
fn result<'a>(wait: &Wait, events: &'a [HistoryEvent]) -> Option<(i64, Option<&'a Payloads>)> {
    let WaitedFor::Activity {
        activity_id: Some(id),
        ..
    } = &wait.what
    else {
        return None;
    };
    let scheduled = events.iter().rev().find(|event| {
        matches!(&event.attributes, Some(A::ActivityTaskScheduledEventAttributes(it)) if it.activity_id == *id)
    })?;
    events.iter().find_map(|event| match &event.attributes {
        Some(A::ActivityTaskCompletedEventAttributes(it))
            if it.scheduled_event_id == scheduled.event_id =>
        {
            Some((event.event_id, it.result.as_ref()))
        }
        _ => None,
    })
}

/// The number in `parameter 2 of 3`.
fn parameter(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once("parameter ")?;
    let number = rest.split(' ').next()?.parse().ok()?;
    (number > 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_is_found() {
        assert_eq!(parameter("cannot be read: parameter 2 of 3: no"), Some(2));
        assert_eq!(parameter("parameter 0 of 3"), None);
        assert_eq!(parameter("cannot be read"), None);
    }
}
