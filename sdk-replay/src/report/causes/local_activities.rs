//! Local activities that history does not know at their place.
//!
//! A local activity issues its marker when it has ended. One that history has no marker of never ends
//! in a replay: the code issues nothing, and stands still at the call.

use durably::replay::{Divergence, WaitedFor};

use super::case::Case;
use super::names::is_similar;
use super::{Cause, CauseKind, Fix};
use crate::report::action::Kind;

/// The code waits for a local activity that history does not have here.
pub(super) fn unknown_local_activity(case: &Case<'_>) -> Option<Cause> {
    let is_unknown = matches!(
        case.divergence.divergence,
        Divergence::MissingCommand | Divergence::UnexpectedEvent { .. }
    );
    if !is_unknown {
        return None;
    }
    let wait = case.traced.waits.first()?;
    let WaitedFor::LocalActivity {
        activity_type: name,
    } = &wait.what
    else {
        return None;
    };
    let expected = case.expected().map(|step| &step.action);
    let other = expected.filter(|action| action.kind == Kind::LocalActivity);
    let later = case.history.iter().skip(1).find(|step| {
        let action = &step.action;
        action.kind == Kind::LocalActivity && action.name == *name
    });
    let cause = match (other, later) {
        (_, Some(later)) => Cause::new(
            CauseKind::MovedCall,
            88,
            format!("The local activity `{name}` is called earlier than it was"),
        )
        .because(format!("History has it at event {}.", later.event_id)),
        (Some(other), None) => Cause::new(
            CauseKind::ChangedName,
            if is_similar(name, &other.name) {
                92
            } else {
                84
            },
            format!(
                "The local activity \"{}\" was renamed to \"{name}\", or replaced by it",
                other.name
            ),
        )
        .because(format!(
            "The code waits for \"{name}\", of which history has no marker."
        )),
        (None, None) => Cause::new(
            CauseKind::AddedCall,
            88,
            format!("The local activity `{name}` was added"),
        )
        .because("The code waits for it, and history has no marker of it.".to_owned()),
    };
    let fix = Fix::of_text(
        "Put the change behind a patch, so that runs that are under way go on as before:",
    );
    let code = format!(
        "if ctx.patched(\"with-{name}\") {{\n    // as it is now\n}} else {{\n    // as it was\n}}"
    );
    Some(cause.fix(fix.with_code(code).at(case.place().as_ref())))
}
