//! The same call with another id.

use durably::replay::Divergence;

use super::case::Case;
use super::{Cause, CauseKind, Fix};
use crate::report::action::Kind;
use crate::report::place::SourcePlace;

/// The field that differs, with its value in history and in the code; none if the calls differ.
fn differing<'a>(case: &'a Case<'a>) -> Option<(&'a str, &'a str, &'a str)> {
    let Divergence::OtherIdentity {
        field,
        history,
        code,
        ..
    } = &case.divergence.divergence
    else {
        return None;
    };
    let (expected, issued) = case.both()?;
    issued
        .action
        .is_same(&expected.action)
        .then_some((*field, history, code))
}

fn is_counted(field: &str, history: &str, code: &str) -> bool {
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    matches!(field, "timer id" | "activity id") && is_number(history) && is_number(code)
}

/// An id that the code gives.
pub(super) fn changed_id(case: &Case<'_>) -> Option<Cause> {
    let (field, history, code) = differing(case)?;
    if is_counted(field, history, code) {
        return None;
    }
    let issued = case.issued()?;
    let fix = match issued.action.kind {
        Kind::Child => Fix::of_text(
            "Make the id of what the run knows for good: its input, its own workflow id, a counter, \
             `ctx.uuid()`; not of the time of day, of `rand` or of the place in a loop.",
        ),
        _ => Fix::of_text("Make the id in the same way as before, for runs that are under way."),
    };
    Some(
        Cause::new(
            CauseKind::ChangedId,
            92,
            format!("The {field} is made in another way"),
        )
        .because(format!(
            "It is the same call, with the {field} \"{history}\" in history and \"{code}\" in the code."
        ))
        .fix(fix.at(issued.place.as_ref())),
    )
}

/// An id that is counted: something before it, which left no event, was added or removed.
pub(super) fn shifted_id(case: &Case<'_>) -> Option<Cause> {
    let (field, history, code) = differing(case)?;
    if !is_counted(field, history, code) {
        return None;
    }
    let taken_back = case.traced.tasks.iter().flat_map(|task| &task.commands);
    let mut taken_back = taken_back.filter(|command| command.retracted);
    let retracted = taken_back.next_back();
    let place = retracted.and_then(|command| command.place.map(SourcePlace::from));
    let evidence = match (retracted, &place) {
        (Some(command), Some(place)) => {
            format!(
                " The code takes back {} ({place}) before it is sent.",
                command.command
            )
        }
        _ => String::new(),
    };
    let issued = case.issued()?;
    Some(
        Cause::new(
            CauseKind::ShiftedId,
            90,
            "Before this call, one was added or removed that leaves no event",
        )
        .because(format!(
            "Ids are counted: this one is {history} in history and {code} in the code. A call that is \
             dropped in the workflow task which made it, such as the timer of a timeout that was not \
             needed, counts too.{evidence}"
        ))
        .fix(
            Fix::of_text(
                "Make as many calls of this kind before it as the old code did, for runs that are under \
                 way: put the one that was added or removed behind `ctx.patched(..)`.",
            )
            .at(place.as_ref().or(issued.place.as_ref())),
        ),
    )
}
