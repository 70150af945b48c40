//! Findings as text, as annotations of GitHub Actions, and as JSON.

use std::io::{self, Write};

use serde_json::json;

use super::finding::Finding;
use crate::terminal_text;

/// Two lines for each finding, and one for all.
pub(super) fn text(
    findings: &[Finding],
    workflows: usize,
    mut output: impl Write,
) -> io::Result<()> {
    for finding in findings {
        let Finding { line, column, .. } = finding;
        let file = finding.file.display().to_string();
        let file = terminal_text::line(&file);
        writeln!(output, "{file}:{line}:{column}: {}", finding.message())?;
        writeln!(output, "    {}", finding.chain_text())?;
    }
    let workflows = match workflows {
        0 => return writeln!(output, "no workflows were found"),
        1 => "1 workflow".to_owned(),
        number => format!("{number} workflows"),
    };
    match findings.len() {
        0 => writeln!(output, "nothing was found in what {workflows} reach"),
        1 => writeln!(output, "1 finding in what {workflows} reach"),
        number => writeln!(output, "{number} findings in what {workflows} reach"),
    }
}

/// Annotations, which GitHub shows at the lines of a change.
pub(super) fn github(findings: &[Finding], mut output: impl Write) -> io::Result<()> {
    for finding in findings {
        let Finding { line, column, .. } = finding;
        let file = escape_property(&finding.file.display().to_string());
        let message = format!("{}\n{}", finding.message(), finding.chain_text());
        writeln!(
            output,
            "::error file={file},line={line},col={column},title=Workflow code is not deterministic::{}",
            escape(&message)
        )?;
    }
    Ok(())
}

/// An object with all findings.
pub(super) fn json(
    findings: &[Finding],
    workflows: usize,
    mut output: impl Write,
) -> io::Result<()> {
    let findings = findings.iter().map(|finding| {
        let steps = finding.chain.iter();
        let chain: Vec<_> = steps
            .map(|step| json!({"function": step.function, "byName": step.by_name}))
            .collect();
        json!({
            "file": finding.file.display().to_string(),
            "line": finding.line,
            "column": finding.column,
            "path": finding.path,
            "meaning": finding.meaning.as_ref().unwrap_or(&finding.path),
            "why": format!("it {}", finding.rule.why),
            "instead": finding.rule.instead,
            "chain": chain,
        })
    });
    let report = json!({"workflows": workflows, "findings": findings.collect::<Vec<_>>()});
    writeln!(output, "{report:#}")
}

/// Text of a workflow command, on one line.
fn escape(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_on_one_line() {
        assert_eq!(escape("50%\r\nmore"), "50%25%0D%0Amore");
        assert_eq!(escape_property("C:\\a,b.rs"), "C%3A\\a%2Cb.rs");
    }
}
