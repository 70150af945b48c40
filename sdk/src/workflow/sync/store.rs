//! Items on their way from those who put them in to those who take them out.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use durably_engine::refuse_write;

use super::line::{Closed, Line};

const PUTTING: &str = "putting something into a queue";

/// Why an item was not put in.
pub(super) enum Rejected<T> {
    Full(T),
    Closed(T),
    /// A query or a validator is running, which fails for it.
    ReadOnly(T),
}

/// Clones are the same store.
pub(super) struct Store<T> {
    items: Rc<RefCell<VecDeque<T>>>,
    /// A permit for each item that nobody was promised.
    filled: Line,
    /// A permit for each free place; none for a store without bounds.
    room: Option<Line>,
    closed: Rc<Cell<bool>>,
}

impl<T> Store<T> {
    pub(super) fn new(capacity: Option<usize>) -> Self {
        Self {
            items: Rc::default(),
            filled: Line::new(0, "taking something out of a queue"),
            room: capacity.map(|capacity| Line::new(capacity, PUTTING)),
            closed: Rc::default(),
        }
    }

    /// Waits for room; gives the item back when the store is closed.
    pub(super) async fn put(&self, item: T) -> Result<(), Rejected<T>> {
        if !self.closed.get()
            && let Some(room) = &self.room
            && room.acquire(1).await == Err(Closed)
        {
            return Err(Rejected::Closed(item));
        }
        self.add(item)
    }

    pub(super) fn try_put(&self, item: T) -> Result<(), Rejected<T>> {
        if self.closed.get() {
            return Err(Rejected::Closed(item));
        }
        if refuse_write(|| PUTTING.to_owned()).is_err() {
            return Err(Rejected::ReadOnly(item));
        }
        match &self.room {
            Some(room) if !room.try_acquire(1) => Err(Rejected::Full(item)),
            _ => self.add(item),
        }
    }

    /// Adds an item for which there is room.
    fn add(&self, item: T) -> Result<(), Rejected<T>> {
        if self.closed.get() {
            return Err(Rejected::Closed(item));
        }
        if refuse_write(|| PUTTING.to_owned()).is_err() {
            return Err(Rejected::ReadOnly(item));
        }
        self.items.borrow_mut().push_back(item);
        self.filled.release(1);
        Ok(())
    }

    /// Waits for an item; `None` when the store is closed and empty.
    pub(super) async fn take(&self) -> Option<T> {
        match self.filled.acquire(1).await {
            Ok(()) => self.remove(),
            Err(Closed) => None,
        }
    }

    pub(super) fn try_take(&self) -> Option<T> {
        if self.filled.try_acquire(1) {
            self.remove()
        } else {
            None
        }
    }

    /// Removes an item that was promised.
    fn remove(&self) -> Option<T> {
        let item = self.items.borrow_mut().pop_front();
        if let Some(room) = &self.room {
            room.release(1);
        }
        item
    }

    /// Nothing more can be put in.
    pub(super) fn close(&self) {
        self.closed.set(true);
        self.filled.close();
        if let Some(room) = &self.room {
            room.close();
        }
    }

    /// Drops what is in it: nobody will take it.
    pub(super) fn clear(&self) {
        let items = std::mem::take(&mut *self.items.borrow_mut());
        drop(items);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    pub(super) fn len(&self) -> usize {
        self.items.borrow().len()
    }
}

impl<T> Clone for Store<T> {
    fn clone(&self) -> Self {
        Self {
            items: self.items.clone(),
            filled: self.filled.clone(),
            room: self.room.clone(),
            closed: self.closed.clone(),
        }
    }
}
