//! One finding as an article.

use std::fmt::Write;

use super::escape::{Prose, Text};
use super::{bars, events, rows};
use crate::report::causes::Cause;
use crate::report::finding::{Awaited, Finding};
use crate::report::groups::FindingGroup;

pub(super) fn add_finding(page: &mut String, number: usize, group: &FindingGroup<'_>) {
    let finding = group.finding;
    let _ = writeln!(
        page,
        "<article id=\"finding-{number}\" aria-labelledby=\"title-{number}\">\n\
         <p class=\"kicker bad\">\u{2717} {}</p>\n<h2 id=\"title-{number}\">{}{}</h2>",
        Text(finding.kind.words()),
        Text(finding.workflow_type.as_deref().unwrap_or("history")),
        match &finding.workflow_id {
            Some(id) => format!(" <span class=\"id\">{}</span>", Text(id)),
            None => String::new(),
        }
    );
    let _ = write!(page, "<p class=\"meta\">{}", Text(&finding.source));
    if let Some(run) = &finding.run_id {
        let _ = write!(page, " \u{b7} run {}", Text(run));
    }
    let _ = writeln!(page, " \u{b7} {} events</p>", finding.events);
    let _ = writeln!(page, "<p class=\"problem\">{}</p>", Prose(&finding.problem));
    add_facts(page, finding);
    add_others(page, group);
    rows::add_rows(page, number, &finding.rows);
    add_causes(page, number, &finding.causes);
    let at = finding.event.as_ref().map(|event| event.event_id);
    bars::add_bars(page, number, &finding.timeline, at);
    events::add_events(page, finding);
    page.push_str("</article>\n");
}

/// How many histories of the same finding are named.
const NAMED: usize = 200;

fn add_others(page: &mut String, group: &FindingGroup<'_>) {
    let Some(more) = group.more() else { return };
    let _ = writeln!(
        page,
        "<details class=\"others\">\n<summary>{more}</summary>\n<ul class=\"plain\">"
    );
    for other in group.others.iter().take(NAMED) {
        let id = other.workflow_id.as_deref().unwrap_or("");
        let event = other.event.as_ref();
        let event = event.map_or(String::new(), |it| format!(", event {}", it.event_id));
        let _ = writeln!(
            page,
            "<li><span class=\"id\">{}</span> {}<span class=\"faint\">{event}</span></li>",
            Text(id),
            Text(&other.source)
        );
    }
    page.push_str("</ul>\n");
    let rest = group.others.len().saturating_sub(NAMED);
    if rest > 0 {
        let _ = writeln!(page, "<p class=\"faint\">and {rest} more</p>");
    }
    page.push_str("</details>\n");
}

fn add_facts(page: &mut String, finding: &Finding) {
    let mut facts = Vec::new();
    let mut fact = |name: &'static str, value: String| facts.push((name, value));
    if let Some(event) = finding.event_fact() {
        fact("History", event);
    }
    if let Some(command) = &finding.command {
        fact("Code", command.command.clone());
    }
    if let Some(place) = &finding.place {
        fact("At", place.to_string());
    }
    for resumed in &finding.resumed {
        fact("After", awaited(resumed));
    }
    if finding.command.is_none() {
        for wait in &finding.waits {
            fact("Waits for", awaited(wait));
        }
    }
    if let Some(task) = finding.task_started_event_id {
        fact("Task", format!("the workflow task of event {task}"));
    }
    if facts.is_empty() {
        return;
    }
    page.push_str("<dl class=\"facts\">\n");
    for (name, value) in facts {
        let _ = writeln!(page, "<div><dt>{name}</dt><dd>{}</dd></div>", Text(&value));
    }
    page.push_str("</dl>\n");
}

fn awaited(it: &Awaited) -> String {
    match &it.place {
        Some(place) => format!("{} at {place}", it.what),
        None => it.what.clone(),
    }
}

fn add_causes(page: &mut String, number: usize, causes: &[Cause]) {
    if causes.is_empty() {
        return;
    }
    let heading = match causes.len() {
        1 => "Likely cause",
        _ => "Causes, the likeliest first",
    };
    let _ = writeln!(
        page,
        "<section aria-labelledby=\"causes-{number}\">\n<h3 id=\"causes-{number}\">{heading}</h3>\n<ol class=\"causes\">"
    );
    for (number, cause) in causes.iter().enumerate() {
        let _ = writeln!(page, "<li>\n<h4>{}</h4>", Prose(&cause.title));
        if !cause.explanation.is_empty() {
            let _ = writeln!(page, "<p>{}</p>", Prose(&cause.explanation));
        }
        let place = cause.fix.place.as_ref();
        let place = place.map_or(String::new(), |place| {
            format!(" <span class=\"place\">{}</span>", Text(&place.to_string()))
        });
        let said = causes[..number]
            .iter()
            .any(|it| it.fix.text == cause.fix.text);
        let advice = match (said, &cause.fix.code) {
            (true, Some(_)) => "as above, with",
            _ => &cause.fix.text,
        };
        let _ = writeln!(
            page,
            "<p><strong>Fix</strong>{place}: {}</p>",
            Prose(advice)
        );
        if let Some(code) = &cause.fix.code {
            // One that can be scrolled must be reached by the keyboard.
            let _ = writeln!(
                page,
                "<pre tabindex=\"0\" aria-label=\"Example\"><code>{}</code></pre>",
                Text(code)
            );
        }
        page.push_str("</li>\n");
    }
    page.push_str("</ol>\n</section>\n");
}
