//! Which events are meant: `5..20`.

use std::str::FromStr;

use durably_protos::temporal::api::history::v1::{History, HistoryEvent};

/// The first and the last event that are meant, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventRange {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Default for EventRange {
    fn default() -> Self {
        Self {
            first: 1,
            last: i64::MAX,
        }
    }
}

impl EventRange {
    /// The history with these events alone.
    pub(crate) fn of(self, mut history: History) -> History {
        history.events.retain(|event| self.contains(event));
        history
    }

    pub(crate) fn contains(self, event: &HistoryEvent) -> bool {
        (self.first..=self.last).contains(&event.event_id)
    }
}

impl FromStr for EventRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let problem = || "events are given as 5..20 (both included), 5.., ..20, or 5".to_owned();
        let whole = Self::default();
        let number = |text: &str, default| match text {
            "" => Ok(default),
            text => text
                .parse::<i64>()
                .ok()
                .filter(|id| *id > 0)
                .ok_or_else(problem),
        };
        let (first, last) = match text.split_once("..") {
            Some((first, last)) => {
                let last = last.strip_prefix('=').unwrap_or(last);
                (number(first, whole.first)?, number(last, whole.last)?)
            }
            None => {
                let only = number(text, 0)?;
                (only, only)
            }
        };
        match first > last || last == 0 {
            true => Err(problem()),
            false => Ok(Self { first, last }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let range = |text: &str| {
            text.parse()
                .map(|EventRange { first, last }| (first, last))
                .ok()
        };
        assert_eq!(range("5..20"), Some((5, 20)));
        assert_eq!(range("5..=20"), Some((5, 20)));
        assert_eq!(range("5.."), Some((5, i64::MAX)));
        assert_eq!(range("..20"), Some((1, 20)));
        assert_eq!(range("7"), Some((7, 7)));
        assert_eq!(range(".."), Some((1, i64::MAX)));
        for wrong in ["", "a", "20..5", "0", "-1..", "1..2..3"] {
            assert_eq!(range(wrong), None, "{wrong}");
        }
    }
}
