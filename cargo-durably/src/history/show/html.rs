//! A history as one page: no script, nothing from elsewhere.

use std::fmt::{self, Write};

use durably_history::Timeline;
use durably_protos::temporal::api::history::v1::History;

const STYLE: &str = "\
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}
pre{font:13px/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
summary{cursor:pointer}
:root{color-scheme:light dark}";

/// The page: the timeline, and below it each event as JSON.
pub(super) fn page(title: &str, history: &History, timeline: Timeline<'_>) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{0}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n<h1>{0}</h1>\n<pre>{1}</pre>\n",
        Text(title),
        Text(&timeline.to_string()),
    );
    for event in history.events.iter().filter(|event| timeline.shows(event)) {
        let kind = event.event_type();
        // A time out of range has no JSON form; the event is shown all the same.
        let json = serde_json::to_string_pretty(event).unwrap_or_else(|error| error.to_string());
        let _ = writeln!(
            page,
            "<details><summary>{} {kind:?}</summary><pre>{}</pre></details>",
            event.event_id,
            Text(&json)
        );
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// Text that is no markup.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '&' => formatter.write_str("&amp;")?,
                '"' => formatter.write_str("&quot;")?,
                character => formatter.write_char(character)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_history_is_markup() {
        let history = History::default();
        let page = page("<script>\"&", &history, Timeline::of(&history));
        assert!(
            page.contains("<h1>&lt;script&gt;&quot;&amp;</h1>"),
            "{page}"
        );
    }
}
