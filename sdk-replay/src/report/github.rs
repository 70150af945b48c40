//! Workflow commands of GitHub Actions: `::error file=..,line=..,title=..::message`.

use std::fmt::Write;

use super::finding::Finding;
use super::groups::FindingGroup;
use super::text::plain;
use super::written::Report;

pub(super) fn write(report: &Report) -> String {
    let mut lines = String::new();
    // GitHub shows ten annotations of a step: the same one is not repeated for every history.
    for group in report.groups() {
        let finding = group.finding;
        let mut properties = Vec::new();
        if let Some(place) = &finding.place {
            properties.push(format!("file={}", property(&place.file)));
            properties.push(format!("line={}", place.line));
            properties.push(format!("col={}", place.column));
        }
        properties.push(format!("title={}", property(&title(finding))));
        let message = data(&message(&group));
        let _ = writeln!(lines, "::error {}::{message}", properties.join(","));
    }
    lines
}

fn title(finding: &Finding) -> String {
    let kind = finding.workflow_type.as_deref();
    let kind = kind.map_or(String::new(), |kind| format!("{kind} "));
    format!("{kind}{}: {}", finding.name(), finding.kind.words())
}

fn message(group: &FindingGroup<'_>) -> String {
    let finding = group.finding;
    let mut message = finding.problem.clone();
    for awaited in &finding.resumed {
        let _ = write!(message, "\nThe code was here after: {}", awaited.what);
        if let Some(place) = &awaited.place {
            let _ = write!(message, " ({place})");
        }
    }
    for cause in finding.causes.iter().take(1) {
        let _ = write!(message, "\nLikely cause: {}.", cause.title);
        let _ = write!(message, " {}", cause.explanation);
        let _ = write!(message, "\nFix: {}", cause.fix.text);
        if let Some(code) = &cause.fix.code {
            let _ = write!(message, "\n{code}");
        }
    }
    let _ = write!(message, "\nHistory: {}", finding.source);
    if let Some(more) = group.more() {
        let _ = write!(message, "\n{more}.");
    }
    message
}

/// What stands after the second `::`.
fn data(text: &str) -> String {
    let lines: Vec<_> = text.replace("\r\n", "\n").split('\n').map(plain).collect();
    lines.join("\n").replace('%', "%25").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_stays_one_line() {
        assert_eq!(data("50%\r\n::error::\u{1b}"), "50%25%0A::error::\u{fffd}");
        assert_eq!(property("C:\\a,b\n"), "C%3A\\a%2Cb%0A");
    }
}
