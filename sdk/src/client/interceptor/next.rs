//! What follows an interceptor.

use std::fmt;
use std::sync::Arc;

use super::dispatch::BoxFuture;
use super::hooks::AnyClientInterceptor;
use super::{ClientCall, ClientRequest};
use crate::client::{RpcError, ServiceRequest};

type End<'a, Q> =
    dyn Fn(Q) -> BoxFuture<'a, Result<<Q as ServiceRequest>::Response, RpcError>> + Sync + 'a;

/// What follows an interceptor of a client: the next interceptor, or the call to the server.
///
/// It may be run more than once, to try again. Nothing happens twice by that: the ids by which the
/// server knows repeated starts, signals and updates are in the request. An activity that was completed
/// is not found the second time.
///
/// ```
/// use durably::client::RpcError;
/// use durably::interceptor::{ClientCall, ClientInterceptor, ClientNext, ClientRequest};
///
/// struct OnceMore;
///
/// impl ClientInterceptor for OnceMore {
///     async fn every_call<Q: ClientRequest>(
///         &self,
///         call: ClientCall<Q>,
///         next: ClientNext<'_, Q>,
///     ) -> Result<Q::Response, RpcError> {
///         match next.run(call.clone()).await {
///             Err(error) if error.is_retryable() => next.run(call).await,
///             result => result,
///         }
///     }
/// }
/// ```
pub struct ClientNext<'a, Q: ServiceRequest> {
    interceptors: &'a [Arc<dyn AnyClientInterceptor>],
    end: &'a End<'a, Q>,
}

impl<'a, Q: ClientRequest> ClientNext<'a, Q> {
    pub(super) fn new(
        interceptors: &'a [Arc<dyn AnyClientInterceptor>],
        end: &'a End<'a, Q>,
    ) -> Self {
        Self { interceptors, end }
    }

    /// Passes the call on.
    ///
    /// # Errors
    /// An interceptor that follows refused the call, or the call failed, after its retries.
    pub async fn run(self, call: ClientCall<Q>) -> Result<Q::Response, RpcError> {
        match self.interceptors.split_first() {
            Some((first, rest)) => {
                let next = Self::new(rest, self.end);
                Q::dispatch(&**first, call, next).await
            }
            None => (self.end)(call.request).await,
        }
    }
}

impl<Q: ServiceRequest> Clone for ClientNext<'_, Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: ServiceRequest> Copy for ClientNext<'_, Q> {}

impl<Q: ServiceRequest> fmt::Debug for ClientNext<'_, Q> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientNext")
            .field("method", &Q::METHOD)
            .field("interceptors", &self.interceptors.len())
            .finish_non_exhaustive()
    }
}
