//! The end of a task's history: the answer to the task.

use super::{Known, Run};
use crate::command::Command;
use crate::completion::{Completion, WorkflowTaskCompletion};
use crate::error::{HistoryError, RunError};
use crate::input::Query;

impl Run {
    /// All of the task's history has been pushed: executes the task, or answers its query.
    pub fn finish(&mut self) -> Completion {
        let result = self.guarded(|run| {
            run.advance(Known::All)?;
            if run.task.started_event_id == 0 {
                run.answer_legacy()
            } else {
                run.complete()
            }
        });
        result.unwrap_or_else(|error| Completion::Failed(error.into_failed_task()))
    }

    /// All of a recorded history has been pushed: checks that the code follows it to its end.
    ///
    /// # Errors
    /// When code and history do not fit, the history is unusable, or the code panics.
    pub fn finish_replay(&mut self) -> Result<(), RunError> {
        self.guarded(|run| {
            run.advance(Known::All)?;
            if run.last_event_id == 0 && run.history.rest().is_empty() {
                return Err(HistoryError::Empty.into());
            }
            run.apply_trailing()
        })
    }

    fn answer_legacy(&mut self) -> Result<Completion, RunError> {
        self.apply_trailing()?;
        if self.last_event_id == 0 {
            return Err(HistoryError::Empty.into());
        }
        let query = self.task.queries.pop().unwrap_or_else(|| Query {
            id: String::new(),
            name: String::new(),
            arguments: Vec::new(),
        });
        Ok(Completion::Answered(self.answer(query)))
    }

    fn complete(&mut self) -> Result<Completion, RunError> {
        if self.last_started_event_id != self.task.started_event_id {
            return Err(HistoryError::Truncated {
                last: self.last_event_id,
                started: self.task.started_event_id,
            }
            .into());
        }
        let messages = self.reject_updates();
        let mut terminal = false;
        let mut commands = Vec::new();
        for queued in self.shared.tables.borrow_mut().commands.iter_mut() {
            terminal |= matches!(queued.command, Command::End(_));
            commands.extend(queued.command.send());
        }
        let queries = std::mem::take(&mut self.task.queries);
        Ok(Completion::Completed(WorkflowTaskCompletion {
            commands,
            messages,
            query_results: queries
                .into_iter()
                .map(|query| self.answer(query))
                .collect(),
            terminal,
        }))
    }
}
