//! The end of a task's history: the answer to the task.

use std::mem::take;

use super::{Known, Place, Run};
use crate::command::Command;
use crate::completion::{Completion, WorkflowTaskCompletion};
use crate::error::{HistoryError, RunError};
use crate::sdk::own_metadata;
use crate::workflow::HandlerIdentity;

impl Run {
    /// All of the task's history has been pushed: executes the task, or answers its query.
    pub fn finish(&mut self) -> Completion {
        let result = self.guarded(|run| {
            run.advance(Known::All)?;
            if run.task.started_event_id == 0 {
                run.answer_legacy()
            } else {
                run.answer_task()
            }
        });
        // Nothing of the task is kept while the run waits for its next one.
        self.history.clear();
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
        let queries = std::mem::take(&mut self.task.queries);
        let [query] = <[_; 1]>::try_from(queries).map_err(|queries| RunError::NotOneQuery {
            queries: queries.len(),
        })?;
        if self.last_event_id == 0 && self.history.rest().is_empty() {
            return Err(HistoryError::Empty.into());
        }
        self.apply_trailing()?;
        Ok(Completion::Answered(self.answer(query)))
    }

    /// What follows the last chunk: the events of the last completion's own commands. Other events
    /// belong to a task that is not here yet.
    fn apply_trailing(&mut self) -> Result<(), RunError> {
        while self.place != Place::Outside && self.next_is_own() {
            if let Some(event) = self.history.take() {
                self.apply(event)?;
            }
        }
        let next = self.history.rest().first();
        match (self.place, next) {
            (Place::Completed, next) => self.check_all_confirmed(next),
            (Place::Executed, Some(next)) => Err(self.void(next)),
            _ => Ok(()),
        }
    }

    /// The answer to the task, unless local activities have to end first.
    pub(super) fn answer_task(&mut self) -> Result<Completion, RunError> {
        if !self.runs_local_activities() {
            return self.complete(false);
        }
        if self.task.queries.is_empty() {
            self.check_executed()?;
            return Ok(Completion::Waiting);
        }
        // Whoever asks does not wait for local activities; they go on in a task of their own.
        self.complete(true)
    }

    pub(super) fn complete(&mut self, force_new_task: bool) -> Result<Completion, RunError> {
        self.check_executed()?;
        let mut messages = take(&mut self.outgoing);
        let mut terminal = false;
        let mut commands = Vec::new();
        {
            let mut tables = self.shared.tables.borrow_mut();
            let tables = &mut *tables;
            let groups = tables
                .more
                .as_mut()
                .map(|more| take(&mut more.event_groups));
            let groups = groups.unwrap_or_default();
            for (id, queued) in tables.commands.iter_mut() {
                terminal |= matches!(queued.command, Command::End(_));
                let Some(mut command) = queued.command.send(&mut messages) else {
                    continue;
                };
                for group in groups.of(id) {
                    if !command.event_group_markers.contains(group) {
                        command.event_group_markers.push(group.clone());
                    }
                }
                commands.push(command);
            }
        }
        let queries = take(&mut self.task.queries);
        let answers = queries.into_iter().map(|query| self.answer(query));
        Ok(Completion::Completed(WorkflowTaskCompletion {
            query_results: answers.collect(),
            commands,
            messages,
            terminal,
            force_new_task: force_new_task && !terminal,
            sdk_metadata: (!self.recorded_by_us).then(own_metadata),
            unfinished_handlers: match terminal {
                true => self.unfinished_handlers(),
                false => Vec::new(),
            },
        }))
    }

    /// The handlers that the run's end cuts off, but for those that may be.
    fn unfinished_handlers(&self) -> Vec<HandlerIdentity> {
        let tables = self.shared.tables.borrow();
        let handlers = tables.more.iter().flat_map(|more| more.handlers.values());
        handlers
            .filter(|handler| !handler.abandon_unfinished)
            .cloned()
            .collect()
    }

    /// Commands may be given out once, for the task that has just been executed.
    fn check_executed(&self) -> Result<(), HistoryError> {
        let (started, last) = (self.task.started_event_id, self.last_event_id);
        match (self.executed, self.last_started_event_id == started) {
            (true, true) => Ok(()),
            (true, false) => Err(HistoryError::Overtaken { started, last }),
            (false, _) if self.last_started_event_id >= started => {
                Err(HistoryError::ExecutedBefore { started })
            }
            (false, _) => Err(HistoryError::Truncated { last, started }),
        }
    }
}
