//! Operations as bars, from the event that began them to the one that closed them.
//!
//! The scale is the order of events, not time: between a call of milliseconds and a timer of a month
//! time would leave nothing to see. Times stand beside the bars.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::escape::{Text, span};
use crate::report::timeline::{Operation, Timeline};

/// The bars of a timeline; a line stands at the event where code and history part.
pub(super) fn add_bars(
    page: &mut String,
    number: usize,
    timeline: &Timeline,
    diverging: Option<i64>,
) {
    if timeline.operations.is_empty() {
        return;
    }
    let scale = Scale::of(&timeline.operations, diverging);
    let _ = writeln!(
        page,
        "<section aria-labelledby=\"bars-{number}\">\n<h3 id=\"bars-{number}\">Operations</h3>\n\
         <p class=\"faint\">By the ids of their first and last events, in order and not to scale. The history takes {}.{}</p>\n<ol class=\"bars\">",
        span(timeline.total_millis),
        match diverging {
            Some(id) => format!(" The line stands at event {id}, where code and history part."),
            None => String::new(),
        }
    );
    for operation in &timeline.operations {
        add_bar(page, operation, &scale, diverging);
    }
    page.push_str("</ol>\n");
    if timeline.operations_left_out > 0 {
        let _ = writeln!(
            page,
            "<p class=\"faint\">{} operations {} are left out.</p>",
            timeline.operations_left_out,
            match diverging {
                Some(_) => "further away",
                None => "after these",
            }
        );
    }
    page.push_str("</section>\n");
}

fn add_bar(page: &mut String, operation: &Operation, scale: &Scale, diverging: Option<i64>) {
    let from = scale.percent(operation.event_id);
    let to = operation
        .closed_event_id
        .map_or(100, |id| scale.percent(id));
    let width = to.saturating_sub(from).max(1);
    let is_open = operation.closed_event_id.is_none();
    let class = match (operation.diverges, is_open, operation.outcome.as_str()) {
        (true, ..) => "bar diverges",
        (_, true, _) => "bar open",
        (_, _, "completed" | "fired" | "delivered") => "bar",
        _ => "bar failed",
    };
    let line = diverging.map_or(String::new(), |id| {
        format!(
            "<span class=\"line\" style=\"left:{}%\"></span>",
            scale.percent(id)
        )
    });
    let mark = if operation.diverges { "\u{25b6} " } else { "" };
    let took = span(operation.closed_millis.saturating_sub(operation.millis));
    let closed = match operation.closed_event_id {
        Some(id) => format!(
            "{}\u{2013}{id}, {} after {took}",
            operation.event_id, operation.outcome
        ),
        None => format!("{}\u{2013}, open", operation.event_id),
    };
    let _ = writeln!(
        page,
        "<li><span class=\"title\">{mark}{}</span><span class=\"track\" aria-hidden=\"true\">{line}\
         <span class=\"{class}\" style=\"left:{from}%;width:{width}%\"></span></span>\
         <span class=\"faint when\">{}</span></li>",
        Text(&operation.title),
        Text(&closed)
    );
}

/// Where the events lie, from 0 to 100.
struct Scale(Vec<i64>);

impl Scale {
    fn of(operations: &[Operation], diverging: Option<i64>) -> Self {
        let begins = operations.iter().map(|it| it.event_id);
        let closes = operations.iter().filter_map(|it| it.closed_event_id);
        let all: BTreeSet<_> = begins.chain(closes).chain(diverging).collect();
        Self(all.into_iter().collect())
    }

    fn percent(&self, event_id: i64) -> usize {
        let place = self.0.partition_point(|id| *id < event_id);
        // Room is left behind the last event for what is open.
        place * 98 / self.0.len().max(1)
    }
}
