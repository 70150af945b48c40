//! Letting a cancellation end a wait that knows of none.

use std::pin::pin;

use super::{WorkflowContext, canceled};
use crate::failure::Failure;

impl WorkflowContext {
    /// Waits for a future until the current scope is canceled, which drops it.
    ///
    /// Activities, timers and conditions learn of a cancellation themselves. Waits without a context do
    /// not: for a lock, a permit, an item of a queue, a spawned task.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # use durably::workflow::Queue;
    /// # async fn example(ctx: &WorkflowContext, orders: &Queue<String>) -> WorkflowResult<()> {
    /// let order = ctx.until_canceled(orders.pop()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure::Canceled`] when the scope is canceled, or was before, and the future is not ready.
    ///
    /// # Determinism
    /// Records nothing.
    pub async fn until_canceled<F: IntoFuture>(&self, future: F) -> Result<F::Output, Failure> {
        let mut canceling = pin!(self.canceled());
        crate::select! {
            output = future => Ok(output),
            _ = canceling.as_mut() => Err(canceled("wait canceled")),
        }
    }
}
