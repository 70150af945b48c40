//! Code that is not deterministic by itself.

use super::case::Case;
use super::{Cause, CauseKind, Fix};
use crate::report::action::Kind;
use crate::report::trace_difference::TraceDifference;

const REMEDY: &str = "Take randomness from `ctx.random()` and `ctx.uuid()`, time from `ctx.now()`, \
    iterate over a `BTreeMap` or a sorted `Vec` instead of a `HashMap` or `HashSet`, and keep reads of \
    files, environment variables and statics in activities.";

/// Two replays differ: nothing that history has can be the reason.
pub(super) fn two_replays_differ(case: &Case<'_>) -> Option<Cause> {
    case.difference.map(not_deterministic)
}

/// The cause that two replays which differ have.
pub(in crate::report) fn not_deterministic(difference: &TraceDifference) -> Cause {
    let explanation = format!(
        "Two replays of the same history differ in the workflow task of event {}: the first issues \
         {}, the second {}.",
        difference.task_started_event_id,
        words(difference.first.as_ref()),
        words(difference.second.as_ref()),
    );
    Cause::new(
        CauseKind::NotDeterministic,
        100,
        "The code itself is not deterministic: randomness, a clock or the order of a hash map",
    )
    .because(explanation)
    .fix(Fix::of_text(REMEDY).at(difference.place()))
}

/// The cause where replays differ, and no more is known.
pub(in crate::report) fn unsteady() -> Cause {
    Cause::new(
        CauseKind::NotDeterministic,
        100,
        "The code itself is not deterministic: randomness, a clock, a static or the order of a hash map",
    )
    .because("Replays of the same history with the same code differ.")
    .fix(Fix::of_text(REMEDY))
}

fn words(command: Option<&crate::report::finding::CommandWords>) -> String {
    match command {
        None => "nothing more".to_owned(),
        Some(it) => match &it.place {
            Some(place) => format!("{} at {place}", it.command),
            None => it.command.clone(),
        },
    }
}

/// Calls of the same place in another order: a loop over something without an order may do that.
pub(super) fn unordered_collection(case: &Case<'_>) -> Option<Cause> {
    let (expected, issued) = case.both()?;
    let (_, later) = case.later_in_history(&issued.action)?;
    let place = issued.place.as_ref()?;
    let from_there = case
        .code
        .iter()
        .filter(|it| it.place.as_ref() == Some(place));
    let is_loop = from_there.count() > 1;
    let is_call = matches!(
        issued.action.kind,
        Kind::Activity | Kind::Child | Kind::LocalActivity
    );
    if !is_loop
        || !is_call
        || later.task != expected.task
        || issued.action.is_same(&expected.action)
    {
        return None;
    }
    Some(
        Cause::new(
            CauseKind::UnorderedCollection,
            72,
            "The calls are issued in a loop over something without an order",
        )
        .because(format!(
            "Several calls of this task come from the same place, {place}, in another order than in \
             history: iterating over a `HashMap` or `HashSet` does that."
        ))
        .fix(Fix::of_text(REMEDY).at(Some(place))),
    )
}
