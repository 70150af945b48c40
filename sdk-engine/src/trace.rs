//! What the code of a run did, task by task: for reports of how code and history part.
//!
//! A trace costs names for every command, so it is kept only where somebody asks for it: a replay
//! that failed is done again with one.

use crate::command::CommandIdentity;
use crate::context::Wait;
use crate::shared::Place;

/// What the code did in one workflow task.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracedTask {
    /// The task's `WorkflowTaskStarted`.
    pub started_event_id: i64,
    /// For what the code had waited when the task came, and did not wait any more after it: the
    /// awaits after which the task's commands were issued.
    pub resumed: Vec<Wait>,
    /// The commands that the code issued, in order.
    pub commands: Vec<TracedCommand>,
}

/// A command that the code issued.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracedCommand {
    /// What names the command; as text `ScheduleActivityTask "charge" (id 3)`.
    pub command: CommandIdentity,
    /// The call that issued it; none for the run's end.
    pub place: Option<Place>,
    /// The event that confirmed it; none if there was none so far.
    pub event_id: Option<i64>,
    /// The code took it back before the task's end: no event stands for it.
    pub retracted: bool,
}

/// A trace in the making.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    tasks: Vec<Task>,
}

#[derive(Debug)]
struct Task {
    started_event_id: i64,
    /// The number of the first command of this task.
    first_command: usize,
    /// For what it waited after it; none if it did not come to its end.
    after: Option<Vec<Wait>>,
}

impl Trace {
    pub(crate) fn begin_task(&mut self, started_event_id: i64, commands: usize) {
        self.tasks.push(Task {
            started_event_id,
            first_command: commands,
            after: None,
        });
    }

    pub(crate) fn end_task(&mut self, waits: Vec<Wait>) {
        if let Some(task) = self.tasks.last_mut() {
            task.after = Some(waits);
        }
    }

    /// The tasks so far. `commands` are all of the run's; `waits` is for what its code waits now.
    pub(crate) fn tasks(&self, commands: &[TracedCommand], waits: &[Wait]) -> Vec<TracedTask> {
        let ends = self.tasks.iter().skip(1).map(|next| next.first_command);
        let ends = ends.chain([commands.len()]);
        let after = |task: &Task| task.after.clone().unwrap_or_else(|| waits.to_vec());
        // Between two tasks the code waits for the same.
        let befores = self.tasks.iter().map(after);
        let befores = [Vec::new()].into_iter().chain(befores);
        let tasks = self.tasks.iter().zip(befores).zip(ends);
        let tasks = tasks.map(|((task, before), end)| TracedTask {
            started_event_id: task.started_event_id,
            resumed: without(&before, &after(task)),
            commands: commands
                .get(task.first_command..end)
                .unwrap_or_default()
                .to_vec(),
        });
        tasks.collect()
    }
}

/// What is in the first list more often than in the second.
fn without(all: &[Wait], gone: &[Wait]) -> Vec<Wait> {
    let mut rest: Vec<_> = gone.iter().collect();
    let stays = all.iter().filter(|wait| {
        let found = rest.iter().position(|other| other == wait);
        found.map(|index| rest.swap_remove(index)).is_none()
    });
    stays.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::WaitedFor;

    fn wait(what: WaitedFor) -> Wait {
        Wait { what, place: None }
    }

    fn command(timer_id: u32) -> TracedCommand {
        TracedCommand {
            command: CommandIdentity::TimerCancellation { timer_id },
            place: None,
            event_id: None,
            retracted: false,
        }
    }

    #[test]
    fn each_task_has_its_commands_and_what_it_resumed() {
        let mut trace = Trace::default();
        let commands = [1, 2, 3].map(command);
        let timer = wait(WaitedFor::Timer { timer_id: 1 });
        let condition = wait(WaitedFor::Condition);
        trace.begin_task(3, 0);
        trace.end_task(vec![timer.clone(), condition.clone(), condition.clone()]);
        trace.begin_task(8, 2);
        let tasks = trace.tasks(&commands, &[condition]);
        assert_eq!(tasks[0].commands, commands[..2]);
        assert!(tasks[0].resumed.is_empty());
        assert_eq!(tasks[1].commands, commands[2..]);
        assert_eq!(tasks[1].resumed.len(), 2);
        assert!(tasks[1].resumed.contains(&timer));
    }
}
