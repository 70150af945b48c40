//! Two replays of the same history with the same code, compared: they must not differ.

use durably::replay::{TracedCommand, TracedReplay};
use serde::{Deserialize, Serialize};

use super::finding::CommandWords;
use super::place::SourcePlace;

/// Where two replays of the same history part: the code itself is not deterministic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceDifference {
    /// `WorkflowTaskStarted` of the workflow task in which they part.
    pub task_started_event_id: i64,
    /// What the first replay issued; none if it had nothing more.
    pub first: Option<CommandWords>,
    /// What the second replay issued.
    pub second: Option<CommandWords>,
    /// The event that stands where they part: that of the command in one of the replays, or of the
    /// next command that has one. None if the workflow task has no more.
    pub event_id: Option<i64>,
}

impl TraceDifference {
    /// Where two replays part; none if the code did the same in both.
    #[must_use]
    pub fn between(first: &TracedReplay, second: &TracedReplay) -> Option<Self> {
        let tasks = first.tasks.len().max(second.tasks.len());
        (0..tasks).find_map(|number| {
            let (left, right) = (first.tasks.get(number), second.tasks.get(number));
            let started = left.or(right)?.started_event_id;
            let commands = |task: Option<&durably::replay::TracedTask>| {
                task.map_or(Vec::new(), |task| task.commands.clone())
            };
            let (left, right) = (commands(left), commands(right));
            let place = (0..left.len().max(right.len()))
                .find(|&at| !is_same(left.get(at), right.get(at)))?;
            let next = |commands: &[TracedCommand]| {
                let rest = commands.get(place..).unwrap_or_default();
                rest.iter().find_map(|it| it.event_id)
            };
            Some(Self {
                task_started_event_id: started,
                event_id: next(&left).or_else(|| next(&right)),
                first: left.get(place).map(words),
                second: right.get(place).map(words),
            })
        })
    }

    /// Where in the code it is.
    #[must_use]
    pub fn place(&self) -> Option<&SourcePlace> {
        let both = [&self.first, &self.second];
        both.into_iter().flatten().find_map(|it| it.place.as_ref())
    }
}

/// Events are left out: how far a replay came is not what the code did.
fn is_same(left: Option<&TracedCommand>, right: Option<&TracedCommand>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => {
            let key = |it: &TracedCommand| (it.place, it.retracted);
            left.command == right.command && key(left) == key(right)
        }
        (left, right) => left.is_none() && right.is_none(),
    }
}

fn words(command: &TracedCommand) -> CommandWords {
    CommandWords {
        command: command.command.to_string(),
        place: command.place.map(SourcePlace::from),
    }
}
