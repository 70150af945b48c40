//! The report for a terminal.

mod rows;
mod style;
mod wrap;

use std::fmt::Write;

use super::causes::Cause;
use super::finding::{Awaited, Finding};
use super::groups::FindingGroup;
use super::written::Report;
use style::Paint;
pub use style::TextStyle;
pub(super) use style::plain;
use wrap::wrap;

pub(super) fn write(report: &Report, style: TextStyle) -> String {
    let mut text = String::new();
    for group in report.groups() {
        add_finding(&mut text, group.finding, style);
        add_others(&mut text, &group, style);
        text.push('\n');
    }
    add_summary(&mut text, report, style);
    text
}

/// How many histories of the same finding are named.
const NAMED: usize = 5;

fn add_others(text: &mut String, group: &FindingGroup<'_>, style: TextStyle) {
    let Some(more) = group.more() else { return };
    let _ = writeln!(
        text,
        "\n  {}",
        style.paint(Paint::Strong, &format!("{more}:"))
    );
    for other in group.others.iter().take(NAMED) {
        let mut name = plain(&other.source);
        if let Some(id) = &other.workflow_id {
            let _ = write!(name, "  {}", plain(id));
        }
        if let Some(event) = &other.event {
            let _ = write!(name, ", event {}", event.event_id);
        }
        let _ = writeln!(text, "    {name}");
    }
    let rest = group.others.len().saturating_sub(NAMED);
    if rest > 0 {
        let _ = writeln!(text, "    and {rest} more");
    }
}

/// One finding without colour, for reports that hold text.
pub(super) fn finding_alone(finding: &Finding) -> String {
    let mut text = String::new();
    add_finding(&mut text, finding, TextStyle::default());
    text
}

fn add_summary(text: &mut String, report: &Report, style: TextStyle) {
    let (passed, failed) = (report.passed().count(), report.findings().count());
    if report.checked().is_empty() {
        let _ = writeln!(
            text,
            "{}",
            style.paint(Paint::Bad, "no history was replayed")
        );
        return;
    }
    let types = report.by_type();
    let widest = types.keys().map(|name| plain(name).chars().count()).max();
    let widest = widest.unwrap_or(0).min(40);
    for (name, counts) in &types {
        let name = plain(name);
        let failed = match counts.failed {
            0 => String::new(),
            failed => format!(", {}", style.paint(Paint::Bad, &format!("{failed} failed"))),
        };
        let _ = writeln!(text, "{name:widest$}  {} passed{failed}", counts.passed);
    }
    let verdict = match failed {
        0 => style.paint(Paint::Good, "passed"),
        _ => style.paint(Paint::Bad, "FAILED"),
    };
    let total = passed + failed;
    let histories = if total == 1 { "history" } else { "histories" };
    let _ = writeln!(
        text,
        "{verdict}: {total} {histories} replayed, {passed} passed, {failed} failed, in {:.2} s",
        report.duration().as_secs_f64()
    );
}

fn add_finding(text: &mut String, finding: &Finding, style: TextStyle) {
    add_head(text, finding, style);
    text.push('\n');
    add_wrapped(text, style, "  ", &finding.problem);
    text.push('\n');
    add_facts(text, finding, style);
    if !finding.rows.is_empty() {
        text.push('\n');
        rows::add_rows(text, &finding.rows, style);
    }
    for (number, cause) in finding.causes.iter().enumerate() {
        text.push('\n');
        let said = finding.causes[..number]
            .iter()
            .any(|it| it.fix.text == cause.fix.text);
        add_cause(text, number + 1, cause, said, style);
    }
}

fn add_head(text: &mut String, finding: &Finding, style: TextStyle) {
    let kind = finding.workflow_type.as_deref().unwrap_or("history");
    let mut head = plain(kind);
    if let Some(id) = &finding.workflow_id {
        let _ = write!(head, "  {}", plain(id));
    }
    let verdict = style.paint(Paint::Bad, "FAIL");
    let _ = writeln!(text, "{verdict}  {}", style.paint(Paint::Strong, &head));
    let mut from = plain(&finding.source);
    if let Some(run) = &finding.run_id {
        let _ = write!(from, ", run {}", plain(run));
    }
    let _ = write!(from, ", {} events", finding.events);
    let _ = writeln!(text, "      {}", style.paint(Paint::Faint, &from));
}

fn add_facts(text: &mut String, finding: &Finding, style: TextStyle) {
    let mut fact = |name: &str, value: &str| {
        let name = style.paint(Paint::Faint, &format!("{name:11}"));
        let _ = writeln!(text, "  {name}{}", plain(value));
    };
    fact("problem", finding.kind.words());
    if let Some(event) = finding.event_fact() {
        fact("history", &event);
    }
    if let Some(command) = &finding.command {
        fact("code", &command.command);
    }
    if let Some(place) = &finding.place {
        fact("at", &place.to_string());
    }
    for resumed in &finding.resumed {
        fact("after", &awaited(resumed));
    }
    if finding.command.is_none() {
        for wait in &finding.waits {
            fact("waits for", &awaited(wait));
        }
    }
    if let Some(task) = finding.task_started_event_id {
        fact("task", &format!("the workflow task of event {task}"));
    }
}

fn awaited(it: &Awaited) -> String {
    match &it.place {
        Some(place) => format!("{} at {place}", it.what),
        None => it.what.clone(),
    }
}

/// `said`: a cause before it has the same advice.
fn add_cause(text: &mut String, number: usize, cause: &Cause, said: bool, style: TextStyle) {
    let heading = match number {
        1 => "Likely cause: ",
        _ => "Or: ",
    };
    let lines = wrap(
        &format!("{heading}{}", plain(&cause.title)),
        style.columns() - 2,
    );
    for line in lines {
        let _ = writeln!(text, "  {}", style.paint(Paint::Strong, &line));
    }
    add_wrapped(text, style, "    ", &cause.explanation);
    let place = cause.fix.place.as_ref();
    let place = place.map_or(String::new(), |place| format!(" ({place})"));
    let advice = match (said, &cause.fix.code) {
        (true, Some(_)) => "as above, with",
        _ => &cause.fix.text,
    };
    add_wrapped(text, style, "    ", &format!("Fix{place}: {advice}"));
    for line in cause.fix.code.iter().flat_map(|code| code.lines()) {
        let _ = writeln!(text, "        {}", style.paint(Paint::Code, &plain(line)));
    }
}

fn add_wrapped(text: &mut String, style: TextStyle, indent: &str, words: &str) {
    if words.is_empty() {
        return;
    }
    for line in wrap(&plain(words), style.columns() - indent.len()) {
        let _ = writeln!(text, "{indent}{line}");
    }
}
