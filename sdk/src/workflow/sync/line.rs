//! The line of those who wait for permits: first come, first served.
//!
//! A permit that comes free is handed to the first in line at once; nobody who comes later can take
//! it before that one is polled.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll, Waker};

use durably_engine::{note_change, refuse_write};

/// Permits and who waits for some. Clones are the same.
#[derive(Clone)]
pub(super) struct Line {
    state: Rc<RefCell<State>>,
    /// What taking a permit means, for the error of a query that does.
    taking: &'static str,
}

struct State {
    available: usize,
    waiting: BTreeMap<u64, Waiting>,
    last: u64,
    closed: bool,
}

struct Waiting {
    wanted: usize,
    waker: Waker,
}

/// No permit will come free any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Closed;

impl Line {
    pub(super) fn new(available: usize, taking: &'static str) -> Self {
        let state = State {
            available,
            waiting: BTreeMap::new(),
            last: 0,
            closed: false,
        };
        Self {
            state: Rc::new(RefCell::new(state)),
            taking,
        }
    }

    /// How many permits nobody has.
    pub(super) fn available(&self) -> usize {
        self.state.borrow().available
    }

    /// Takes permits if nobody waits for some before.
    pub(super) fn try_acquire(&self, wanted: usize) -> bool {
        refuse_write(|| self.taking.to_owned()).is_ok() && self.state.borrow_mut().take(wanted)
    }

    /// Waits for permits.
    pub(super) fn acquire(&self, wanted: usize) -> Acquire {
        Acquire {
            line: self.clone(),
            wanted,
            ticket: Ticket::None,
        }
    }

    /// Waits for permits of a line that nobody closes.
    pub(super) async fn acquire_open(&self, wanted: usize) {
        let acquired = self.acquire(wanted).await;
        acquired.expect("nobody closes the line of a mutex or a semaphore");
    }

    /// Gives permits back, and hands them on.
    pub(super) fn release(&self, count: usize) {
        note_change("giving a permit back");
        self.change(|state| state.available += count);
    }

    /// From now on permits are taken, but none is waited for.
    pub(super) fn close(&self) {
        note_change("closing a queue");
        let mut state = self.state.borrow_mut();
        state.closed = true;
        let wakers: Vec<Waker> = state
            .waiting
            .values()
            .map(|waiting| waiting.waker.clone())
            .collect();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Makes a change, then serves the line. Nothing is borrowed when wakers are woken: they may be of
    /// the user's making.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.borrow_mut();
        change(&mut state);
        let wakers = state.serve();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl State {
    fn take(&mut self, wanted: usize) -> bool {
        let may = self.waiting.is_empty() && self.available >= wanted;
        if may {
            self.available -= wanted;
        }
        may
    }

    /// Hands permits to the first in line as long as there are enough; gives their wakers.
    fn serve(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        while let Some(first) = self.waiting.first_entry()
            && first.get().wanted <= self.available
        {
            let first = first.remove();
            self.available -= first.wanted;
            wakers.push(first.waker);
        }
        wakers
    }
}

#[derive(Debug, Clone, Copy)]
enum Ticket {
    None,
    /// In line, or served since: then nobody is in line under this number.
    Number(u64),
    Ended,
}

/// A wait for permits. Who drops it leaves the line, and gives back what was just handed over.
pub(super) struct Acquire {
    line: Line,
    wanted: usize,
    ticket: Ticket,
}

impl Acquire {
    /// The first poll: takes permits, or a place in the line.
    fn begin(&mut self, cx: &mut PollContext<'_>) -> Poll<Result<(), Closed>> {
        let mut state = self.line.state.borrow_mut();
        if state.take(self.wanted) {
            return Poll::Ready(Ok(()));
        }
        if state.closed {
            return Poll::Ready(Err(Closed));
        }
        state.last += 1;
        let number = state.last;
        let waiting = Waiting {
            wanted: self.wanted,
            waker: cx.waker().clone(),
        };
        state.waiting.insert(number, waiting);
        self.ticket = Ticket::Number(number);
        Poll::Pending
    }

    fn look(&self, number: u64, cx: &mut PollContext<'_>) -> Poll<Result<(), Closed>> {
        let mut state = self.line.state.borrow_mut();
        let closed = state.closed;
        let Some(waiting) = state.waiting.get_mut(&number) else {
            return Poll::Ready(Ok(()));
        };
        let old = std::mem::replace(&mut waiting.waker, cx.waker().clone());
        if closed {
            state.waiting.remove(&number);
        }
        drop(state);
        drop(old);
        if closed {
            Poll::Ready(Err(Closed))
        } else {
            Poll::Pending
        }
    }
}

impl Future for Acquire {
    type Output = Result<(), Closed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        if refuse_write(|| self.line.taking.to_owned()).is_err() {
            return Poll::Pending;
        }
        let poll = match self.ticket {
            Ticket::None => self.begin(cx),
            Ticket::Number(number) => self.look(number, cx),
            // Polled after its end, against the contract of futures.
            Ticket::Ended => Poll::Pending,
        };
        if poll.is_ready() {
            self.ticket = Ticket::Ended;
        }
        poll
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Ticket::Number(number) = self.ticket else {
            return;
        };
        note_change("leaving a line");
        let wanted = self.wanted;
        let mut left = None;
        self.line.change(|state| {
            left = state.waiting.remove(&number);
            if left.is_none() {
                state.available += wanted;
            }
        });
        drop(left);
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.borrow();
        formatter
            .debug_struct("Line")
            .field("available", &state.available)
            .field("waiting", &state.waiting.len())
            .field("closed", &state.closed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::testing::run_ready;

    fn poll(acquire: &mut Acquire) -> Poll<Result<(), Closed>> {
        Pin::new(acquire).poll(&mut PollContext::from_waker(Waker::noop()))
    }

    #[test]
    fn nobody_overtakes_who_was_served_but_not_polled() {
        let line = Line::new(1, "testing");
        assert!(line.try_acquire(1));
        let (mut first, mut second) = (line.acquire(1), line.acquire(1));
        assert!(poll(&mut first).is_pending());
        assert!(poll(&mut second).is_pending());
        line.release(1);
        assert!(!line.try_acquire(1));
        assert!(poll(&mut second).is_pending());
        assert_eq!(poll(&mut first), Poll::Ready(Ok(())));
        line.release(1);
        // Who leaves after being served hands the permit on.
        drop(second);
        assert!(line.try_acquire(1));
    }

    #[test]
    fn who_wants_much_holds_up_those_behind_until_he_leaves() {
        let line = Line::new(2, "testing");
        assert!(line.try_acquire(1));
        let (mut much, mut little) = (line.acquire(2), line.acquire(1));
        assert!(poll(&mut much).is_pending());
        assert!(poll(&mut little).is_pending());
        drop(much);
        assert_eq!(poll(&mut little), Poll::Ready(Ok(())));
        assert_eq!(line.available(), 0);
    }

    #[test]
    fn a_closed_line_still_gives_what_is_there() {
        let line = Line::new(0, "testing");
        let mut waits = line.acquire(1);
        assert!(poll(&mut waits).is_pending());
        line.close();
        assert_eq!(poll(&mut waits), Poll::Ready(Err(Closed)));
        line.release(1);
        assert_eq!(run_ready(line.acquire(1)), Ok(()));
        assert_eq!(run_ready(line.acquire(1)), Err(Closed));
    }
}
