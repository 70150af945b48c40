//! JUnit's XML: a test case for each history.

use std::fmt::Write;

use super::examination::Outcome;
use super::finding::{Finding, FindingKind};
use super::text;
use super::written::Report;

pub(super) fn write(report: &Report) -> String {
    let mut errors = 0;
    let mut failures = 0;
    for finding in report.findings() {
        match is_error(finding) {
            true => errors += 1,
            false => failures += 1,
        }
    }
    let attributes = format!(
        "name=\"durably replay\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\" time=\"{:.3}\"",
        report.checked().len(),
        report.duration().as_secs_f64()
    );
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(xml, "<testsuites {attributes}>");
    let _ = writeln!(xml, "  <testsuite {attributes}>");
    for checked in report.checked() {
        let (source, kind) = match &checked.outcome {
            Outcome::Passed(it) => (&it.source, &it.workflow_type),
            Outcome::Failed(it) => (&it.source, &it.workflow_type),
        };
        let _ = write!(
            xml,
            "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
            escape(kind.as_deref().unwrap_or("unknown")),
            escape(source),
            checked.duration.as_secs_f64()
        );
        match &checked.outcome {
            Outcome::Passed(_) => xml.push_str("/>\n"),
            Outcome::Failed(finding) => add_failure(&mut xml, finding),
        }
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// JUnit calls an error what kept the test from being made.
fn is_error(finding: &Finding) -> bool {
    matches!(
        finding.kind,
        FindingKind::BrokenHistory
            | FindingKind::UnknownWorkflowType
            | FindingKind::Unreadable
            | FindingKind::NotFetched
    )
}

fn add_failure(xml: &mut String, finding: &Finding) {
    let element = if is_error(finding) {
        "error"
    } else {
        "failure"
    };
    if let Some(place) = &finding.place {
        let _ = write!(
            xml,
            " file=\"{}\" line=\"{}\"",
            escape(&place.file),
            place.line
        );
    }
    let _ = writeln!(
        xml,
        ">\n      <{element} type=\"{}\" message=\"{}\">{}</{element}>\n    </testcase>",
        escape(finding.kind.words()),
        escape(&finding.problem),
        escape(&text::finding_alone(finding)).replace("&#10;", "\n")
    );
}

/// Text as XML may hold it. Characters that XML 1.0 has no form for become U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            // Allowed, though terminals may take it for a command.
            '\u{7f}'..='\u{9f}' => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_escaped() {
        assert_eq!(
            escape("]]><a b=\"'\">\u{1b}[31m\u{0}\n&"),
            "]]&gt;&lt;a b=&quot;&apos;&quot;&gt;\u{fffd}[31m\u{fffd}&#10;&amp;"
        );
    }
}
