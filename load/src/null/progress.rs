//! How far a run is, counted from its events.

use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use crate::number::number;

/// The workflows that have prepared answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    OneActivity,
    Sequence,
    Fanout,
    Timers,
    Signals,
    Idle,
}

impl Kind {
    fn of(workflow_type: &str) -> Option<Self> {
        Some(match workflow_type {
            "one_activity" => Self::OneActivity,
            "seq" => Self::Sequence,
            "fanout" => Self::Fanout,
            "timers" => Self::Timers,
            "signals" => Self::Signals,
            "idle" => Self::Idle,
            _ => return None,
        })
    }
}

/// A run's counters.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) kind: Kind,
    /// The workflow's argument, which most return. Not as the payload that came: that shares the
    /// memory of the whole task.
    pub(super) argument: u64,
    /// How many activities, timers or signals it waits for.
    pub(super) n: u64,
    /// Activities scheduled, timers started.
    pub(super) begun: u64,
    /// Activities completed, timers fired, signals received.
    pub(super) ended: u64,
    /// Of the signals' numbers.
    pub(super) sum: u64,
    pub(super) last_event_id: i64,
}

impl Progress {
    /// From the first event of a history, `WorkflowExecutionStarted`.
    ///
    /// # Errors
    /// What the event lacks.
    pub(super) fn begin(started: HistoryEvent) -> Result<Self, &'static str> {
        let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = started.attributes
        else {
            return Err("the history does not begin with WorkflowExecutionStarted");
        };
        let name = started
            .workflow_type
            .map(|workflow_type| workflow_type.name);
        let kind = name
            .as_deref()
            .and_then(Kind::of)
            .ok_or("the type is unknown")?;
        let argument = number(started.input.as_ref()).ok_or("the argument is not a JSON number")?;
        let n = match kind {
            Kind::OneActivity | Kind::Idle => 1,
            Kind::Sequence | Kind::Fanout | Kind::Timers | Kind::Signals => argument,
        };
        Ok(Self {
            kind,
            argument,
            n,
            begun: 0,
            ended: 0,
            sum: 0,
            last_event_id: 1,
        })
    }

    /// Counts an event; those seen before are passed over.
    ///
    /// # Errors
    /// Why the event allows no prepared answer.
    pub(super) fn apply(&mut self, event: &HistoryEvent) -> Result<(), &'static str> {
        if event.event_id <= self.last_event_id {
            return Ok(());
        }
        self.last_event_id = event.event_id;
        match event.event_type() {
            EventType::ActivityTaskScheduled | EventType::TimerStarted => self.begun += 1,
            EventType::ActivityTaskCompleted | EventType::TimerFired => self.ended += 1,
            EventType::WorkflowExecutionSignaled => {
                self.ended += 1;
                self.sum = self.sum.wrapping_add(signal_number(event));
            }
            EventType::ActivityTaskFailed
            | EventType::ActivityTaskTimedOut
            | EventType::ActivityTaskCanceled
            | EventType::WorkflowExecutionCancelRequested => {
                return Err("something failed, timed out or was canceled");
            }
            _ => {}
        }
        Ok(())
    }
}

/// A signal without a number adds nothing.
fn signal_number(event: &HistoryEvent) -> u64 {
    match &event.attributes {
        Some(Attributes::WorkflowExecutionSignaledEventAttributes(signal)) => {
            number(signal.input.as_ref()).unwrap_or(0)
        }
        _ => 0,
    }
}
