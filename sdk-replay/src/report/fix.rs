//! What to do, with an example made of the user's own calls.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::action::Action;
use super::place::SourcePlace;

/// How a change is made for new runs only, in the three steps that a patch takes.
const BEHIND_A_PATCH: &str = "Keep the old way for runs that are under way, behind a patch. When none of \
    them is open any more, put `ctx.deprecate_patch(..)` in its place, and drop that when no run with the \
    patch's marker is open.";

/// What to do about a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// In words.
    pub text: String,
    /// Where to do it.
    pub place: Option<SourcePlace>,
    /// An example, in Rust.
    pub code: Option<String>,
}

impl Fix {
    /// Advice without an example.
    pub(super) fn of_text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            place: None,
            code: None,
        }
    }

    pub(super) fn at(mut self, place: Option<&SourcePlace>) -> Self {
        self.place = place.cloned();
        self
    }

    pub(super) fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// A patch: what new runs do, and what runs of the old code go on doing; either may be nothing.
    pub(super) fn patch(id: &str, new: &[&Action], old: &[&Action]) -> Self {
        let mut code = match new {
            [] => format!("if !ctx.patched({id:?}) {{\n"),
            _ => format!("if ctx.patched({id:?}) {{\n"),
        };
        if new.is_empty() {
            add_calls(&mut code, "as it was when this run began", old);
            code.push('}');
            return Self::of_text(BEHIND_A_PATCH).with_code(code);
        }
        add_calls(&mut code, "as the code is now", new);
        if old.is_empty() {
            code.push('}');
        } else {
            code.push_str("} else {\n");
            add_calls(&mut code, "as it was when this run began", old);
            code.push('}');
        }
        Self::of_text(BEHIND_A_PATCH).with_code(code)
    }
}

/// How many calls an example shows.
const SHOWN: usize = 5;

fn add_calls(code: &mut String, comment: &str, calls: &[&Action]) {
    let _ = writeln!(code, "    // {comment}");
    for call in calls.iter().take(SHOWN) {
        let _ = writeln!(code, "    {}", call.call());
    }
    if calls.len() > SHOWN {
        code.push_str("    // and so on\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::action::Kind;

    #[test]
    fn a_patch_holds_both_ways() {
        let ship = Action::new(Kind::Activity, "ship", "1");
        let charge = Action::new(Kind::Activity, "charge", "1");
        let fix = Fix::patch("ship-first", &[&ship, &charge], &[&charge, &ship]);
        let expected = "if ctx.patched(\"ship-first\") {
    // as the code is now
    ctx.activity(ship, ..).await?;
    ctx.activity(charge, ..).await?;
} else {
    // as it was when this run began
    ctx.activity(charge, ..).await?;
    ctx.activity(ship, ..).await?;
}";
        assert_eq!(fix.code.as_deref(), Some(expected));
        let added = Fix::patch("add-ship", &[&ship], &[]);
        assert!(added.code.is_some_and(|code| !code.contains("else")));
        let removed = Fix::patch("without-ship", &[], &[&ship]);
        assert!(
            removed
                .code
                .is_some_and(|code| code.starts_with("if !ctx.patched"))
        );
    }
}
