//! Operations that have started, as the test holds them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use durably::failure::ApplicationFailure;
use durably::payload::{FromPayload, PayloadError, ToPayload, result_payload};

use super::completer::{Completer, Ending};
use super::operation::Started;

/// An operation that a [`NexusMock`](super::NexusMock) has started, and that the test ends.
///
/// Clones are the same operation.
pub struct StartedOperation<I, O> {
    started: Arc<Started>,
    completer: Completer,
    types: PhantomData<fn(O) -> I>,
}

/// An operation could not be ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndOperationError {
    /// The result cannot be written.
    #[error("the result of operation \"{token}\" cannot be written: {source}")]
    Result {
        /// What the mock calls the operation.
        token: String,
        /// Why not.
        source: PayloadError,
    },
    /// The server does not take the end: the operation has ended already, or its workflow has.
    #[error("the server does not take the end of operation \"{token}\": {reason}")]
    Refused {
        /// What the mock calls the operation.
        token: String,
        /// What the server says.
        reason: String,
    },
}

impl<I, O> StartedOperation<I, O> {
    pub(super) fn new(started: Arc<Started>, completer: Completer) -> Self {
        Self {
            started,
            completer,
            types: PhantomData,
        }
    }

    /// What the mock calls the operation: its name and a number, such as `place-1`.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.started.token
    }

    /// What the operation was called with.
    ///
    /// # Errors
    /// It is no `I`.
    pub fn input(&self) -> Result<I, PayloadError>
    where
        I: FromPayload,
    {
        I::from_payload(&self.started.input)
    }

    /// Ends the operation with a result.
    ///
    /// On a server of another process the result takes a way through a workflow that ends at once, and
    /// whether the operation was still there to be ended is not told.
    ///
    /// # Errors
    /// The operation has ended already, or its workflow has.
    pub async fn complete(&self, result: O) -> Result<(), EndOperationError>
    where
        O: ToPayload + 'static,
    {
        let token = || self.started.token.clone();
        let result = result_payload(&result);
        let result = result.map_err(|source| EndOperationError::Result {
            token: token(),
            source,
        })?;
        self.end(Ending::Completed(result)).await
    }

    /// Ends the operation with a failure.
    ///
    /// # Errors
    /// As for [`complete`](Self::complete).
    pub async fn fail(&self, failure: ApplicationFailure) -> Result<(), EndOperationError> {
        self.end(Ending::Failed(Box::new(failure.into()))).await
    }

    /// Ends the operation as canceled, whether or not the workflow asked for it. The message does not reach
    /// the workflow on a server of another process.
    ///
    /// # Errors
    /// As for [`complete`](Self::complete).
    pub async fn cancel(&self, message: impl Into<String>) -> Result<(), EndOperationError> {
        self.end(Ending::Canceled(message.into())).await
    }

    /// Whether the workflow has asked to cancel it.
    #[must_use]
    pub fn is_cancel_requested(&self) -> bool {
        *self.started.is_cancel_requested.borrow()
    }

    /// Waits until the workflow asks to cancel it. Time is not skipped for that.
    pub async fn cancel_requested(&self) {
        let mut asked = self.started.is_cancel_requested.subscribe();
        // The operation keeps the sender.
        let _there = asked.wait_for(|asked| *asked).await;
    }

    async fn end(&self, ending: Ending) -> Result<(), EndOperationError> {
        let ended = self.started.end(&self.completer, ending).await;
        ended.map_err(|reason| EndOperationError::Refused {
            token: self.started.token.clone(),
            reason,
        })
    }
}

impl<I, O> Clone for StartedOperation<I, O> {
    fn clone(&self) -> Self {
        Self::new(self.started.clone(), self.completer.clone())
    }
}

impl<I, O> fmt::Debug for StartedOperation<I, O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StartedOperation")
            .field("token", &self.started.token)
            .finish_non_exhaustive()
    }
}
