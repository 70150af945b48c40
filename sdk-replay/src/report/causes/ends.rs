//! Runs that end in another way, earlier, or later.

use durably::replay::Divergence;

use super::case::Case;
use super::order::capital;
use super::{Cause, CauseKind, Fix};
use crate::report::action::Kind;

/// Both sides end the run, in different ways.
pub(super) fn ended_differently(case: &Case<'_>) -> Option<Cause> {
    let (expected, issued) = case.both()?;
    let (ours, theirs) = (&issued.action, &expected.action);
    if !ours.kind.is_end() || !theirs.kind.is_end() {
        return None;
    }
    let way = |kind| match kind {
        Kind::Complete => "completed",
        Kind::Fail => "failed",
        Kind::Cancel => "was canceled",
        _ => "continued as new",
    };
    let now = match ours.kind {
        Kind::Complete => "completes",
        Kind::Fail => "fails",
        Kind::Cancel => "is canceled",
        _ => "continues as new",
    };
    let id = format!("{}-instead-of-{}", ours.slug(), theirs.slug());
    Some(
        Cause::new(
            CauseKind::ChangedEnd,
            96,
            format!("The run {} and now {now}", way(theirs.kind)),
        )
        .because(
            "Up to its end the code does what history has: its result, its error handling or its \
             continuing as new changed.",
        )
        .fix(Fix::patch(&id, &[ours], &[theirs])),
    )
}

/// The code ends the run where history goes on.
pub(super) fn ended_early(case: &Case<'_>) -> Option<Cause> {
    let after_end = matches!(case.divergence.divergence, Divergence::EventAfterEnd);
    let issued = case.issued().filter(|step| step.action.kind.is_end());
    let ended = case.code.iter().find(|step| step.action.kind.is_end());
    let end = issued.or(ended.filter(|_| after_end));
    let expected = case.expected();
    if expected.is_some_and(|step| step.action.kind.is_end()) || (end.is_none() && !after_end) {
        return None;
    }
    let fails = end.is_some_and(|step| step.action.kind == Kind::Fail);
    let way = end.map_or("ends", |step| match step.action.kind {
        Kind::Complete => "completes",
        Kind::Fail => "fails",
        Kind::Cancel => "is canceled",
        _ => "continues as new",
    });
    let next = expected.map_or_else(
        || {
            format!(
                "event {} ({})",
                case.divergence.event_id, case.divergence.event
            )
        },
        |step| format!("{} at event {}", step.action.called(), step.event_id),
    );
    let hint = match fails {
        true => {
            " A `?` or a `return Err(..)` that was not there before may end it: look at the errors \
                  of what it awaited last."
        }
        false => "",
    };
    let end_call = end.map_or("return Ok(..);".to_owned(), |step| step.action.call());
    Some(
        Cause::new(
            CauseKind::EndedEarly,
            91,
            format!("The code {way} where history goes on"),
        )
        .because(format!("History goes on with {next}.{hint}"))
        .fix(
            Fix::of_text(
                "Go on as before in runs that are under way: end early only where the patch is new.",
            )
            .with_code(format!(
                "if ctx.patched(\"end-early\") {{\n    {end_call}\n}}\n// as it was when this run began\n{}",
                old_calls(case)
            ))
            .at(case.waiting_place().as_ref()),
        ),
    )
}

/// What history has next, as calls.
fn old_calls(case: &Case<'_>) -> String {
    let calls: Vec<_> = case
        .history
        .iter()
        .take(2)
        .map(|it| it.action.call())
        .collect();
    match calls.is_empty() {
        true => "..".to_owned(),
        false => calls.join("\n"),
    }
}

/// The code goes on where history ended the run.
pub(super) fn goes_on(case: &Case<'_>) -> Option<Cause> {
    let expected = case.expected().filter(|step| step.action.kind.is_end())?;
    let issued = case.issued();
    if issued.is_some_and(|step| step.action.kind.is_end()) {
        return None;
    }
    let Some(issued) = issued else {
        let wait = case.waiting();
        let wait = wait.unwrap_or_else(|| "nothing that the workflow knows".to_owned());
        return Some(
            Cause::new(
                CauseKind::EndedLater,
                88,
                "The code waits where history ended the run",
            )
            .because(format!("The code waits for {wait}."))
            .fix(
                Fix::of_text(
                    "Wait for it only in new runs: put the wait into `if ctx.patched(..) { .. }`.",
                )
                .at(case.place().as_ref()),
            ),
        );
    };
    let ours = &issued.action;
    Some(
        Cause::new(
            CauseKind::EndedLater,
            93,
            format!("{} was added before the run's end", capital(&ours.called())),
        )
        .because(format!(
            "History ends the run at event {}; the code issues {} first.",
            expected.event_id,
            ours.called()
        ))
        .fix(Fix::patch(&format!("add-{}", ours.slug()), &[ours], &[]).at(issued.place.as_ref())),
    )
}
