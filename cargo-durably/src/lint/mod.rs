//! `cargo durably lint`: what is not deterministic in workflow code and in the functions it calls.
//!
//! ```text
//! targets ──> source_tree ──> items ──> resolve ──> follow ──> finding ──> output
//! which crates  their files    functions  what a path  calls from   where, why
//!                              and uses   stands for   workflows
//! ```
//!
//! It reads sources, with the rules by which `#[workflow]` reads bodies. What names cannot tell (trait
//! objects, generic calls, function pointers, code of other crates, code that macros make) is not
//! followed; the worker and the replay detect what is left.

mod finding;
mod follow;
mod items;
mod output;
mod resolve;
mod source_tree;
mod targets;

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use self::items::Items;
use self::source_tree::SourceError;
use self::targets::{TargetError, targets};
use crate::{Outcome, terminal_text};

/// The arguments of `cargo durably lint`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exempt an expression by durably::allow_nondeterminism!(..). \
Exit code 0: nothing was found; 1: something was."
)]
pub(crate) struct LintArguments {
    /// Packages of the workspace by name, folders of packages, or Rust files, each with the modules
    /// below it; the package or workspace of the current folder unless given.
    #[arg(value_name = "PACKAGE|PATH")]
    what: Vec<String>,
    /// How to report.
    #[arg(long, default_value = "text")]
    format: LintFormat,
    /// Prints a clippy.toml that disallows the same in crates of workflows only.
    #[arg(long, exclusive = true)]
    clippy_config: bool,
}

/// The forms of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LintFormat {
    Text,
    /// Annotations of GitHub Actions.
    Github,
    Json,
}

/// The code could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LintError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

/// Disallowed methods for clippy, for crates of workflows only.
const CLIPPY_CONFIG: &str = include_str!("clippy.toml");

pub(crate) fn run(arguments: &LintArguments) -> Result<Outcome, LintError> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    if arguments.clippy_config {
        output.write_all(CLIPPY_CONFIG.as_bytes())?;
        output.flush()?;
        return Ok(Outcome::Success);
    }
    let mut items = Items::default();
    for target in targets(&arguments.what)? {
        for problem in items.add_target(&target)? {
            eprintln!("warning: {}", terminal_text::block(&problem));
        }
    }
    let findings = items.findings();
    let workflows = items.workflow_count();
    match arguments.format {
        LintFormat::Text => output::text(&findings, workflows, &mut output)?,
        LintFormat::Github => output::github(&findings, &mut output)?,
        LintFormat::Json => output::json(&findings, workflows, &mut output)?,
    }
    output.flush()?;
    Ok(match findings.is_empty() {
        true => Outcome::Success,
        false => Outcome::Negative,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_clippy_configuration_follows_the_rules() {
        let mut seen = BTreeSet::new();
        let methods = CLIPPY_CONFIG.split("disallowed-macros").next().unwrap();
        let lines = methods
            .lines()
            .filter(|line| line.trim_start().starts_with("{ path"));
        for line in lines {
            let path = line.split('"').nth(1).unwrap();
            assert!(seen.insert(path), "{path} is there twice");
            let code: proc_macro2::TokenStream = format!("{path}()").parse().unwrap();
            let mut is_forbidden = false;
            durably_determinism::scan(&code, &mut |mention| {
                if let durably_determinism::Mention::Path(path) = mention {
                    is_forbidden |= durably_determinism::rule_for(&path).is_some();
                }
            });
            assert!(is_forbidden, "no rule forbids {path}");
            assert!(line.contains("reason = \""), "{line}");
        }
        assert!(seen.len() > 40, "{}", seen.len());
    }
}
