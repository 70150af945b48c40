//! History and code side by side, as a table.

use std::fmt::Write;

use super::escape::Text;
use crate::report::side_by_side::{Row, RowMark};

pub(super) fn add_rows(page: &mut String, number: usize, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "<section aria-labelledby=\"rows-{number}\">\n<h3 id=\"rows-{number}\">Side by side</h3>\n\
         <table class=\"rows\">\n<thead><tr><th scope=\"col\"></th><th scope=\"col\">Event</th>\
         <th scope=\"col\">History has</th><th scope=\"col\">Code issues</th></tr></thead>\n<tbody>"
    );
    for row in rows {
        add_row(page, row);
    }
    page.push_str("</tbody>\n</table>\n</section>\n");
}

fn add_row(page: &mut String, row: &Row) {
    let class = match row.mark {
        _ if row.diverges => " class=\"diverges\"",
        RowMark::Differs | RowMark::OnlyInHistory | RowMark::OnlyInCode => " class=\"changed\"",
        RowMark::Same | RowMark::NotReached | RowMark::NeedsNoCommand => "",
    };
    let sign = match row.mark {
        RowMark::Same => "=",
        RowMark::Differs => "\u{2260}",
        RowMark::OnlyInHistory => "\u{2212}",
        RowMark::OnlyInCode => "+",
        RowMark::NotReached => "?",
        RowMark::NeedsNoCommand => "~",
    };
    let here = if row.diverges {
        "<strong>\u{25b6} here they part</strong> "
    } else {
        ""
    };
    let _ = write!(
        page,
        "<tr{class}><td class=\"mark\"><span class=\"sign\" aria-hidden=\"true\">{sign}</span> \
         <span class=\"word\">{}</span></td>",
        row.mark.words()
    );
    match &row.history {
        Some(it) => {
            let _ = write!(
                page,
                "<td class=\"event\"><span class=\"label\">Event </span>{}</td>\
                 <td class=\"side\" title=\"{}\"><span class=\"label\">History </span>{}</td>",
                it.event_id,
                Text(&it.event),
                Text(&it.phrase)
            );
        }
        None => page.push_str(
            "<td class=\"event\"></td><td class=\"side none\"><span class=\"label\">History </span>\u{2013}</td>",
        ),
    }
    page.push_str("<td class=\"side\"><span class=\"label\">Code </span>");
    match &row.code {
        Some(it) => {
            let _ = write!(
                page,
                "<span title=\"{}\">{}</span>",
                Text(&it.command),
                Text(&it.phrase)
            );
            if let Some(place) = &it.place {
                let _ = write!(
                    page,
                    " <span class=\"place\">{}</span>",
                    Text(&place.to_string())
                );
            }
        }
        None => page.push_str("<span class=\"none\">\u{2013}</span>"),
    }
    if !here.is_empty() || row.note.is_some() {
        let note = row.note.as_deref().unwrap_or("");
        let _ = write!(page, "<span class=\"note\">{here}{}</span>", Text(note));
    }
    page.push_str("</td></tr>\n");
}
