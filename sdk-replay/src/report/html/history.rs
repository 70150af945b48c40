//! A history as a page of its own.

use std::fmt::Write;

use durably_history as history;
use durably_protos::temporal::api::history::v1::History;

use super::escape::Text;
use super::frame::{begin_page, end_page};
use super::{bars, events};
use crate::report::timeline::{Timeline, TimelineEntry};

/// A history as one HTML page that needs nothing else: its operations as bars, its events as a table,
/// each with all that it holds. Payloads are shown.
///
/// ```
/// use durably_history::Timeline;
/// use durably_protos::temporal::api::history::v1::History;
/// use durably_replay::report::HistoryPage;
///
/// # let history = History::default();
/// let shown = Timeline::of(&history).without_workflow_tasks();
/// let page = HistoryPage::new("order-7", &history).facts("orders/7.json").showing(shown).to_html();
/// assert!(page.contains("<h1>order-7</h1>"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct HistoryPage<'a> {
    title: &'a str,
    facts: &'a str,
    history: &'a History,
    shown: history::Timeline<'a>,
}

impl<'a> HistoryPage<'a> {
    /// The page of a history.
    #[must_use]
    pub fn new(title: &'a str, history: &'a History) -> Self {
        Self {
            title,
            facts: "",
            history,
            shown: history::Timeline::of(history),
        }
    }

    /// A line below the title: the file, or the run.
    #[must_use]
    pub fn facts(mut self, facts: &'a str) -> Self {
        self.facts = facts;
        self
    }

    /// Shows only the events that this timeline shows. Times are since the start of the history.
    #[must_use]
    pub fn showing(mut self, shown: history::Timeline<'a>) -> Self {
        self.shown = shown;
        self
    }

    /// The page. It grows with the history: about 2 KiB for each event, and the payloads.
    #[must_use]
    pub fn to_html(&self) -> String {
        let timeline = Timeline::whole(self.history, |event| self.shown.shows(event));
        let mut page = String::new();
        begin_page(&mut page, "History", self.title);
        if !self.facts.is_empty() {
            let _ = writeln!(page, "<p class=\"meta\">{}</p>", Text(self.facts));
        }
        page.push_str("</header>\n<main>\n");
        bars::add_bars(&mut page, 1, &timeline, None);
        let shown = self.history.events.iter();
        let shown: Vec<_> = shown.filter(|event| self.shown.shows(event)).collect();
        let entries = timeline.entries.iter().filter_map(|entry| match entry {
            TimelineEntry::Event(event) => Some(event),
            TimelineEntry::LeftOut { .. } => None,
        });
        let rows: Vec<_> = entries.zip(shown).collect();
        events::add_whole_events(&mut page, rows.into_iter());
        end_page(&mut page);
        page
    }
}
