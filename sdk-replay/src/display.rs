//! What became of histories, in short: the figures, and a line for each that failed.

use std::fmt;

use crate::{Outcome, ReplaySummary, ReplayedHistory};

impl fmt::Display for ReplaySummary {
    /// `12 histories replayed (30005 events), 1 failed, 2 skipped`, and a line for each that failed.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let replayed = self.replayed();
        let noun = if replayed == 1 {
            "history"
        } else {
            "histories"
        };
        write!(
            formatter,
            "{replayed} {noun} replayed ({} events)",
            self.events()
        )?;
        for (count, what) in [
            (self.failures().count(), "failed"),
            (self.skipped(), "skipped"),
        ] {
            if count > 0 {
                write!(formatter, ", {count} {what}")?;
            }
        }
        for failed in self.failures() {
            write!(formatter, "\n  {failed}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ReplayedHistory {
    /// `tests/histories/order.json: workflow "order-1" (OrderSaga, 12 events): replayed`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What cannot be read says its place itself.
        if self.events == 0 && self.workflow_type.is_empty() {
            return match &self.outcome {
                Outcome::Failed(problem) => write!(formatter, "{problem}"),
                _ => write!(formatter, "{}: no events", self.place),
            };
        }
        write!(formatter, "{}: ", self.place)?;
        if !self.workflow_id.is_empty() {
            write!(formatter, "workflow \"{}\" ", self.workflow_id)?;
        }
        write!(
            formatter,
            "({}, {} events): ",
            self.workflow_type, self.events
        )?;
        match &self.outcome {
            Outcome::Replayed => formatter.write_str("replayed"),
            Outcome::Skipped(reason) => write!(formatter, "skipped, {reason}"),
            Outcome::Failed(problem) => write!(formatter, "{problem}"),
        }
    }
}
