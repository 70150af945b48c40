//! Histories for people to read.

mod summary;

use std::fmt;
use std::time::Duration;

use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};

use summary::summary;

/// A history as text: a line for each event, with its id, when it happened since the start, its type
/// and what matters of it.
///
/// ```
/// use durably_protos::temporal::api::history::v1::History;
/// use durably_history::Timeline;
///
/// # let history = History::default();
/// print!("{}", Timeline::of(&history).without_workflow_tasks());
/// ```
///
/// ```text
///   1  +0s              WorkflowExecutionStarted        OrderSaga on queue orders
///   5  +0.012s          ActivityTaskScheduled           charge (id 1)
///   7  +0.113s          ActivityTaskCompleted           charge
///  23  +0.331s          TimerStarted                    1 of 30d
///  24  +30d 0.331s      TimerFired                      1
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Timeline<'a> {
    events: &'a [HistoryEvent],
    workflow_tasks: bool,
    /// The first and the last event that are shown.
    shown: (i64, i64),
}

impl<'a> Timeline<'a> {
    /// The timeline of a history.
    #[must_use]
    pub fn of(history: &'a History) -> Self {
        Self::of_events(&history.events)
    }

    /// The timeline of events.
    #[must_use]
    pub fn of_events(events: &'a [HistoryEvent]) -> Self {
        Self {
            events,
            workflow_tasks: true,
            shown: (i64::MIN, i64::MAX),
        }
    }

    /// Shows only the events from the first of these ids to the last, with times since the start of
    /// the history.
    #[must_use]
    pub fn between(mut self, first_event_id: i64, last_event_id: i64) -> Self {
        self.shown = (first_event_id, last_event_id);
        self
    }

    /// Leaves out the workflow tasks that were scheduled, started and completed as they should.
    #[must_use]
    pub fn without_workflow_tasks(mut self) -> Self {
        self.workflow_tasks = false;
        self
    }

    /// Whether the event is among those that are shown.
    #[must_use]
    pub fn shows(&self, event: &HistoryEvent) -> bool {
        let is_task = matches!(
            event.event_type(),
            EventType::WorkflowTaskScheduled
                | EventType::WorkflowTaskStarted
                | EventType::WorkflowTaskCompleted
        );
        let (first, last) = self.shown;
        (first..=last).contains(&event.event_id) && (self.workflow_tasks || !is_task)
    }
}

impl fmt::Display for Timeline<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.events.first().map_or(0, nanoseconds);
        for event in self.events.iter().filter(|event| self.shows(event)) {
            let since = nanoseconds(event).saturating_sub(start);
            let since = u64::try_from(since).unwrap_or(0);
            let since = format!("+{}", Span(Duration::from_nanos(since)));
            let kind = format!("{:?}", event.event_type());
            let summary = summary(event, self.events);
            let line = format!("{:4}  {since:16} {kind:33} {summary}", event.event_id);
            writeln!(formatter, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn nanoseconds(event: &HistoryEvent) -> i128 {
    let zero = Timestamp::default();
    let time = event.event_time.as_ref().unwrap_or(&zero);
    i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos)
}

/// A duration as people say it: `30d 1h`, `1m 5s`, `0.25s`.
pub(crate) struct Span(pub(crate) Duration);

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let parts = [
            (seconds / 86_400, 'd'),
            (seconds / 3600 % 24, 'h'),
            (seconds / 60 % 60, 'm'),
        ];
        let mut any = false;
        for (number, unit) in parts.into_iter().filter(|(number, _)| *number > 0) {
            let space = if any { " " } else { "" };
            write!(formatter, "{space}{number}{unit}")?;
            any = true;
        }
        let (seconds, millis) = (seconds % 60, self.0.subsec_millis());
        if any && seconds == 0 && millis == 0 {
            return Ok(());
        }
        let space = if any { " " } else { "" };
        match millis {
            0 => write!(formatter, "{space}{seconds}s"),
            millis => write!(formatter, "{space}{seconds}.{millis:03}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let span = |millis| Span(Duration::from_millis(millis)).to_string();
        assert_eq!(span(0), "0s");
        assert_eq!(span(250), "0.250s");
        assert_eq!(span(65_000), "1m 5s");
        assert_eq!(span(30 * 86_400_000), "30d");
        assert_eq!(span(30 * 86_400_000 + 3_600_000 + 7), "30d 1h 0.007s");
    }
}
