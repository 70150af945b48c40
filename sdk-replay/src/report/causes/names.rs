//! A call under another name.

use super::case::Case;
use super::{Cause, CauseKind, Fix};
use crate::report::action::Kind;

/// Both sides have a call of the same kind here, with names of which the other side knows nothing.
pub(super) fn changed_name(case: &Case<'_>) -> Option<Cause> {
    let (expected, issued) = case.both()?;
    let (ours, theirs) = (&issued.action, &expected.action);
    let is_named = matches!(
        ours.kind,
        Kind::Activity | Kind::Child | Kind::LocalActivity | Kind::Signal | Kind::Nexus
    );
    if !is_named || ours.kind != theirs.kind || ours.name == theirs.name {
        return None;
    }
    if case.later_in_history(ours).is_some() || case.later_in_code(theirs).is_some() {
        return None;
    }
    let similar = is_similar(&ours.name, &theirs.name);
    let next_fits = match (case.history.get(1), case.code.get(1)) {
        (Some(history), Some(code)) => history.action.is_same(&code.action),
        _ => false,
    };
    let likelihood = 74 + u8::from(similar) * 16 + u8::from(next_fits) * 8;
    let kind = ours.title();
    let kind = kind.split(" \"").next().unwrap_or_default();
    let title = match similar {
        true => format!(
            "The {kind} \"{}\" was renamed to \"{}\"",
            theirs.name, ours.name
        ),
        false => format!(
            "The {kind} \"{}\" was replaced by \"{}\"",
            theirs.name, ours.name
        ),
    };
    let id = format!("{}-to-{}", theirs.slug(), ours.slug());
    let mut fix = Fix::patch(&id, &[ours], &[theirs]).at(issued.place.as_ref());
    if similar && matches!(ours.kind, Kind::Activity | Kind::LocalActivity) {
        fix.text = format!(
            "If only the function's name changed, keep the recorded one: \
             `#[activity(name = {:?})]`. Else {}{}",
            theirs.name,
            fix.text[..1].to_lowercase(),
            &fix.text[1..]
        );
    }
    Some(
        Cause::new(CauseKind::ChangedName, likelihood, title)
            .because(format!(
                "Both sides have a call of this kind at event {}; \"{}\" is nowhere in what the code \
                 issued, \"{}\" nowhere in the rest of the history.",
                expected.event_id, theirs.name, ours.name
            ))
            .fix(fix),
    )
}

/// Whether one name looks like the other: written otherwise, longer, or with few letters changed.
pub(in crate::report) fn is_similar(left: &str, right: &str) -> bool {
    let plain = |name: &str| -> Vec<char> {
        let letters = name.chars().filter(|it| it.is_alphanumeric());
        letters.flat_map(char::to_lowercase).take(100).collect()
    };
    let (left, right) = (plain(left), plain(right));
    let longer = left.len().max(right.len());
    let shorter = left.len().min(right.len());
    if shorter < 3 {
        return left == right;
    }
    let contains = |all: &[char], part: &[char]| all.windows(part.len()).any(|it| it == part);
    contains(&left, &right) || contains(&right, &left) || distance(&left, &right) * 3 <= longer
}

/// How many letters must be added, removed or changed.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (l, letter) in left.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], l + 1);
        for r in 0..right.len() {
            let changed = diagonal + usize::from(*letter != right[r]);
            diagonal = row[r + 1];
            row[r + 1] = changed.min(row[r] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_people_do() {
        for (left, right) in [
            ("charge", "charge_card"),
            ("chargeCard", "charge_card"),
            ("send_mail", "send_email"),
            ("reserv", "reserve"),
        ] {
            assert!(is_similar(left, right), "{left} {right}");
        }
        for (left, right) in [("charge", "ship"), ("a", "b"), ("reserve", "refund")] {
            assert!(!is_similar(left, right), "{left} {right}");
        }
        assert_eq!(distance(&['a', 'b', 'c'], &['a', 'c']), 1);
    }
}
