//! What the current thread is stepping: which run, in which mode, and which of its tasks are ready.
//!
//! Wakers must be `Send`, the engine is single-threaded. A wake that arrives while this
//! thread steps the waker's own run goes to the ready queue kept here; every other wake is
//! foreign (a tokio timer, another thread) and is only noted on the run.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// Whether user code may change the workflow just now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// No run is stepped on this thread, or another one.
    Outside,
    /// Workflow code runs: commands and state changes are allowed.
    Running,
    /// A query or a validator runs: nothing may change.
    ReadOnly,
    /// The run is being dropped; operations that are dropped must not issue commands.
    Evicting,
}

struct Step {
    run: Cell<usize>,
    mode: Cell<Mode>,
    ready: RefCell<VecDeque<u32>>,
    violation: RefCell<Option<String>>,
    /// A read-only step changed what cannot be undone.
    spoiled: Cell<bool>,
}

thread_local! {
    static STEP: Step = const {
        Step {
            run: Cell::new(0),
            mode: Cell::new(Mode::Outside),
            ready: RefCell::new(VecDeque::new()),
            violation: RefCell::new(None),
            spoiled: Cell::new(false),
        }
    };
}

/// Marks the thread as stepping a run until dropped. Steps may nest: a query is answered within a
/// step, and code may drop what holds another run.
pub(crate) struct StepGuard {
    outer: (usize, Mode),
    /// The ready tasks of the step around this one.
    outer_ready: VecDeque<u32>,
}

impl StepGuard {
    pub(crate) fn enter(run: usize, mode: Mode) -> Self {
        // The thread-local is gone while the thread ends; runs dropped then wake nobody anyway.
        STEP.try_with(|step| Self {
            outer: (step.run.replace(run), step.mode.replace(mode)),
            outer_ready: match step.ready.try_borrow_mut() {
                Ok(mut ready) if !ready.is_empty() => std::mem::take(&mut ready),
                _ => VecDeque::new(),
            },
        })
        .unwrap_or_else(|_| Self {
            outer: (0, Mode::Outside),
            outer_ready: VecDeque::new(),
        })
    }
}

impl Drop for StepGuard {
    fn drop(&mut self) {
        let left = STEP.try_with(|step| {
            step.run.set(self.outer.0);
            step.mode.set(self.outer.1);
            let mut ready = step.ready.borrow_mut();
            ready.clear();
            ready.append(&mut self.outer_ready);
        });
        // As on entering: there is nothing to restore while the thread ends.
        left.unwrap_or_default();
    }
}

/// The mode of the step in progress on this thread.
pub(crate) fn mode() -> Mode {
    // The thread-local is gone while the thread ends: then nothing is being stepped.
    STEP.try_with(|step| step.mode.get())
        .unwrap_or(Mode::Outside)
}

/// The mode of a run: outside unless this thread steps that very run.
pub(crate) fn mode_of(run: usize) -> Mode {
    STEP.try_with(|step| {
        if step.run.get() == run {
            step.mode.get()
        } else {
            Mode::Outside
        }
    })
    .unwrap_or(Mode::Outside)
}

/// Queues a task of the run being stepped.
pub(crate) fn push_ready(task: u32) {
    STEP.with(|step| step.ready.borrow_mut().push_back(task));
}

pub(crate) fn pop_ready() -> Option<u32> {
    STEP.with(|step| step.ready.borrow_mut().pop_front())
}

/// What a read-only step changed, or tried to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) what: String,
    /// It was changed, and cannot be undone: the run must be rebuilt from its history.
    pub(crate) spoiled: bool,
}

/// Takes what a read-only step changed or tried to change.
pub(crate) fn take_violation() -> Option<Violation> {
    STEP.with(|step| {
        let spoiled = step.spoiled.take();
        let what = step.violation.borrow_mut().take()?;
        Some(Violation { what, spoiled })
    })
}

/// A change was refused because a query or a validator is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("workflow state cannot change while a query or a validator runs")]
pub struct ReadOnly;

/// To be asked before workflow state changes: refuses while a query or a validator runs.
///
/// The refusal is remembered: the query fails with a message that names `what`, whatever its
/// handler returns.
///
/// # Errors
/// [`ReadOnly`] when the change must not be made.
pub fn refuse_write(what: impl FnOnce() -> String) -> Result<(), ReadOnly> {
    if mode() != Mode::ReadOnly {
        return Ok(());
    }
    STEP.with(|step| {
        step.violation.borrow_mut().get_or_insert_with(what);
    });
    Err(ReadOnly)
}

/// To be told when something of the workflow has changed that could not be refused: in a read-only
/// step, that spoils the run, which is then rebuilt from its history.
pub fn note_change(what: &'static str) {
    if refuse_write(|| what.to_owned()).is_err() {
        STEP.with(|step| step.spoiled.set(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_refused_only_in_read_only_steps_and_the_first_is_remembered() {
        assert_eq!(refuse_write(|| "outside".into()), Ok(()));
        let guard = StepGuard::enter(1, Mode::ReadOnly);
        assert_eq!(refuse_write(|| "first".into()), Err(ReadOnly));
        assert_eq!(refuse_write(|| "second".into()), Err(ReadOnly));
        let violation = take_violation().unwrap();
        assert_eq!((&*violation.what, violation.spoiled), ("first", false));
        note_change("changed");
        assert!(take_violation().unwrap().spoiled);
        assert_eq!(take_violation(), None);
        drop(guard);
        note_change("changed");
        assert_eq!(take_violation(), None);
        assert_eq!(mode(), Mode::Outside);
    }

    #[test]
    fn a_run_has_a_mode_only_while_it_is_stepped() {
        let _guard = StepGuard::enter(7, Mode::Running);
        assert_eq!(mode_of(7), Mode::Running);
        assert_eq!(mode_of(8), Mode::Outside);
    }

    #[test]
    fn a_step_within_a_step_leaves_the_ready_tasks_alone() {
        let _outer = StepGuard::enter(7, Mode::Running);
        push_ready(3);
        let inner = StepGuard::enter(8, Mode::Evicting);
        assert_eq!(pop_ready(), None);
        push_ready(4);
        drop(inner);
        assert_eq!(pop_ready(), Some(3));
        assert_eq!(pop_ready(), None);
    }
}
