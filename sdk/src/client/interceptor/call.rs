//! A call on its way through the interceptors.

use super::{ClientRequest, HasHeaders};
use crate::client::{RpcCode, RpcError};
use crate::payload::{Argument, HeaderKey, Headers};

/// A call of a client on its way to the server, which interceptors may change.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ClientCall<Q> {
    /// What is sent. Its payloads have not been through the payload codec yet.
    pub request: Q,
}

impl<Q: ClientRequest> ClientCall<Q> {
    /// A call of its own, for tests of what an interceptor makes of it.
    pub fn new(request: Q) -> Self {
        Self { request }
    }

    /// The method that is called, such as `StartWorkflowExecution`.
    pub fn method(&self) -> &'static str {
        Q::METHOD
    }

    /// Adds headers if the request brings any along ([`HasHeaders`]), in place of those that it has
    /// by the same names. Whether it does; for [`every_call`](super::ClientInterceptor::every_call).
    ///
    /// ```
    /// use durably::client::RpcError;
    /// use durably::interceptor::{ClientCall, ClientInterceptor, ClientNext, ClientRequest};
    /// use durably::payload::Headers;
    ///
    /// /// Sends headers with everything that can have some.
    /// struct Tenant(Headers);
    ///
    /// impl ClientInterceptor for Tenant {
    ///     async fn every_call<Q: ClientRequest>(
    ///         &self,
    ///         mut call: ClientCall<Q>,
    ///         next: ClientNext<'_, Q>,
    ///     ) -> Result<Q::Response, RpcError> {
    ///         call.add_headers(&self.0);
    ///         next.run(call).await
    ///     }
    /// }
    /// ```
    pub fn add_headers(&mut self, headers: &Headers) -> bool {
        match self.request.carrier() {
            Some(carrier) => {
                carrier.change_headers(&|own| own.overlaid(headers));
                true
            }
            None => false,
        }
    }

    /// The error of an interceptor that refuses the call; see [`RpcError::refused`].
    ///
    /// ```
    /// use durably::client::{RpcCode, RpcError};
    /// use durably::interceptor::messages::{
    ///     TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse,
    /// };
    /// use durably::interceptor::{ClientCall, ClientInterceptor, ClientNext};
    ///
    /// struct NoTermination;
    ///
    /// impl ClientInterceptor for NoTermination {
    ///     async fn terminate_workflow(
    ///         &self,
    ///         call: ClientCall<TerminateWorkflowExecutionRequest>,
    ///         _: ClientNext<'_, TerminateWorkflowExecutionRequest>,
    ///     ) -> Result<TerminateWorkflowExecutionResponse, RpcError> {
    ///         Err(call.refused(RpcCode::PermissionDenied, "payments are canceled, not terminated"))
    ///     }
    /// }
    /// ```
    pub fn refused(&self, code: RpcCode, message: impl Into<String>) -> RpcError {
        RpcError::refused(Q::METHOD, code, message)
    }
}

impl<Q: HasHeaders> ClientCall<Q> {
    /// The headers that go along with the request: those of the client, and those that its caller has
    /// added. Of an update with a start, the start's.
    pub fn headers(&self) -> Headers {
        self.request.headers()
    }

    /// Replaces the headers. Of an update with a start, those of both.
    pub fn set_headers(&mut self, headers: Headers) {
        self.request.change_headers(&|_| headers.clone());
    }

    /// Sets a header, in place of an earlier value. Of an update with a start, of both.
    ///
    /// # Errors
    /// The value cannot be encoded. The error, which names the header, is one that the hook may return
    /// as it is: the call fails with [`RpcCode::InvalidArgument`] and is not made.
    pub fn set_header<T>(
        &mut self,
        key: &HeaderKey<T>,
        value: impl Argument<T>,
    ) -> Result<(), RpcError> {
        let header = Headers::new().set(key, value).map_err(|error| {
            let message = format!("cannot encode a header: {error}");
            self.refused(RpcCode::InvalidArgument, message)
                .with_source(error)
        })?;
        self.add_headers(&header);
        Ok(())
    }
}
