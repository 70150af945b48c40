//! Both sides of a replay as rows of steps: what history has, what the code issued.

use durably::replay::{TracedReplay, TracedTask, describe_event, is_command_event};
use durably_protos::temporal::api::history::v1::HistoryEvent;

use super::action::Action;
use super::place::SourcePlace;

/// A command event of history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HistoryStep {
    pub(super) event_id: i64,
    /// The event in the engine's words.
    pub(super) words: String,
    pub(super) action: Action,
    /// Which completion it belongs to: counted from the first.
    pub(super) task: usize,
}

/// A command of the code's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CodeStep {
    /// The command in words.
    pub(super) words: String,
    pub(super) action: Action,
    pub(super) place: Option<SourcePlace>,
    /// The event that confirmed it.
    pub(super) event_id: Option<i64>,
    /// The `WorkflowTaskStarted` of the task that issued it.
    pub(super) task: i64,
}

/// The command events of a history.
pub(super) fn history_steps(events: &[HistoryEvent]) -> Vec<HistoryStep> {
    use durably_protos::temporal::api::enums::v1::EventType;
    let mut task = 0;
    let mut steps = Vec::new();
    for event in events {
        if event.event_type() == EventType::WorkflowTaskCompleted {
            task += 1;
        }
        if is_command_event(event) {
            steps.push(HistoryStep {
                event_id: event.event_id,
                words: describe_event(event),
                action: Action::of_event(event),
                task,
            });
        }
    }
    steps
}

/// The commands of a trace but for those that were taken back.
pub(super) fn code_steps(traced: &TracedReplay) -> Vec<CodeStep> {
    let commands = traced.tasks.iter().flat_map(|task: &TracedTask| {
        let kept = task.commands.iter().filter(|it| !it.retracted);
        kept.map(|it| CodeStep {
            words: it.command.to_string(),
            action: Action::of_command(&it.command),
            place: it.place.map(SourcePlace::from),
            event_id: it.event_id,
            task: task.started_event_id,
        })
    });
    commands.collect()
}
