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
    /// No run is stepped on this thread.
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
}

thread_local! {
    static STEP: Step = const {
        Step {
            run: Cell::new(0),
            mode: Cell::new(Mode::Outside),
            ready: RefCell::new(VecDeque::new()),
            violation: RefCell::new(None),
        }
    };
}

/// Marks the thread as stepping a run until dropped.
pub(crate) struct StepGuard {
    previous: (usize, Mode),
}

impl StepGuard {
    pub(crate) fn enter(run: usize, mode: Mode) -> Self {
        STEP.with(|step| Self {
            previous: (step.run.replace(run), step.mode.replace(mode)),
        })
    }
}

impl Drop for StepGuard {
    fn drop(&mut self) {
        STEP.with(|step| {
            step.run.set(self.previous.0);
            step.mode.set(self.previous.1);
            if self.previous.0 == 0 {
                step.ready.borrow_mut().clear();
            }
        });
    }
}

/// The mode of the step in progress on this thread.
pub(crate) fn mode() -> Mode {
    // The thread-local is gone while the thread ends: then nothing is being stepped.
    STEP.try_with(|step| step.mode.get())
        .unwrap_or(Mode::Outside)
}

/// Queues a task of the run in progress; false when `run` is not the one being stepped here.
pub(crate) fn push_ready(run: usize, task: u32) -> bool {
    STEP.try_with(|step| {
        let own = step.run.get() == run;
        if own {
            step.ready.borrow_mut().push_back(task);
        }
        own
    })
    .unwrap_or(false)
}

pub(crate) fn is_current(run: usize) -> bool {
    STEP.try_with(|step| step.run.get() == run).unwrap_or(false)
}

pub(crate) fn pop_ready() -> Option<u32> {
    STEP.with(|step| step.ready.borrow_mut().pop_front())
}

/// Takes what a read-only step tried to change, if it did.
pub(crate) fn take_violation() -> Option<String> {
    STEP.with(|step| step.violation.borrow_mut().take())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_refused_only_in_read_only_steps_and_the_first_is_remembered() {
        assert_eq!(refuse_write(|| "outside".into()), Ok(()));
        let guard = StepGuard::enter(1, Mode::ReadOnly);
        assert_eq!(refuse_write(|| "first".into()), Err(ReadOnly));
        assert_eq!(refuse_write(|| "second".into()), Err(ReadOnly));
        assert_eq!(take_violation().as_deref(), Some("first"));
        drop(guard);
        assert_eq!(mode(), Mode::Outside);
    }

    #[test]
    fn only_the_stepped_run_takes_ready_tasks() {
        let _guard = StepGuard::enter(7, Mode::Running);
        assert!(push_ready(7, 3));
        assert!(!push_ready(8, 4));
        assert_eq!(pop_ready(), Some(3));
        assert_eq!(pop_ready(), None);
    }
}
