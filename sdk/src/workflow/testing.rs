//! Futures for unit tests that need no run.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Polls a future that must be ready.
pub(crate) fn run_ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is not ready"),
    }
}

/// Holds back those who wait for it until it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Rc<RefCell<(bool, Vec<Waker>)>>);

impl Gate {
    pub(crate) fn open(&self) {
        let wakers = {
            let mut gate = self.0.borrow_mut();
            gate.0 = true;
            std::mem::take(&mut gate.1)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn wait_for<T>(&self, output: T) -> impl Future<Output = T> + use<T> {
        let gate = self.0.clone();
        let mut output = Some(output);
        poll_fn(move |cx| {
            let mut gate = gate.borrow_mut();
            if gate.0 {
                return output.take().map_or(Poll::Pending, Poll::Ready);
            }
            gate.1.push(cx.waker().clone());
            Poll::Pending
        })
    }
}
