//! One activation: what the chunk's events brought is given to the code, then its tasks are
//! polled until none is ready.
//!
//! The order is part of the replay contract (protocol 3.5): the code's start, then signals and
//! updates in the order in which they came, each handler polled once as it is called, then the first poll of
//! the main function, then whatever ended or was canceled, in event order. All events were
//! applied before: an operation that ended is not canceled by a request of the same task.
//!
//! A chunk that brings nothing for the code is no activation: the server may discard such a
//! task, and a replay would not see it (protocol 3.2).

use super::update::{Incoming, UpdateRequest, Verdict};
use super::{Job, Run};
use crate::command::Command;
use crate::error::RunError;
use crate::shared::SpawnedTask;
use crate::step;
use crate::workflow::{HandlerIdentity, SignalDelivery, SignalInput, TaskEnd};

/// An update for which no handler is known yet.
type Undelivered = (Box<UpdateRequest>, Verdict);

impl Run {
    pub(super) fn activate(&mut self, live: bool) -> Result<(), RunError> {
        if let Some(started) = self.pending_started.take() {
            self.shared.advance(started.time.as_ref());
            self.shared.figures.set(started.figures);
        }
        self.check_outside_use()?;
        if let Some(more) = &mut self.shared.tables.borrow_mut().more {
            more.local_activities.begin_task();
        }
        let first = !std::mem::replace(&mut self.activated, true);
        let stirred = std::mem::take(&mut self.stirred);
        if first || stirred || !self.messages.is_empty() {
            self.activate_code(first, stirred)?;
        }
        match live {
            true => self.settle_local_activities(true),
            false => self.replay_local_activities()?,
        }
        Ok(())
    }

    fn activate_code(&mut self, first: bool, stirred: bool) -> Result<(), RunError> {
        if first {
            self.start_code()?;
        }
        self.delivered = false;
        let is_signal = |message: &Incoming| matches!(message, Incoming::Signal(_));
        let signaled = self.recorder.messages_apart && self.messages.iter().any(is_signal);
        let mut unknown = self.deliver_messages()?;
        if self.recorder.messages_apart && (signaled || self.delivered) {
            self.run_until_idle()?;
        }
        // A task whose updates were all refused leaves no trace; so it must do nothing.
        if first || stirred || self.delivered {
            self.run_code()?;
        }
        if !unknown.is_empty() {
            self.delivered = false;
            self.deliver_known(&mut unknown)?;
            for (request, verdict) in unknown {
                self.deliver_update(*request, verdict)?;
            }
            if self.delivered {
                self.run_until_idle()?;
            }
        }
        self.check_stuck()?;
        self.queue_end();
        Ok(())
    }

    /// Gives back the updates that have no handler so far.
    fn deliver_messages(&mut self) -> Result<Vec<Undelivered>, RunError> {
        let mut unknown = Vec::new();
        for message in std::mem::take(&mut self.messages) {
            match message {
                Incoming::Signal(signal) => self.deliver(signal)?,
                Incoming::Update(request, verdict) => unknown.push((request, verdict)),
            }
            self.deliver_known(&mut unknown)?;
        }
        Ok(unknown)
    }

    /// Delivers the updates that have a handler by now. A message may register the handler of an
    /// update that came before it; a replay sees the two in the order in which they were accepted,
    /// so the update must not wait longer than that.
    fn deliver_known(&mut self, updates: &mut Vec<Undelivered>) -> Result<(), RunError> {
        while let Some(index) = updates
            .iter()
            .position(|(request, verdict)| self.can_deliver(request, *verdict))
        {
            let (request, verdict) = updates.remove(index);
            self.deliver_update(*request, verdict)?;
        }
        Ok(())
    }

    fn run_code(&mut self) -> Result<(), RunError> {
        if let Some(main) = self.unstarted.take() {
            let id = self.executor.add(main);
            self.executor.make_ready(id);
        }
        self.do_jobs();
        self.run_until_idle()
    }

    /// Between two tasks nobody may wake the code's tasks, or use its context.
    fn check_outside_use(&self) -> Result<(), RunError> {
        if self.executor.take_foreign_wake() {
            return Err(RunError::ForeignWake);
        }
        let used = self.shared.outside_use.borrow_mut().take();
        used.map_or(Ok(()), |what| Err(RunError::OutsideUse { what }))
    }

