//! Signals without a handler, taken by the code that waits for them.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use durably_engine::SignalInput;

use super::interceptor::HandleSignal;
use super::{WorkflowContext, canceled};
use crate::failure::Failure;
use crate::payload::{FromPayload, parameter};
use crate::session::ID_PREFIX;

impl WorkflowContext {
    /// Receives the signals of a name that no handler takes.
    ///
    /// It suits a workflow that is a function, or one that takes a signal only at a certain point. The
    /// signals that came before count: they are kept, in the order of history, until they are received.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # #[activity(start_to_close_timeout = "10s")]
    /// # async fn print(page: String) -> ActivityResult<()> { Ok(()) }
    /// #[workflow]
    /// async fn printer(ctx: &WorkflowContext, count: u32) -> WorkflowResult<()> {
    ///     let pages = ctx.signal_channel::<String>("page");
    ///     for _ in 0..count {
    ///         let page = pages.recv().await?;
    ///         ctx.activity(print, page).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// A signal has one argument, of type `T`; further ones are left out, and `()` or an `Option` does
    /// without one. A signal whose argument cannot be read is dropped, with an error in the log.
    ///
    /// Where the workflow has a handler of this name, the handler takes the signals. A run that ends or
    /// [continues as new](Self::continue_as_new) takes what was not received with it: receive what is
    /// there with [`try_recv`](SignalChannel::try_recv) before.
    ///
    /// # Determinism
    /// Records nothing: the signals themselves are in the history.
    pub fn signal_channel<T: FromPayload>(&self, name: impl Into<String>) -> SignalChannel<T> {
        SignalChannel {
            context: self.clone(),
            name: name.into(),
            argument: PhantomData,
        }
    }
}

/// Receives the signals of one name; see [`WorkflowContext::signal_channel`]. Two channels of a name
/// share its signals: each goes to one of them.
pub struct SignalChannel<T> {
    context: WorkflowContext,
    name: String,
    argument: PhantomData<fn() -> T>,
}

impl<T: FromPayload> SignalChannel<T> {
    /// Waits for the next signal. Who waits longest is served first; to drop the wait loses nothing.
    ///
    /// # Errors
    /// [`Failure::Canceled`] when the current cancellation scope is canceled and no signal is there.
    pub async fn recv(&self) -> Result<T, Failure> {
        let received = RefCell::new(None);
        loop {
            if let Some(value) = received.take() {
                return Ok(value);
            }
            let wait = self.context.engine.wait_until(|| {
                let next = self.try_recv();
                let is_there = next.is_some();
                received.replace(next);
                is_there
            });
            wait.await.map_err(|_| canceled("wait canceled"))?;
        }
    }

    /// The next signal, if one has come.
    pub fn try_recv(&self) -> Option<T> {
        let engine = &self.context.engine;
        while let Some(signal) = engine.take_signal(&self.name) {
            let signal = intercepted(&self.context, signal);
            match parameter(&signal.arguments, 0, 1) {
                Ok(value) => return Some(value),
                // A sender's mistake must not stop the workflow (protocol 4.13).
                Err(error) if !engine.is_replaying() => tracing::error!(
                    workflow_type = engine.info().workflow_type(),
                    signal = signal.name,
                    sender = signal.identity,
                    %error,
                    "signal dropped: its arguments cannot be read"
                ),
                Err(_) => {}
            }
        }
        None
    }
}

/// The signal as the run's interceptors leave it, if there are any.
fn intercepted(context: &WorkflowContext, signal: SignalInput) -> SignalInput {
    let Some(interceptors) = context.interceptors() else {
        return signal;
    };
    // Between a session's worker and the workflow.
    if signal.name.starts_with(ID_PREFIX) {
        return signal;
    }
    let mut signal = HandleSignal::from(signal);
    for interceptor in interceptors.each() {
        interceptor.receive_signal(context, &mut signal);
    }
    signal.into()
}

impl<T> Clone for SignalChannel<T> {
    fn clone(&self) -> Self {
        Self {
            context: self.context.clone(),
            name: self.name.clone(),
            argument: PhantomData,
        }
    }
}

impl<T> fmt::Debug for SignalChannel<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignalChannel")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
