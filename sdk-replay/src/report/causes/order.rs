//! Calls in another order.

use super::case::Case;
use super::{Cause, CauseKind, Fix};
use crate::report::action::{Action, Kind};

/// What both sides do from here on until both calls were made. Of code that waits for its first call
/// no more is known than that the other must come later.
fn patch_for_order(case: &Case<'_>, issued: &Action, expected: &Action) -> Fix {
    let id = format!("{}-before-{}", issued.slug(), expected.slug());
    let in_code = case.later_in_code(expected).map_or(0, |(at, _)| at);
    let mut new: Vec<_> = case
        .code
        .iter()
        .take(in_code + 1)
        .map(|it| &it.action)
        .collect();
    if in_code == 0 {
        new = vec![issued, expected];
    }
    let in_history = case.later_in_history(issued).map_or(0, |(at, _)| at);
    let old = case
        .history
        .iter()
        .take(in_history + 1)
        .map(|it| &it.action);
    Fix::patch(&id, &new, &old.collect::<Vec<_>>())
}

/// Patches have rules of their own.
fn are_calls(left: Kind, right: Kind) -> bool {
    let is_patch = |kind| matches!(kind, Kind::Patch | Kind::DeprecatedPatch);
    !is_patch(left) && !is_patch(right)
}

/// Each side has the other's call later, and history has them in different workflow tasks.
pub(super) fn changed_order(case: &Case<'_>) -> Option<Cause> {
    let (expected, issued) = case.both()?;
    let (_, in_history) = case.later_in_history(&issued.action)?;
    let (_, in_code) = case.later_in_code(&expected.action)?;
    let parallel = in_history.task == expected.task && in_code.task == issued.task;
    if parallel
        || issued.action.is_same(&expected.action)
        || !are_calls(issued.action.kind, expected.action.kind)
    {
        return None;
    }
    let (ours, theirs) = (issued.action.called(), expected.action.called());
    Some(
        Cause::new(
            CauseKind::ChangedOrder,
            93,
            format!("Calls changed places: {ours} and {theirs}"),
        )
        .because(format!(
            "History has {theirs} at event {} and {ours} at event {}; the code issues {ours} first.",
            expected.event_id, in_history.event_id
        ))
        .fix(patch_for_order(case, &issued.action, &expected.action).at(issued.place.as_ref())),
    )
}

/// The same within one workflow task: calls that run side by side.
pub(super) fn changed_order_of_parallel_calls(case: &Case<'_>) -> Option<Cause> {
    let (expected, issued) = case.both()?;
    let (_, in_history) = case.later_in_history(&issued.action)?;
    let (_, in_code) = case.later_in_code(&expected.action)?;
    let parallel = in_history.task == expected.task && in_code.task == issued.task;
    if !parallel
        || issued.action.is_same(&expected.action)
        || !are_calls(issued.action.kind, expected.action.kind)
    {
        return None;
    }
    let (ours, theirs) = (issued.action.called(), expected.action.called());
    let fix = Fix::of_text(
        "Calls that run side by side are recorded in the order in which they are started. Start them \
         in the old order; what is awaited first does not matter.",
    );
    let code = format!(
        "// start in the old order: a call is issued when it is started or first polled\n{}\n{}",
        started(&expected.action),
        started(&issued.action)
    );
    Some(
        Cause::new(
            CauseKind::ChangedOrderOfParallelCalls,
            95,
            format!("Parallel calls are issued in another order: {ours} before {theirs}"),
        )
        .because(format!(
            "Both sides have both calls in the same workflow task; history has {theirs} (event {}) \
             before {ours} (event {}).",
            expected.event_id, in_history.event_id
        ))
        .fix(fix.with_code(code).at(issued.place.as_ref())),
    )
}

fn started(action: &Action) -> String {
    let call = action.call();
    let variable = action.slug().replace('-', "_");
    match call.strip_suffix(".await?;") {
        Some(call) => format!("let {variable} = {call}.start();"),
        None => call,
    }
}

/// History has the code's call later; what the code would do after it is not known.
pub(super) fn moved_earlier(case: &Case<'_>) -> Option<Cause> {
    let (expected, issued) = case.both()?;
    let (distance, in_history) = case.later_in_history(&issued.action)?;
    if issued.action.is_same(&expected.action)
        || !are_calls(issued.action.kind, expected.action.kind)
        || issued.action.kind.is_end()
        || case.later_in_code(&expected.action).is_some()
        || !case.code_waits()
    {
        return None;
    }
    let (ours, theirs) = (issued.action.called(), expected.action.called());
    // A timer is more often dropped than moved; calls of one kind more often change places.
    let likelihood = match issued.action.kind == expected.action.kind {
        true => 76,
        false => 66,
    };
    let likelihood = if distance > 3 {
        likelihood - 12
    } else {
        likelihood
    };
    Some(
        Cause::new(
            CauseKind::MovedCall,
            likelihood,
            format!("A call was moved: {ours} comes before {theirs} now"),
        )
        .because(format!(
            "History has {ours} too, later: at event {}. The code issues it where history has {theirs}.",
            in_history.event_id
        ))
        .fix(patch_for_order(case, &issued.action, &expected.action).at(issued.place.as_ref())),
    )
}

/// A command without an event in its task, which history has later.
pub(super) fn issued_too_early(case: &Case<'_>) -> Option<Cause> {
    let issued = case.issued()?;
    if case.expected().is_some() || issued.action.kind.is_end() {
        return None;
    }
    let (_, in_history) = case.later_in_history(&issued.action)?;
    let ours = issued.action.called();
    Some(
        Cause::new(
            CauseKind::MovedCall,
            82,
            format!("{} is issued earlier than it was", capital(&ours)),
        )
        .because(format!(
            "History has it at event {}, in a later workflow task: when that was recorded, the code \
             waited for something before it (an `.await` that is gone, or a call that now starts at \
             once).",
            in_history.event_id
        ))
        .fix(
            Fix::of_text(
                "Await before the call what was awaited before it, at least for runs that are under \
                 way.",
            )
            .with_code(format!(
                "if !ctx.patched(\"{}-at-once\") {{\n    // what was awaited before\n}}\n{}",
                issued.action.slug(),
                issued.action.call()
            ))
            .at(issued.place.as_ref()),
        ),
    )
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
