//! Patches that are gone, or asked for elsewhere.

use super::case::Case;
use super::{Cause, CauseKind, Fix};
use crate::report::action::Kind;

/// History has the mark of a patch, and the code does not ask for it.
pub(super) fn removed_patch(case: &Case<'_>) -> Option<Cause> {
    let expected = case.expected()?;
    if expected.action.kind != Kind::Patch || case.later_in_code(&expected.action).is_some() {
        return None;
    }
    let id = &expected.action.name;
    Some(
        Cause::new(
            CauseKind::RemovedPatch,
            98,
            format!("The patch \"{id}\" was removed while runs have its marker"),
        )
        .because(format!(
            "Event {} is the marker of `ctx.patched({id:?})`; the code does not ask for that patch here.",
            expected.event_id
        ))
        .fix(
            Fix::of_text(
                "Before a patch is removed it must be deprecated for as long as a run with its marker \
                 is open: put the call back where it stood, and keep only the new code. Open runs are \
                 found by the search attribute TemporalChangeVersion.",
            )
            .with_code(format!("ctx.deprecate_patch({id:?});\n// the new code, without the old"))
            .at(case.place().as_ref()),
        ),
    )
}

/// The code asks for a patch, at another place than when the history was recorded.
pub(super) fn moved_patch(case: &Case<'_>) -> Option<Cause> {
    let is_patch = |kind| matches!(kind, Kind::Patch | Kind::DeprecatedPatch);
    let by_code = case.issued().filter(|step| is_patch(step.action.kind));
    let moved = by_code.filter(|step| case.later_in_history(&step.action).is_some());
    let by_history = case.expected().filter(|step| is_patch(step.action.kind));
    let later = by_history.and_then(|step| case.later_in_code(&step.action));
    let (action, place) = match (moved, later) {
        (Some(step), _) => (&step.action, &step.place),
        (None, Some((_, step))) => (&step.action, &step.place),
        (None, None) => return None,
    };
    let id = &action.name;
    Some(
        Cause::new(
            CauseKind::MovedPatch,
            94,
            format!("The call that asks for the patch \"{id}\" stands elsewhere now"),
        )
        .because(
            "A patch's marker is written where the code asks for it first, so the first call must stay \
             where it is among the other calls.",
        )
        .fix(
            Fix::of_text(format!(
                "Ask for it first where it was asked for before: `let patched = ctx.patched({id:?});`, \
                 and use the value later."
            ))
            .at(place.as_ref()),
        ),
    )
}
