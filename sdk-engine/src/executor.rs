//! The tasks of one run and their wakers: polled in the order in which they were woken.
//!
//! Invariant: a task is polled only between [`crate::step::StepGuard::enter`] and its drop, and
//! in an order that depends on the run's history alone.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context as PollContext, Poll, Wake, Waker};

use crate::error::RunError;
use crate::step::Mode;
use crate::workflow::{TaskEnd, TaskFuture};
use crate::{panic_place, step};

/// Shared by all wakers of a run.
#[derive(Debug, Default)]
pub(crate) struct RunWake {
    /// Something outside the engine woke a task of this run.
    foreign: AtomicBool,
}

struct TaskWaker {
    run: Arc<RunWake>,
    task: u32,
    queued: AtomicBool,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match step::mode_of(run_key(&self.run)) {
            // Only the stepping thread gets here, so the flag orders nothing between threads.
            Mode::Running => {
                if !self.queued.swap(true, Ordering::Relaxed) {
                    step::push_ready(self.task);
                }
            }
            // Something that the task waits for was changed. Nothing is queued: the task would
            // see a change that no replay makes.
            Mode::ReadOnly => step::note_change("waking a task"),
            Mode::Evicting => {}
            Mode::Outside => self.run.foreign.store(true, Ordering::Relaxed),
        }
    }
}

/// What tells the wakers of one run from those of another.
fn run_key(run: &Arc<RunWake>) -> usize {
    Arc::as_ptr(run).addr()
}

struct Task {
    future: TaskFuture,
    waker: Arc<TaskWaker>,
}

/// The run's tasks: its main function, handlers in progress, spawned tasks; by age.
pub(crate) struct Executor {
    wake: Arc<RunWake>,
    tasks: BTreeMap<u32, Task>,
    next: u32,
}

impl Executor {
    pub(crate) fn new() -> Self {
        Self {
            wake: Arc::default(),
            tasks: BTreeMap::new(),
            next: 0,
        }
    }

    pub(crate) fn key(&self) -> usize {
        run_key(&self.wake)
    }

    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Adds a task that is not yet ready.
    pub(crate) fn add(&mut self, future: TaskFuture) -> u32 {
        let id = self.next;
        self.next += 1;
        let waker = Arc::new(TaskWaker {
            run: self.wake.clone(),
            task: id,
            queued: AtomicBool::new(false),
        });
        self.tasks.insert(id, Task { future, waker });
        id
    }

    /// Makes a task ready, as its waker would.
    pub(crate) fn make_ready(&self, id: u32) {
        if let Some(task) = self.tasks.get(&id) {
            task.waker.wake_by_ref();
        }
    }

    /// Polls one task; tells how it ended, if it did.
    pub(crate) fn poll(&mut self, id: u32) -> Option<TaskEnd> {
        let task = self.tasks.get_mut(&id)?;
        task.waker.queued.store(false, Ordering::Relaxed);
        let waker = Waker::from(task.waker.clone());
        match task
            .future
            .as_mut()
            .poll(&mut PollContext::from_waker(&waker))
        {
            Poll::Pending => None,
            Poll::Ready(end) => {
                self.tasks.remove(&id);
                Some(end)
            }
        }
    }

    /// Whether something outside the engine woke a task since the last call.
    pub(crate) fn take_foreign_wake(&self) -> bool {
        self.wake.foreign.swap(false, Ordering::Relaxed)
    }

    /// How many wakers of the run's tasks are held by anybody.
    pub(crate) fn wakers_held(&self) -> usize {
        let held = |task: &Task| Arc::strong_count(&task.waker) - 1;
        self.tasks.values().map(held).sum()
    }

    /// Drops every task: the run is going away.
    pub(crate) fn clear(&mut self) {
        for (_, task) in std::mem::take(&mut self.tasks) {
            discard(task);
        }
    }
}

/// Drops what the user's code made; a destructor that panics must not take the worker with it.
pub(crate) fn discard<T>(value: T) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}

/// Runs user code; a panic becomes an error of the run.
pub(crate) fn catch<T>(code: impl FnOnce() -> T) -> Result<T, RunError> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| RunError::Panic {
        message: panic_place::message(&*payload),
        place: panic_place::take(),
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::step::StepGuard;

    #[test]
    fn tasks_run_first_in_first_out_and_once_per_wake() {
        let log = Rc::new(RefCell::new(Vec::new()));
        let mut executor = Executor::new();
        let _guard = StepGuard::enter(executor.key(), Mode::Running);
        let ids: Vec<u32> = (0..3)
            .map(|n| {
                let log = log.clone();
                executor.add(Box::pin(std::future::poll_fn(move |_| {
                    log.borrow_mut().push(n);
                    Poll::Pending
                })))
            })
            .collect();
        executor.make_ready(ids[2]);
        executor.make_ready(ids[0]);
        executor.make_ready(ids[2]);
        while let Some(id) = step::pop_ready() {
            executor.poll(id);
        }
        assert_eq!(*log.borrow(), [2, 0]);
    }

    #[test]
    fn a_wake_from_another_thread_is_foreign() {
        let mut executor = Executor::new();
        let waker = Rc::new(RefCell::new(None));
        let seen = waker.clone();
        let id = executor.add(Box::pin(std::future::poll_fn(move |cx| {
            *seen.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })));
        let _guard = StepGuard::enter(executor.key(), Mode::Running);
        executor.poll(id);
        assert_eq!(executor.wakers_held(), 1);
        let waker: Waker = waker.take().unwrap();
        std::thread::spawn(move || waker.wake()).join().unwrap();
        assert!(executor.take_foreign_wake());
        assert!(!executor.take_foreign_wake());
        assert_eq!(step::pop_ready(), None);
    }

    #[test]
    fn a_panic_names_its_text() {
        let mut executor = Executor::new();
        let id = executor.add(Box::pin(async { panic!("no more {}", "beans") }));
        let Err(RunError::Panic { message, .. }) = catch(|| executor.poll(id)) else {
            panic!("the panic was not caught")
        };
        assert_eq!(message, "no more beans");
    }
}
