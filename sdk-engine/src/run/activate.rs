//! One activation: what the chunk's events brought is given to the code, then its tasks are
//! polled until none is ready.
//!
//! The order is part of the replay contract (protocol 3.5): the code's start, then signals in
//! history order, each handler polled once as its signal is delivered, then the first poll of
//! the main function, then whatever was resolved, in event order.

use super::Run;
use crate::command::Command;
use crate::error::RunError;
use crate::executor::catch;
use crate::step;
use crate::workflow::{SignalDelivery, SignalInput, TaskEnd};

impl Run {
    pub(super) fn activate(&mut self) -> Result<(), RunError> {
        if let Some(started) = self.pending_started.take() {
            self.shared.advance(started.time.as_ref());
            self.shared.figures.set(started.figures);
        }
        if self.executor.take_foreign_wake() {
            return Err(RunError::ForeignWake);
        }
        let first = !std::mem::replace(&mut self.activated, true);
        if first {
            self.start_code()?;
        }
        for signal in std::mem::take(&mut self.signals) {
            self.deliver(signal)?;
        }
        if let Some(main) = self.unstarted.take() {
            let id = self.executor.add(main);
            self.executor.make_ready(id);
        }
        for waker in std::mem::take(&mut self.resolved) {
            waker.wake();
        }
        self.run_until_idle()?;
        self.check_stuck()?;
        self.queue_end();
        Ok(())
    }

    fn deliver(&mut self, signal: SignalInput) -> Result<(), RunError> {
        let context = self.new_context();
        let Some(instance) = &self.instance else {
            return Ok(());
        };
        match catch(|| instance.signal(&context, signal))? {
            SignalDelivery::Done(end) => self.task_ended(end)?,
            SignalDelivery::Running(future) => {
                let id = self.executor.add(future);
                self.poll(id)?;
            }
            SignalDelivery::Unknown(signal) => {
                self.shared
                    .tables
                    .borrow_mut()
                    .unhandled_signals
                    .push_back(signal);
            }
        }
        self.adopt_spawned();
        self.check_task_failure()
    }

    fn poll(&mut self, id: u32) -> Result<(), RunError> {
        if let Some(end) = self.executor.poll(id)? {
            self.task_ended(end)?;
        }
        self.adopt_spawned();
        self.check_task_failure()
    }

    /// The first end counts (protocol 4.10).
    fn task_ended(&mut self, end: TaskEnd) -> Result<(), RunError> {
        match end {
            TaskEnd::Done => {}
            TaskEnd::Workflow(outcome) => {
                self.outcome.get_or_insert(outcome);
            }
            TaskEnd::TaskFailed(failure) => return Err(RunError::Code(failure)),
        }
        Ok(())
    }

    fn check_task_failure(&self) -> Result<(), RunError> {
        let failure = self.shared.task_failure.borrow_mut().take();
        failure.map_or(Ok(()), |failure| Err(RunError::Code(failure)))
    }

    fn adopt_spawned(&mut self) {
        let spawned = std::mem::take(&mut *self.shared.spawned.borrow_mut());
        for future in spawned {
            let id = self.executor.add(future);
            self.executor.make_ready(id);
        }
    }

    /// Polls ready tasks, then lets waiting conditions look again as long as one of them holds.
    fn run_until_idle(&mut self) -> Result<(), RunError> {
        self.drain_ready()?;
        loop {
            let wakers = {
                let mut tables = self.shared.tables.borrow_mut();
                tables.conditions.take_satisfied();
                tables.conditions.take_wakers()
            };
            if wakers.is_empty() {
                return Ok(());
            }
            wakers.into_iter().for_each(std::task::Waker::wake);
            self.drain_ready()?;
            if !self.shared.tables.borrow_mut().conditions.take_satisfied() {
                return Ok(());
            }
        }
    }

    fn drain_ready(&mut self) -> Result<(), RunError> {
        while let Some(id) = step::pop_ready() {
            self.poll(id)?;
        }
        Ok(())
    }

    /// A run whose code waits, but for nothing of the engine's, waits for something that no
    /// history will ever bring: somebody outside holds a waker of its task.
    fn check_stuck(&self) -> Result<(), RunError> {
        let stuck = self.outcome.is_none()
            && !self.shared.tables.borrow().has_waiters()
            && self.executor.has_outside_wakers();
        if stuck {
            Err(RunError::ForeignWake)
        } else {
            Ok(())
        }
    }

    /// The end comes after every other command of the activation (protocol 4.10).
    fn queue_end(&mut self) {
        if let Some(outcome) = self.outcome.take()
            && !std::mem::replace(&mut self.ended, true)
        {
            self.shared
                .tables
                .borrow_mut()
                .commands
                .push(Command::End(Box::new(outcome)), None);
        }
    }
}
