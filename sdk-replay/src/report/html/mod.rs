//! Reports and histories as HTML pages of one file: no script, nothing from elsewhere.

mod bars;
mod escape;
mod events;
mod finding;
mod frame;
mod history;
mod rows;

use std::fmt::Write;

use super::finding::{Finding, FindingKind};
use super::groups::FindingGroup;
use super::written::Report;
use escape::{Prose, Text, span};
use frame::{begin_page, end_page};

pub use history::HistoryPage;

/// How many findings are shown with everything; a page must open.
const WHOLE: usize = 40;
/// How many more are shown with their problem and their likeliest cause.
const SHORT: usize = 500;
/// How many histories that passed are named.
const PASSED: usize = 500;

pub(super) fn write(report: &Report) -> String {
    let groups = report.groups();
    let mut page = String::with_capacity(32 * 1024 + groups.len().min(WHOLE) * 64 * 1024);
    let headline = headline(report, report.findings().count());
    begin_page(&mut page, "Durably replay", &headline);
    add_lead(&mut page, report);
    page.push_str("</header>\n<main>\n");
    add_summary(&mut page, report);
    if groups.len() > 1 {
        add_contents(&mut page, &groups);
    }
    for (number, group) in groups.iter().enumerate().take(WHOLE) {
        finding::add_finding(&mut page, number + 1, group);
    }
    add_short(&mut page, groups.get(WHOLE..).unwrap_or_default());
    add_passed(&mut page, report);
    end_page(&mut page);
    page
}

fn headline(report: &Report, failed: usize) -> String {
    let total = report.checked().len();
    match (total, failed) {
        (0, _) => "No history was replayed".to_owned(),
        (1, 0) => "The history replays".to_owned(),
        (total, 0) => format!("All {total} histories replay"),
        (1, _) => "The history does not replay".to_owned(),
        (total, 1) => format!("1 of {total} histories does not replay"),
        (total, failed) => format!("{failed} of {total} histories do not replay"),
    }
}

fn add_lead(page: &mut String, report: &Report) {
    use FindingKind::{CodeFailed, Divergence, NotDeterministic};
    let is_of_code = |it: &Finding| matches!(it.kind, Divergence | NotDeterministic | CodeFailed);
    let lead = match (report.checked().is_empty(), report.is_passed()) {
        (true, _) => "Nothing was checked. See whether the path or the query names any history.",
        (_, true) => "Today\u{2019}s code carries runs with these histories on.",
        _ if report.findings().any(is_of_code) => {
            "Runs with such histories stand still when today\u{2019}s code is deployed: their workflow \
             tasks fail until the code follows their histories again."
        }
        _ => "What was given could not be replayed at all.",
    };
    let _ = writeln!(page, "<p class=\"lead\">{lead}</p>");
}

fn add_summary(page: &mut String, report: &Report) {
    if report.checked().is_empty() {
        return;
    }
    page.push_str(
        "<section aria-labelledby=\"types\">\n<h2 id=\"types\">Workflow types</h2>\n\
         <table class=\"types\">\n<thead><tr><th scope=\"col\">Type</th><th scope=\"col\">Passed</th>\
         <th scope=\"col\">Failed</th></tr></thead>\n<tbody>\n",
    );
    for (name, counts) in report.by_type() {
        let failed = match counts.failed {
            0 => "0".to_owned(),
            failed => format!("<strong class=\"bad\">\u{2717} {failed}</strong>"),
        };
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{failed}</td></tr>",
            Text(name),
            counts.passed
        );
    }
    let millis = u64::try_from(report.duration().as_millis()).unwrap_or(u64::MAX);
    let _ = writeln!(
        page,
        "</tbody>\n</table>\n<p class=\"faint\">Replayed in {}.</p>\n</section>",
        span(millis)
    );
}

fn add_contents(page: &mut String, groups: &[FindingGroup<'_>]) {
    page.push_str("<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Findings</h2>\n<ol>\n");
    for (number, group) in groups.iter().enumerate().take(WHOLE) {
        let finding = group.finding;
        let _ = writeln!(
            page,
            "<li><a href=\"#finding-{}\">{} <span class=\"id\">{}</span></a> <span class=\"faint\">{}{}</span></li>",
            number + 1,
            Text(finding.workflow_type.as_deref().unwrap_or("history")),
            Text(finding.name()),
            Prose(finding.causes.first().map_or("", |cause| &cause.title)),
            match group.others.len() {
                0 => String::new(),
                others => format!(" (and {others} more)"),
            }
        );
    }
    page.push_str("</ol>\n</nav>\n");
}

fn add_short(page: &mut String, groups: &[FindingGroup<'_>]) {
    if groups.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "<section aria-labelledby=\"more\">\n<h2 id=\"more\">{} more</h2>\n<ul class=\"plain\">",
        groups.len()
    );
    for finding in groups.iter().take(SHORT).map(|group| group.finding) {
        let _ = writeln!(
            page,
            "<li><strong>{} <span class=\"id\">{}</span></strong> {} <span class=\"faint\">{}</span></li>",
            Text(finding.workflow_type.as_deref().unwrap_or("history")),
            Text(finding.name()),
            Text(&finding.problem),
            Prose(finding.causes.first().map_or("", |cause| &cause.title))
        );
    }
    page.push_str("</ul>\n");
    let rest = groups.len().saturating_sub(SHORT);
    if rest > 0 {
        let _ = writeln!(
            page,
            "<p class=\"faint\">{rest} more are in the JSON report.</p>"
        );
    }
    page.push_str("</section>\n");
}

fn add_passed(page: &mut String, report: &Report) {
    let total = report.passed().count();
    if total == 0 {
        return;
    }
    let histories = if total == 1 { "history" } else { "histories" };
    let _ = writeln!(
        page,
        "<details class=\"passed\">\n<summary>\u{2713} {total} {histories} passed</summary>\n<ul class=\"plain\">"
    );
    for passed in report.passed().take(PASSED) {
        let _ = writeln!(
            page,
            "<li>{} <span class=\"id\">{}</span> <span class=\"faint\">{} events</span></li>",
            Text(passed.workflow_type.as_deref().unwrap_or("history")),
            Text(&passed.source),
            passed.events
        );
    }
    page.push_str("</ul>\n");
    if total > PASSED {
        let _ = writeln!(page, "<p class=\"faint\">and {} more</p>", total - PASSED);
    }
    page.push_str("</details>\n");
}
