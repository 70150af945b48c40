//! Where an operation's answer waits for the code that asked.

use std::task::{Poll, Waker};

/// The first answer counts, and is taken once. Wakers leave the slot to be woken or dropped by
/// the caller, outside of any borrow: their code is the user's.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    answer: Option<T>,
    answered: bool,
    waker: Option<Waker>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            answer: None,
            answered: false,
            waker: None,
        }
    }
}

impl<T> Slot<T> {
    /// Gives the waker of who waits, if this is the answer that counts.
    pub(crate) fn fill(&mut self, answer: T) -> Option<Waker> {
        if std::mem::replace(&mut self.answered, true) {
            return None;
        }
        self.answer = Some(answer);
        self.waker.take()
    }

    /// An answer is there, was taken, or is not wanted any more.
    pub(crate) fn is_answered(&self) -> bool {
        self.answered
    }

    pub(crate) fn is_awaited(&self) -> bool {
        self.waker.is_some()
    }

    /// Nobody will take an answer any more.
    pub(crate) fn is_done(&self) -> bool {
        self.answered && self.answer.is_none()
    }

    /// Gives the answer, or keeps the waker. The second part is a waker to drop.
    pub(crate) fn poll(&mut self, waker: Waker) -> (Poll<T>, Option<Waker>) {
        match self.answer.take() {
            Some(answer) => (Poll::Ready(answer), Some(waker)),
            None => (Poll::Pending, self.waker.replace(waker)),
        }
    }

    /// Nobody waits any more. Gives what is left, to drop.
    pub(crate) fn forget(&mut self) -> (Option<Waker>, Option<T>) {
        self.answered = true;
        (self.waker.take(), self.answer.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_counts_and_is_taken_once() {
        let mut slot = Slot::default();
        let waker = Waker::noop();
        assert!(slot.poll(waker.clone()).0.is_pending() && slot.is_awaited());
        assert!(slot.fill(1).is_some() && slot.fill(2).is_none());
        assert!(!slot.is_done());
        assert_eq!(slot.poll(waker.clone()).0, Poll::Ready(1));
        assert!(slot.is_done() && slot.poll(waker.clone()).0.is_pending());
    }

    #[test]
    fn an_answer_that_nobody_wants_is_dropped() {
        let mut slot = Slot::default();
        assert!(slot.fill(1).is_none());
        assert_eq!(slot.forget().1, Some(1));
        assert!(slot.is_done() && slot.fill(2).is_none());
    }
}
