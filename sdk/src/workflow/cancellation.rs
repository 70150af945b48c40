//! Cancellation: how a workflow learns of it, limits it, and cleans up after it.

use std::fmt;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use durably_engine::ScopeFuture;

use super::WorkflowContext;
use crate::failure::{CanceledFailure, Failure};

pub use durably_engine::CancelScope;

/// What code gets that waited for something when it was canceled.
pub(crate) fn canceled(message: &str) -> Failure {
    CanceledFailure::new(message).into()
}

impl WorkflowContext {
    /// Whether the current scope is canceled: the workflow was asked to cancel, or a
    /// [`cancel_scope`](Self::cancel_scope) around this code was canceled.
    pub fn is_canceled(&self) -> bool {
        self.engine.is_canceled()
    }

    /// Waits until the current scope is canceled; gives the reason.
    pub fn canceled(&self) -> impl Future<Output = String> + use<> {
        self.engine.canceled()
    }

    /// Runs a future in a cancellation scope of its own. Canceling the scope cancels what the
    /// future has started, and nothing else: what was started before, such as a
    /// [`sleep`](Self::sleep) that is handed over, is not of the scope. Hand over a
    /// [`timer`](Self::timer), or an `async` block.
    ///
    /// # Determinism
    /// Records only the cancel commands of what was open.
    pub fn cancel_scope<F: IntoFuture>(
        &self,
        future: F,
    ) -> Scoped<impl Future<Output = F::Output> + use<F>> {
        Scoped(self.engine.cancel_scope(inside(future)))
    }

    /// Runs a future that no cancellation from outside reaches: for clean-up that must be done
    /// also when the workflow was canceled.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # #[activity(start_to_close_timeout = "10s")]
    /// # async fn refund(payment: u64) -> ActivityResult<()> { Ok(()) }
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// ctx.shield(ctx.activity(refund, 7_u64)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Only what the future starts is shielded. A [`sleep`](Self::sleep) starts when it is made, so
    /// shield a [`timer`](Self::timer), or an `async` block that sleeps.
    pub fn shield<F: IntoFuture>(
        &self,
        future: F,
    ) -> Scoped<impl Future<Output = F::Output> + use<F>> {
        Scoped(self.engine.shield(inside(future)))
    }
}

/// A call becomes a future, and with that a command, when it is first polled: within the scope.
async fn inside<F: IntoFuture>(future: F) -> F::Output {
    future.await
}

/// A future in a cancellation scope of its own.
#[must_use = "a future does nothing unless awaited"]
pub struct Scoped<F>(ScopeFuture<F>);

impl<F> Scoped<F> {
    /// What cancels the scope, from elsewhere in the workflow.
    pub fn scope(&self) -> CancelScope {
        self.0.scope()
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<F> fmt::Debug for Scoped<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Scoped(..)")
    }
}
