//! A history in time, shortened around the place in question.

mod detail;
mod fold;
mod operations;

use std::collections::BTreeMap;

use durably::replay::describe_event;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use serde::{Deserialize, Serialize};

use super::payload_shape::Values;

/// A history in time. Of a long one only its ends and the surroundings of the place in question are
/// here; the rest is counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// From the first event to the last, in milliseconds.
    pub total_millis: u64,
    /// The events, and where some are left out.
    pub entries: Vec<TimelineEntry>,
    /// Activities, timers, children and other operations that the shown events are of.
    pub operations: Vec<Operation>,
    /// How many operations are left out.
    pub operations_left_out: usize,
}

/// An event, or several that are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimelineEntry {
    /// An event.
    Event(TimelineEvent),
    /// Events that are left out.
    LeftOut {
        /// The first of them.
        first_event_id: i64,
        /// The last of them.
        last_event_id: i64,
        /// How many there are of which type.
        types: BTreeMap<String, usize>,
    },
}

/// An event in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineEvent {
    /// Its id.
    pub event_id: i64,
    /// Its type: `ActivityTaskScheduled`.
    pub event_type: String,
    /// What matters of it.
    pub detail: String,
    /// Since the first event, in milliseconds.
    pub millis: u64,
    /// At this event code and history part.
    pub diverges: bool,
}

/// Something that takes time: from the event that began it to the one that closed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// In words: `activity "charge"`.
    pub title: String,
    /// The event that began it.
    pub event_id: i64,
    /// When it began, since the first event, in milliseconds.
    pub millis: u64,
    /// The event that closed it; none if it is open.
    pub closed_event_id: Option<i64>,
    /// When it was closed, or else when the history ends.
    pub closed_millis: u64,
    /// How it was closed, in words; `open` if it was not.
    pub outcome: String,
    /// At its first event code and history part.
    pub diverges: bool,
}

impl Timeline {
    /// The timeline of a history around an event.
    pub(super) fn around(history: &History, event_id: Option<i64>, values: Values) -> Self {
        let events = &history.events[..];
        let since = since_start(events);
        let shown = fold::shown(events, event_id);
        let mut entries = Vec::new();
        let mut next = 0;
        for range in &shown {
            let end = range.end;
            if range.start > next {
                entries.push(left_out(&events[next..range.start]));
            }
            let range = events[range.clone()].iter();
            entries.extend(range.map(|event| {
                TimelineEntry::Event(TimelineEvent {
                    diverges: Some(event.event_id) == event_id,
                    ..timeline_event(event, since(event), values)
                })
            }));
            next = end;
        }
        if next < events.len() {
            entries.push(left_out(&events[next..]));
        }
        let total_millis = events.iter().map(&since).max().unwrap_or(0);
        let all = operations::operations(events, &since, total_millis, event_id);
        let (operations, operations_left_out) = operations::near(all, events, &shown, event_id);
        Self {
            total_millis,
            entries,
            operations,
            operations_left_out,
        }
    }

    /// The timeline of these events of a history, with the beginnings of payloads.
    pub(super) fn whole(history: &History, shows: impl Fn(&HistoryEvent) -> bool) -> Self {
        let events = &history.events[..];
        let since = since_start(events);
        let total_millis = events.iter().map(&since).max().unwrap_or(0);
        let all = operations::operations(events, &since, total_millis, None);
        let shown = events.iter().filter(|event| shows(event));
        let entries = shown
            .clone()
            .map(|event| timeline_event(event, since(event), Values::Shown));
        let entries = entries.map(TimelineEntry::Event).collect();
        let (operations, operations_left_out) = operations::first_of(all, shown);
        Self {
            total_millis,
            entries,
            operations,
            operations_left_out,
        }
    }
}

/// When an event happened since the first, in milliseconds.
fn since_start(events: &[HistoryEvent]) -> impl Fn(&HistoryEvent) -> u64 + use<> {
    let start = events.first().map_or(0, millis);
    move |event| u64::try_from(millis(event).saturating_sub(start)).unwrap_or(0)
}

fn timeline_event(event: &HistoryEvent, millis: u64, values: Values) -> TimelineEvent {
    TimelineEvent {
        event_id: event.event_id,
        event_type: type_name(event),
        detail: detail::detail(event, values),
        millis,
        diverges: false,
    }
}

fn left_out(events: &[HistoryEvent]) -> TimelineEntry {
    let mut types = BTreeMap::new();
    for event in events {
        *types.entry(type_name(event)).or_default() += 1;
    }
    TimelineEntry::LeftOut {
        first_event_id: events.first().map_or(0, |event| event.event_id),
        last_event_id: events.last().map_or(0, |event| event.event_id),
        types,
    }
}

fn type_name(event: &HistoryEvent) -> String {
    let words = describe_event(event);
    match words.strip_prefix("number ") {
        Some(_) => words,
        None => words.split(' ').next().unwrap_or_default().to_owned(),
    }
}

/// When it happened, since the epoch.
fn millis(event: &HistoryEvent) -> i64 {
    let time = event.event_time.unwrap_or_default();
    let millis = i64::from(time.nanos) / 1_000_000;
    time.seconds.saturating_mul(1000).saturating_add(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(length: i64) -> History {
        let events = (1..=length).map(|event_id| HistoryEvent {
            event_id,
            event_type: 5,
            ..HistoryEvent::default()
        });
        History {
            events: events.collect(),
        }
    }

    #[test]
    fn long_histories_are_shortened_around_the_place() {
        let timeline = Timeline::around(&history(30_000), Some(20_000), Values::Hidden);
        assert!(timeline.entries.len() < 150, "{}", timeline.entries.len());
        let mut events = 0;
        let mut diverging = 0;
        for entry in &timeline.entries {
            match entry {
                TimelineEntry::Event(event) => {
                    events += 1;
                    diverging += usize::from(event.diverges);
                }
                TimelineEntry::LeftOut { types, .. } => events += types["WorkflowTaskScheduled"],
            }
        }
        assert_eq!((events, diverging), (30_000, 1));
    }

    #[test]
    fn short_ones_are_whole() {
        let timeline = Timeline::around(&history(50), None, Values::Hidden);
        assert_eq!(timeline.entries.len(), 50);
        assert_eq!(
            Timeline::around(&History::default(), Some(3), Values::Hidden),
            Timeline::default()
        );
    }
}
