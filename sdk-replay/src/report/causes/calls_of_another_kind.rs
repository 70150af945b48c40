//! A call that became one of another kind: an activity a local activity, an activity a child.

use durably::replay::WaitedFor;

use super::case::Case;
use super::{Cause, CauseKind, Fix};
use crate::report::action::{Action, Kind};
use crate::report::place::SourcePlace;

/// The same name on both sides, of another kind.
pub(super) fn another_kind(case: &Case<'_>) -> Option<Cause> {
    let expected = case.expected()?;
    let theirs = &expected.action;
    if !is_call(theirs.kind) || theirs.name.is_empty() {
        return None;
    }
    let (ours, place) = match case.issued() {
        Some(issued) => (issued.action.clone(), issued.place.clone()),
        // A local activity issues its command when it has ended: until then the code waits for it.
        None => waited_for(case, &theirs.name)?,
    };
    if !is_call(ours.kind) || ours.kind == theirs.kind || ours.name != theirs.name {
        return None;
    }
    let (now, before) = (kind_of(&ours), kind_of(theirs));
    Some(
        Cause::new(
            CauseKind::ChangedKind,
            97,
            format!("`{}` is {now} now, and was {before}", ours.name),
        )
        .because(format!(
            "Both sides call \"{}\" here, in different ways.",
            ours.name
        ))
        .fix(
            Fix::patch(
                &format!(
                    "{}-as-{}",
                    ours.slug(),
                    now.replace("a ", "").replace("an ", "").replace(' ', "-")
                ),
                &[&ours],
                &[theirs],
            )
            .at(place.as_ref()),
        ),
    )
}

fn is_call(kind: Kind) -> bool {
    matches!(kind, Kind::Activity | Kind::LocalActivity | Kind::Child)
}

fn kind_of(action: &Action) -> &'static str {
    match action.kind {
        Kind::Activity => "an activity",
        Kind::LocalActivity => "a local activity",
        _ => "a child workflow",
    }
}

/// The local activity of a name for which the code waits.
fn waited_for(case: &Case<'_>, name: &str) -> Option<(Action, Option<SourcePlace>)> {
    let mut waits = case.traced.waits.iter();
    let wait = waits.find(|wait| match &wait.what {
        WaitedFor::LocalActivity { activity_type } => activity_type == name,
        _ => false,
    })?;
    let action = Action::new(Kind::LocalActivity, name, "");
    Some((action, wait.place.map(SourcePlace::from)))
}