    /// Makes the code's state and its main future, without polling it.
    fn start_code(&mut self) -> Result<(), RunError> {
        let input = std::mem::take(&mut self.input);
        let context = self.new_context();
        let started = self.workflow.start(&context, &input);
        let started = started.map_err(|failure| RunError::code(Box::new(failure)))?;
        self.instance = Some(started.instance);
        self.unstarted = Some(started.main);
        self.after_code()
    }

    fn deliver(&mut self, signal: SignalInput) -> Result<(), RunError> {
        let context = self.new_context();
        let Some(instance) = &self.instance else {
            return Ok(());
        };
        match instance.signal(&context, signal) {
            SignalDelivery::Done(end) => self.task_ended(end)?,
            SignalDelivery::Running {
                future,
                name,
                abandon_unfinished,
            } => {
                let id = self.executor.add(future);
                let update_id = None;
                let handler = HandlerIdentity {
                    name,
                    update_id,
                    abandon_unfinished,
                };
                self.begin_handler(id, handler);
                return self.poll(id);
            }
            SignalDelivery::Unknown(mut signal) => {
                signal.own_payloads();
                let mut tables = self.shared.tables.borrow_mut();
                tables.more().unhandled_signals.push_back(signal);
            }
        }
        self.after_code()
    }

    fn do_jobs(&mut self) {
        if self.recorder.tasks_between {
            self.jobs.sort_by_key(|job| matches!(job, Job::Wake(_)));
        }
        for job in self.jobs.drain(..) {
            match job {
                Job::Wake(waker) | Job::WakeDirect(waker) => waker.wake(),
                Job::Cancel(reason) => {
                    for waker in self.shared.cancel_scope(&self.shared.root, &reason) {
                        waker.wake();
                    }
                }
            }
        }
    }

    pub(super) fn poll(&mut self, id: u32) -> Result<(), RunError> {
        if let Some(end) = self.executor.poll(id) {
            if let Some(more) = &mut self.shared.tables.borrow_mut().more {
                more.handlers.remove(&id);
            }
            self.task_ended(end)?;
        }
        self.after_code()
    }

    /// The first end counts (protocol 4.10).
    pub(super) fn task_ended(&mut self, end: TaskEnd) -> Result<(), RunError> {
        match end {
            TaskEnd::Done => {}
            TaskEnd::Workflow(outcome) => {
                self.outcome.get_or_insert(outcome);
            }
            TaskEnd::TaskFailed(failure) => return Err(RunError::code(failure)),
        }
        Ok(())
    }

    /// What code may have left behind: tasks to take over, or the wish to fail the task.
    pub(super) fn after_code(&mut self) -> Result<(), RunError> {
        let spawned = std::mem::take(&mut *self.shared.spawned.borrow_mut());
        for SpawnedTask { future, handler } in spawned {
            let id = self.executor.add(future);
            if let Some(handler) = handler {
                self.begin_handler(id, handler);
            }
            self.executor.make_ready(id);
        }
        let failure = self.shared.task_failure.borrow_mut().take();
        failure.map_or(Ok(()), |(failure, place)| {
            Err(RunError::Code { failure, place })
        })
    }

    /// Polls ready tasks, then lets waiting conditions look again as long as one of them holds.
    pub(super) fn run_until_idle(&mut self) -> Result<(), RunError> {
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

    /// A run that takes no messages and whose code waits, but for nothing of the engine's, waits
    /// for something that no history will ever bring: somebody outside holds a waker of its task.
    pub(super) fn check_stuck(&self) -> Result<(), RunError> {
        let listens = |run: &Self| {
            let takes = run
                .instance
                .as_ref()
                .is_some_and(|code| code.takes_messages());
            takes || run.shared.tables.borrow().has_waiters()
        };
        // Join handles hold wakers too. One of nested wakers stands for many of them, so this
        // may find less than there is, but never more.
        let stuck = self.outcome.is_none()
            && !listens(self)
            && self.executor.wakers_held() > self.shared.join_wakers.get();
        if stuck {
            Err(RunError::ForeignWake)
        } else {
            Ok(())
        }
    }

    /// The end comes after every other command of the activation (protocol 4.10).
    pub(super) fn queue_end(&mut self) {
        if let Some(outcome) = self.outcome.take()
            && !std::mem::replace(&mut self.ended, true)
        {
            let end = Command::End(Box::new(outcome));
            self.shared.tables.borrow_mut().commands.push(end, None);
        }
    }
}
