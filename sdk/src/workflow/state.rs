//! State that workflows share with their message handlers.

use std::cell::RefCell;
use std::fmt;

use durably_engine::refuse_write;

/// A value that the workflow and its handlers read and write, through `&self`.
///
/// All of a workflow's code runs on one thread, one piece at a time, so there is nothing to lock;
/// and no borrow can be held across an `.await`, since every method borrows only for its own time.
///
/// A write in a query (or an update's validator) is refused: the value stays, and the query fails
/// with a message that says so.
///
/// ```
/// use durably::prelude::*;
///
/// #[derive(Default)]
/// struct Counter {
///     sum: State<u64>,
/// }
///
/// let counter = Counter::default();
/// counter.sum.update(|sum| *sum += 2);
/// assert_eq!(counter.sum.get(), 2);
/// ```
///
/// # Determinism
/// Not recorded: a replay makes the same state by running the same code.
#[derive(Default)]
pub struct State<T> {
    value: RefCell<T>,
}

impl<T> State<T> {
    /// A state that begins with a value.
    pub const fn new(value: T) -> Self {
        Self {
            value: RefCell::new(value),
        }
    }

    /// A copy of the value.
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.value.borrow().clone()
    }

    /// Replaces the value.
    pub fn set(&self, value: T) {
        self.update(|slot| *slot = value);
    }

    /// Replaces the value and gives the old one.
    pub fn replace(&self, value: T) -> T
    where
        T: Clone,
    {
        let old = self.get();
        self.set(value);
        old
    }

    /// Looks at the value without copying it.
    ///
    /// # Panics
    /// When `look` writes the same state.
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.value.borrow())
    }

    /// Changes the value in place. In a query nothing is called and nothing changes.
    ///
    /// # Panics
    /// When `change` uses the same state.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        let what = || format!("writing a State<{}>", std::any::type_name::<T>());
        if refuse_write(what).is_ok() {
            change(&mut self.value.borrow_mut());
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for State<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.borrow().fmt(formatter)
    }
}

impl<T> From<T> for State<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
