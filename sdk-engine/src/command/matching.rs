//! Whether a command is the one that a command event confirms (the table of protocol 3.6).

use durably_protos::temporal::api::command::v1::ScheduleActivityTaskCommandAttributes;
use durably_protos::temporal::api::history::v1::ActivityTaskScheduledEventAttributes;

use super::queue::{Command, Queued};
use crate::nondeterminism::Divergence;
use crate::workflow::Outcome;

/// A field in which a command and its event differ.
pub(crate) struct Mismatch {
    pub(crate) field: &'static str,
    pub(crate) history: String,
    pub(crate) code: String,
}

impl Mismatch {
    pub(crate) fn check(field: &'static str, history: &str, code: &str) -> Result<(), Self> {
        if history == code {
            return Ok(());
        }
        Err(Self {
            field,
            history: history.to_owned(),
            code: code.to_owned(),
        })
    }

    pub(crate) fn activity(
        event: &ActivityTaskScheduledEventAttributes,
        command: &ScheduleActivityTaskCommandAttributes,
    ) -> Result<(), Self> {
        let type_name = |kind: &Option<durably_protos::temporal::api::common::v1::ActivityType>| {
            kind.as_ref()
                .map(|kind| kind.name.clone())
                .unwrap_or_default()
        };
        if event.activity_type != command.activity_type {
            return Err(Self {
                field: "activity type",
                history: type_name(&event.activity_type),
                code: type_name(&command.activity_type),
            });
        }
        Self::check("activity id", &event.activity_id, &command.activity_id)
    }

    pub(crate) fn scheduled_event_id(history: i64, code: i64) -> Result<(), Self> {
        if history == code {
            return Ok(());
        }
        Self::check(
            "scheduled event id",
            &history.to_string(),
            &code.to_string(),
        )
    }

    pub(crate) fn timer(history: &str, seq: u32) -> Result<(), Self> {
        // No allocation on the path that every replayed timer takes.
        if history.parse() == Ok(seq) {
            return Ok(());
        }
        Self::check("timer id", history, &seq.to_string())
    }

    pub(crate) fn into_divergence(self, command: &Queued) -> Divergence {
        Divergence::OtherIdentity {
            command: command.command.describe(),
            location: command.location,
            field: self.field,
            history: self.history,
            code: self.code,
        }
    }
}

impl Command {
    /// The command in words, for a nondeterminism report.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::ScheduleActivity { attributes, .. } => {
                let name = attributes
                    .activity_type
                    .as_ref()
                    .map_or("", |kind| &kind.name);
                format!(
                    "ScheduleActivityTask \"{name}\" (id {})",
                    attributes.activity_id
                )
            }
            Self::RequestCancelActivity {
                seq,
                scheduled_event_id,
            } => {
                format!(
                    "RequestCancelActivityTask (activity {seq}, scheduled by event {scheduled_event_id})"
                )
            }
            Self::StartTimer { seq, duration, .. } => {
                format!("StartTimer (id {seq}, {duration:?})")
            }
            Self::CancelTimer { seq } => format!("CancelTimer (id {seq})"),
            Self::End(outcome) => match **outcome {
                Outcome::Completed(_) => "CompleteWorkflowExecution",
                Outcome::Failed(_) => "FailWorkflowExecution",
                Outcome::Canceled(_) => "CancelWorkflowExecution",
                Outcome::ContinuedAsNew(_) => "ContinueAsNewWorkflowExecution",
            }
            .to_owned(),
            Self::Retracted => "a command taken back".to_owned(),
        }
    }
}
