//! Something that is not deterministic, and how a workflow gets there.

use std::path::PathBuf;

use durably_determinism::Rule;

/// A path that a rule forbids.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) file: PathBuf,
    /// From 1.
    pub(super) line: usize,
    /// From 1, in characters.
    pub(super) column: usize,
    /// The path as it is written.
    pub(super) path: String,
    /// What it stands for, if an import gave it another name.
    pub(super) meaning: Option<String>,
    pub(super) rule: &'static Rule,
    /// The functions from the workflow to the one that has the path.
    pub(super) chain: Vec<Step>,
}

/// A function on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) function: String,
    /// A method that was found by its name alone: the only one of the crate that has it.
    pub(super) by_name: bool,
}

impl Finding {
    /// `order_saga -> compute_total -> Instant::now`
    pub(super) fn chain_text(&self) -> String {
        let steps = self
            .chain
            .iter()
            .map(|Step { function, by_name }| match by_name {
                true => format!("{function} (by its name)"),
                false => function.clone(),
            });
        let steps: Vec<_> = steps.chain([self.path.clone()]).collect();
        steps.join(" -> ")
    }

    /// `` `Instant::now` is not deterministic: it reads ..; use .. ``
    pub(super) fn message(&self) -> String {
        let Rule { why, instead, .. } = self.rule;
        let meaning = self.meaning.as_ref();
        let meaning = meaning.map_or_else(String::new, |meaning| format!(" (`{meaning}`)"));
        format!(
            "`{}`{meaning} is not deterministic: it {why}; use {instead}",
            self.path
        )
    }
}
