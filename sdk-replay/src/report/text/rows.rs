//! History and code side by side, as columns.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::style::{Paint, TextStyle, plain};
use super::wrap::cut;
use crate::report::side_by_side::{Row, RowMark};

/// The narrowest and the widest a column of words is.
const COLUMN: std::ops::RangeInclusive<usize> = 18..=44;

/// A row as text, before its columns have widths.
struct Cells<'a> {
    row: &'a Row,
    event: String,
    history: String,
    code: String,
    place: String,
    note: String,
}

pub(super) fn add_rows(text: &mut String, rows: &[Row], style: TextStyle) {
    let cells: Vec<_> = rows.iter().map(cells).collect();
    let widest = |of: for<'a> fn(&'a Cells<'a>) -> &'a str| {
        let widths = cells.iter().map(|it| of(it).chars().count());
        widths.max().unwrap_or(0)
    };
    let event = widest(|it| &it.event).max("event".len());
    // What is left beside the sign, the event's id and the gaps, for two columns.
    let room = style.columns().saturating_sub(event + 10) / 2;
    let column = |widest: usize| widest.clamp(*COLUMN.start(), room.min(*COLUMN.end()));
    let (history, code) = (
        column(widest(|it| &it.history)),
        column(widest(|it| &it.code)),
    );
    let head = format!(
        "      {:>event$}  {:history$}  {}",
        "event", "history", "code"
    );
    let _ = writeln!(text, "{}", style.paint(Paint::Faint, &head));
    for it in &cells {
        let arrow = if it.row.diverges { ">" } else { " " };
        let line = format!(
            "  {arrow} {} {:>event$}  {:history$}  {:code$}",
            it.row.mark.sign(),
            it.event,
            cut(&it.history, history),
            cut(&it.code, code),
        );
        let mut line = line.trim_end().to_owned();
        let mut below = Vec::new();
        let start = 6 + event + 2 + history + 2;
        for more in [&it.place, &it.note] {
            let used = line.chars().count().max(start + code);
            match more.is_empty() {
                true => {}
                false if used + 2 + more.chars().count() <= style.columns() => {
                    let gap = used - line.chars().count() + 2;
                    let _ = write!(line, "{:gap$}{more}", "");
                }
                false => below.push(format!("{:start$}{more}", "")),
            }
        }
        for line in std::iter::once(line).chain(below) {
            let _ = writeln!(text, "{}", style.paint(paint(it.row), &line));
        }
    }
    add_legend(text, rows, style);
}

fn cells(row: &Row) -> Cells<'_> {
    let history = row.history.as_ref();
    let code = row.code.as_ref();
    let place = code.and_then(|it| it.place.as_ref());
    Cells {
        row,
        event: history.map_or(String::new(), |it| it.event_id.to_string()),
        history: history.map_or("-".to_owned(), |it| plain(&it.phrase)),
        code: code.map_or("-".to_owned(), |it| plain(&it.phrase)),
        place: place.map_or(String::new(), |it| plain(&it.to_string())),
        note: row
            .note
            .as_ref()
            .map_or(String::new(), |it| format!("({})", plain(it))),
    }
}

fn paint(row: &Row) -> Paint {
    match row.mark {
        _ if row.diverges => Paint::Bad,
        RowMark::Same | RowMark::NotReached | RowMark::NeedsNoCommand => Paint::Faint,
        _ => Paint::Changed,
    }
}

/// What the signs that are in use mean.
fn add_legend(text: &mut String, rows: &[Row], style: TextStyle) {
    let mut used = BTreeSet::new();
    let mut legend = vec!["> here they part".to_owned()];
    for row in rows {
        if used.insert(row.mark.sign()) {
            legend.push(format!("{} {}", row.mark.sign(), row.mark.words()));
        }
    }
    let legend = format!("    {}", legend.join("   "));
    let _ = writeln!(text, "{}", style.paint(Paint::Faint, &legend));
}
