//! Calls that were added or removed.

use super::case::Case;
use super::order::capital;
use super::{Cause, CauseKind, Fix};
use crate::report::action::{Action, Kind};

fn is_mark(kind: Kind) -> bool {
    matches!(kind, Kind::Patch | Kind::DeprecatedPatch)
}

fn patch_for_added(added: &Action) -> Fix {
    Fix::patch(&format!("add-{}", added.slug()), &[added], &[])
}

fn patch_for_removed(removed: &[&Action]) -> Fix {
    let first = removed.first().map_or("call".to_owned(), |it| it.slug());
    Fix::patch(&format!("without-{first}"), &[], removed)
}

/// `a`, `a and b`, `a, b and 3 more`.
fn listed(actions: &[&Action]) -> String {
    let names: Vec<_> = actions.iter().take(3).map(|it| it.called()).collect();
    let more = actions.len() - names.len();
    match (&names[..], more) {
        ([first @ .., last], 0) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (_, 0) => names.join(", "),
        (_, more) => format!("{} and {more} more", names.join(", ")),
    }
}

/// The code issues something that the rest of the history does not know.
pub(super) fn added_call(case: &Case<'_>) -> Option<Cause> {
    let (expected, issued) = case.both()?;
    let (ours, theirs) = (&issued.action, &expected.action);
    if ours.is_same(theirs)
        || ours.kind.is_end()
        || theirs.kind.is_end()
        || is_mark(theirs.kind)
        || case.later_in_history(ours).is_some()
    {
        return None;
    }
    let likelihood = match case.later_in_code(theirs) {
        Some((1, _)) => 96,
        Some(_) => 88,
        None if case.code_waits() && ours.kind != theirs.kind => 78,
        None if case.code_waits() => 60,
        None => 40,
    };
    let evidence = match case.later_in_code(theirs) {
        Some(_) => format!(
            "after it the code issues {}, which history has here",
            theirs.called()
        ),
        None => format!("history goes on with {}", theirs.called()),
    };
    Some(
        Cause::new(
            CauseKind::AddedCall,
            likelihood,
            format!("{} was added", capital(&ours.called())),
        )
        .because(format!(
            "It is nowhere in the rest of the history; {evidence}."
        ))
        .fix(patch_for_added(ours).at(issued.place.as_ref())),
    )
}

/// The code issues something in a workflow task that has no event for it.
pub(super) fn added_call_without_event(case: &Case<'_>) -> Option<Cause> {
    let issued = case.issued()?;
    if case.expected().is_some() || issued.action.kind.is_end() {
        return None;
    }
    let likelihood = match case.later_in_history(&issued.action) {
        Some(_) => 58,
        None => 90,
    };
    let ours = issued.action.called();
    Some(
        Cause::new(
            CauseKind::AddedCall,
            likelihood,
            format!("{} was added", capital(&ours)),
        )
        .because(format!(
            "The workflow task of event {} has no event for it, and all other commands of the task \
             have theirs.",
            issued.task
        ))
        .fix(patch_for_added(&issued.action).at(issued.place.as_ref())),
    )
}

/// History has something that the code passes over.
pub(super) fn removed_call(case: &Case<'_>) -> Option<Cause> {
    let (expected, issued) = case.both()?;
    let (ours, theirs) = (&issued.action, &expected.action);
    if ours.is_same(theirs)
        || is_mark(theirs.kind)
        || theirs.kind.is_end()
        // That is an early end, which has a rule of its own.
        || ours.kind.is_end()
        || case.later_in_code(theirs).is_some()
    {
        return None;
    }
    let (distance, in_history) = case.later_in_history(ours)?;
    let next_fits = match (case.history.get(distance + 1), case.code.get(1)) {
        (Some(history), Some(code)) => history.action.is_same(&code.action),
        _ => false,
    };
    let likelihood = match (distance, next_fits) {
        (1, true) => 94,
        (_, true) => 88,
        (1, false) => 72,
        (_, false) => 50,
    };
    let passed_over: Vec<_> = case.history[..distance]
        .iter()
        .map(|it| &it.action)
        .collect();
    let verb = if passed_over.len() == 1 {
        "was"
    } else {
        "were"
    };
    Some(
        Cause::new(
            CauseKind::RemovedCall,
            likelihood,
            format!("{} {verb} removed", capital(&listed(&passed_over))),
        )
        .because(format!(
            "The code goes on with {}, which history has at event {}.",
            ours.called(),
            in_history.event_id
        ))
        .fix(patch_for_removed(&passed_over).at(issued.place.as_ref())),
    )
}

/// History has something, and the code issues nothing at all for it.
pub(super) fn removed_last_call(case: &Case<'_>) -> Option<Cause> {
    let expected = case.expected()?;
    let theirs = &expected.action;
    if case.issued().is_some() || is_mark(theirs.kind) || theirs.kind.is_end() {
        return None;
    }
    let waits = case.waiting().map_or_else(
        || "The code issues nothing more in this workflow task.".to_owned(),
        |wait| format!("The code waits for {wait} and does not come to it."),
    );
    Some(
        Cause::new(
            CauseKind::RemovedCall,
            80,
            format!(
                "{} was removed, or now comes after something else",
                capital(&theirs.called())
            ),
        )
        .because(waits)
        .fix(patch_for_removed(&[theirs]).at(case.place().as_ref())),
    )
}
