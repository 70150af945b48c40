//! A call that was made: of the engine, or through interceptors.

use std::cell::RefCell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::Intercepted;

/// An operation of the engine that its handle and the future within the interceptors' share: canceled by
/// the one, polled by the other. None when it could not be made, or was let go.
pub(in crate::workflow) struct SharedOperation<O>(Rc<RefCell<Option<O>>>);

impl<O> SharedOperation<O> {
    pub(in crate::workflow) fn new(operation: Option<O>) -> Self {
        Self(Rc::new(RefCell::new(operation)))
    }

    /// Puts one in place of another, which is dropped.
    pub(in crate::workflow) fn set(&self, operation: Option<O>) {
        drop(self.0.replace(operation));
    }

    pub(in crate::workflow) fn take(&self) -> Option<O> {
        self.0.take()
    }

    /// Asks the operation, if there is one.
    pub(in crate::workflow) fn with<T>(&self, ask: impl FnOnce(&mut O) -> T) -> Option<T> {
        self.0.borrow_mut().as_mut().map(ask)
    }
}

impl<O: Future + Unpin> SharedOperation<O> {
    pub(in crate::workflow) fn poll(&self, cx: &mut Context<'_>) -> Poll<O::Output> {
        let polled = self.with(|operation| Pin::new(operation).poll(cx));
        polled.unwrap_or(Poll::Pending)
    }

    /// Waits for the end of the operation that is there by then.
    pub(in crate::workflow) async fn ended(self) -> O::Output {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }
}

impl<O> Clone for SharedOperation<O> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A call that was made, and ends with a `T`.
pub(in crate::workflow) enum Made<O, T> {
    /// None when it could not be made: the workflow task fails then.
    Plain(Option<O>),
    /// Through interceptors.
    Intercepted(Box<(SharedOperation<O>, Intercepted<T>)>),
}

impl<O, T> Made<O, T> {
    pub(in crate::workflow) fn intercepted(
        operation: SharedOperation<O>,
        end: Intercepted<T>,
    ) -> Self {
        Self::Intercepted(Box::new((operation, end)))
    }

    /// Asks the operation, if there is one.
    pub(in crate::workflow) fn with(&self, ask: impl FnOnce(&O)) {
        match self {
            Self::Plain(operation) => {
                operation.as_ref().map(ask);
            }
            Self::Intercepted(made) => {
                made.0.with(|operation| ask(operation));
            }
        }
    }

    /// Takes the operation out. Interceptors learn nothing more of it.
    pub(in crate::workflow) fn take(&mut self) -> Option<O> {
        match std::mem::replace(self, Self::Plain(None)) {
            Self::Plain(operation) => operation,
            Self::Intercepted(made) => made.0.take(),
        }
    }
}

impl<O, T> Made<O, T>
where
    O: Future + Unpin,
    T: Unpin + 'static,
{
    /// The end: that of the operation as `convert` says (pending if it has none, being polled again),
    /// or what interceptors make of it.
    pub(in crate::workflow) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        convert: impl FnOnce(O::Output) -> Poll<T>,
    ) -> Poll<T> {
        match self {
            Self::Plain(Some(operation)) => match Pin::new(operation).poll(cx) {
                Poll::Ready(end) => convert(end),
                Poll::Pending => Poll::Pending,
            },
            Self::Plain(None) => Poll::Pending,
            Self::Intercepted(made) => Pin::new(&mut made.1).poll(cx),
        }
    }
}

impl<O: fmt::Debug, T> fmt::Debug for Made<O, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(operation) => operation.fmt(formatter),
            Self::Intercepted(made) => made.1.fmt(formatter),
        }
    }
}
