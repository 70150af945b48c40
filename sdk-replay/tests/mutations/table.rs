//! The table of mutants, and what became of them.

use crate::check::Found;
use crate::markers::Described;

pub(crate) const HEAD: &str = "\
| mutant | change | completed | open | event | line | causes |
|---|---|---|---|---|---|---|
";

/// A row without ids, which vary with the speed of the machine.
pub(crate) fn row(described: &Described, full: &Found, is_found_open: bool) -> String {
    let Described {
        name,
        change,
        expected,
    } = described;
    let verdict = |is_found: bool| if is_found { "found" } else { "passes" };
    let causes = match full {
        Some(Ok(Some(finding))) => {
            let causes = finding.causes.iter().map(|it| format!("{:?}", it.kind));
            causes.collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    };
    let full = match full {
        Some(Ok(finding)) => verdict(finding.is_some()),
        _ => "WRONG",
    };
    let open = verdict(is_found_open);
    let (event, code) = match expected {
        None => (String::new(), String::new()),
        Some(it) => (it.event.clone(), format!("`{}`", it.code)),
    };
    format!("| {name} | {change} | {full} | {open} | {event} | {code} | {causes} |\n")
}
