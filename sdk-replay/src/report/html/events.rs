//! The events as a table that can be folded away.

use std::fmt::Write;

use durably_protos::temporal::api::history::v1::HistoryEvent;

use super::escape::{Text, span};
use crate::report::finding::{Finding, FindingKind};
use crate::report::timeline::{TimelineEntry, TimelineEvent};

/// Tables up to this length are open at first.
const OPEN: usize = 40;

/// The events around a finding.
pub(super) fn add_events(page: &mut String, finding: &Finding) {
    let entries = &finding.timeline.entries;
    if entries.is_empty() {
        return;
    }
    let events = entries.iter().map(|entry| match entry {
        TimelineEntry::Event(_) => 1,
        TimelineEntry::LeftOut { types, .. } => types.values().sum(),
    });
    begin(page, entries.len() <= OPEN, events.sum());
    let here = match finding.kind {
        FindingKind::Divergence => "here they part",
        FindingKind::NotDeterministic => "here two replays part",
        FindingKind::CodeFailed => "here the code fails",
        _ => "here",
    };
    for entry in entries {
        add_entry(page, entry, here);
    }
    end(page);
}

/// Events with all that they hold.
pub(super) fn add_whole_events<'a>(
    page: &mut String,
    events: impl ExactSizeIterator<Item = (&'a TimelineEvent, &'a HistoryEvent)>,
) {
    begin(page, true, events.len());
    for (event, whole) in events {
        // A time out of range has no JSON form; the event is shown all the same.
        let json = serde_json::to_string_pretty(whole).unwrap_or_else(|error| error.to_string());
        let json = format!(
            "<details class=\"json\"><summary>JSON</summary><pre tabindex=\"0\" aria-label=\"Event {} as JSON\">{}</pre></details>",
            event.event_id,
            Text(&json)
        );
        add_event(page, event, &json);
    }
    end(page);
}

fn begin(page: &mut String, is_open: bool, events: usize) {
    let open = if is_open { " open" } else { "" };
    let noun = if events == 1 { "event" } else { "events" };
    let _ = writeln!(
        page,
        "<details{open}>\n<summary>History: {events} {noun}</summary>\n<table class=\"events\">\n\
         <thead><tr><th scope=\"col\">Event</th><th scope=\"col\">After</th><th scope=\"col\">Type</th>\
         <th scope=\"col\">Detail</th></tr></thead>\n<tbody>"
    );
}

fn end(page: &mut String) {
    page.push_str("</tbody>\n</table>\n</details>\n");
}

/// A row; `more` is markup that follows the detail.
fn add_event(page: &mut String, event: &TimelineEvent, more: &str) {
    let class = match event.diverges {
        true => " class=\"diverges\"",
        false => "",
    };
    let _ = writeln!(
        page,
        "<tr{class}><td class=\"event\">{}</td><td class=\"when\">{}</td><td class=\"type\">{}</td>\
         <td class=\"detail\">{}{more}</td></tr>",
        event.event_id,
        span(event.millis),
        Text(&event.event_type),
        Text(&event.detail)
    );
}

fn add_entry(page: &mut String, entry: &TimelineEntry, here: &str) {
    match entry {
        TimelineEntry::Event(event) => {
            let here = match event.diverges {
                true => format!(" <strong>\u{25b6} {here}</strong>"),
                false => String::new(),
            };
            add_event(page, event, &here);
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
