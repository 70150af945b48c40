//! What passing an operation on gives: something that is under way, and may be wrapped.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// An operation that was passed on: it is under way, or done.
///
/// An interceptor gives it back as it is, or lets more happen when it ends: [`then`](Self::then),
/// [`around`](Self::around).
#[must_use = "an operation that is dropped is canceled"]
pub struct Intercepted<T> {
    pub(in crate::workflow) state: InterceptedState<T>,
}

pub(in crate::workflow) enum InterceptedState<T> {
    Done(T),
    Running(LocalFuture<T>),
}

impl<T: 'static> Intercepted<T> {
    /// An operation that is done, with this result: in place of one that is not passed on.
    pub fn done(result: T) -> Self {
        Self {
            state: InterceptedState::Done(result),
        }
    }

    /// An operation that ends when a future does: in place of one that is not passed on, or of
    /// several.
    pub fn running(future: impl Future<Output = T> + 'static) -> Self {
        Self {
            state: InterceptedState::Running(Box::pin(future)),
        }
    }

    pub(in crate::workflow) fn boxed(future: LocalFuture<T>) -> Self {
        Self {
            state: InterceptedState::Running(future),
        }
    }

    /// Sees the result, and may change it.
    ///
    /// What is done at once stays done at once.
    pub fn then(self, then: impl FnOnce(T) -> T + 'static) -> Self {
        match self.state {
            InterceptedState::Done(result) => Self::done(then(result)),
            InterceptedState::Running(future) => Self::running(async move { then(future.await) }),
        }
    }

    /// Puts a future around it, which is given the operation to await.
    ///
    /// To drop the operation cancels it. The future runs within the workflow's code: it may wait for
    /// timers and call activities, on every replay the same.
    pub fn around<F, R>(self, wrap: F) -> Self
    where
        F: FnOnce(Self) -> R,
        R: Future<Output = T> + 'static,
    {
        Self::running(wrap(self))
    }
}

impl<T: Unpin + 'static> Future for Intercepted<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let over = InterceptedState::Running(Box::pin(std::future::pending()));
        match &mut self.state {
            InterceptedState::Running(future) => future.as_mut().poll(cx),
            InterceptedState::Done(_) => match std::mem::replace(&mut self.state, over) {
                InterceptedState::Done(result) => Poll::Ready(result),
                InterceptedState::Running(_) => Poll::Pending,
            },
        }
    }
}

/// An operation that was passed on and ends twice: a child workflow or a Nexus operation, which starts,
/// and later has a result. Both may be wrapped:
///
/// ```
/// # use durably::interceptor::{InterceptedStart, StartChildWorkflow, WorkflowInterceptor, WorkflowNext};
/// # use durably::prelude::*;
/// struct Count;
///
/// impl WorkflowInterceptor for Count {
///     fn start_child_workflow(
///         &self,
///         ctx: &WorkflowContext,
///         call: StartChildWorkflow,
///         next: WorkflowNext<StartChildWorkflow>,
///     ) -> InterceptedStart<String> {
///         let ctx = ctx.clone();
///         let mut child = next.run(call);
///         child.result = child.result.then(move |result| {
///             if !ctx.is_replaying() {
///                 println!("a child has ended: {}", result.is_ok());
///             }
///             result
///         });
///         child
///     }
/// }
/// ```
#[must_use = "an operation that is dropped is canceled"]
pub struct InterceptedStart<S> {
    /// The start: a child's run id, the token of a Nexus operation.
    pub started: Intercepted<Result<S, crate::failure::Failure>>,
    /// The end.
    pub result: Intercepted<super::CallResult>,
}

impl<T> fmt::Debug for Intercepted<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.state {
            InterceptedState::Done(_) => "Intercepted::Done(..)",
            InterceptedState::Running(_) => "Intercepted::Running(..)",
        })
    }
}

impl<S> fmt::Debug for InterceptedStart<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("InterceptedStart(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn now<T: Unpin + 'static>(mut intercepted: Intercepted<T>) -> Poll<T> {
        let mut context = Context::from_waker(Waker::noop());
        Pin::new(&mut intercepted).poll(&mut context)
    }

    #[test]
    fn what_is_done_stays_done_until_it_is_wrapped() {
        let doubled = Intercepted::done(3).then(|number| number * 2);
        assert!(matches!(doubled.state, InterceptedState::Done(6)));
        let wrapped = doubled.around(|inner| async move { inner.await + 1 });
        assert!(matches!(wrapped.state, InterceptedState::Running(_)));
        assert_eq!(now(wrapped.then(|number| number * 10)), Poll::Ready(70));
    }

    #[test]
    fn what_is_over_is_never_ready_again() {
        let mut done = Intercepted::done(1);
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(Pin::new(&mut done).poll(&mut context), Poll::Ready(1));
        assert_eq!(Pin::new(&mut done).poll(&mut context), Poll::Pending);
    }
}
