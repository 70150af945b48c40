//! The events as a table that can be folded away.

use std::fmt::Write;

use super::escape::{Text, span};
use crate::report::finding::{Finding, FindingKind};
use crate::report::timeline::TimelineEntry;

/// Tables up to this length are open at first.
const OPEN: usize = 40;

pub(super) fn add_events(page: &mut String, finding: &Finding) {
    let timeline = &finding.timeline;
    if timeline.entries.is_empty() {
        return;
    }
    let events = timeline.entries.iter().map(|entry| match entry {
        TimelineEntry::Event(_) => 1,
        TimelineEntry::LeftOut { types, .. } => types.values().sum(),
    });
    let events: usize = events.sum();
    let open = if timeline.entries.len() <= OPEN {
        " open"
    } else {
        ""
    };
    let _ = writeln!(
        page,
        "<details{open}>\n<summary>History: {events} events</summary>\n<table class=\"events\">\n\
         <thead><tr><th scope=\"col\">Event</th><th scope=\"col\">After</th><th scope=\"col\">Type</th>\
         <th scope=\"col\">Detail</th></tr></thead>\n<tbody>"
    );
    let here = match finding.kind {
        FindingKind::Divergence => "here they part",
        FindingKind::NotDeterministic => "here two replays part",
        FindingKind::CodeFailed => "here the code fails",
        _ => "here",
    };
    for entry in &timeline.entries {
        add_entry(page, entry, here);
    }
    page.push_str("</tbody>\n</table>\n</details>\n");
}

fn add_entry(page: &mut String, entry: &TimelineEntry, here: &str) {
    match entry {
        TimelineEntry::Event(event) => {
            let (class, here) = match event.diverges {
                true => (
                    " class=\"diverges\"",
                    format!(" <strong>\u{25b6} {here}</strong>"),
                ),
                false => ("", String::new()),
            };
            let _ = writeln!(
                page,
                "<tr{class}><td class=\"event\">{}</td><td class=\"when\">{}</td><td class=\"type\">{}</td>\
                 <td class=\"detail\">{}{here}</td></tr>",
                event.event_id,
                span(event.millis),
                Text(&event.event_type),
                Text(&event.detail)
            );
        }
        TimelineEntry::LeftOut {
            first_event_id,
            last_event_id,
            types,
        } => {
            let mut counts: Vec<_> = types.iter().collect();
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let named = counts
                .iter()
                .take(6)
                .map(|(name, count)| format!("{count} {name}"));
            let mut named: Vec<_> = named.collect();
            if counts.len() > 6 {
                named.push("others".to_owned());
            }
            let _ = writeln!(
                page,
                "<tr class=\"left-out\"><td colspan=\"4\">\u{22ee} events {first_event_id} to {last_event_id} \
                 are left out: {}</td></tr>",
                Text(&named.join(", "))
            );
        }
    }
}
