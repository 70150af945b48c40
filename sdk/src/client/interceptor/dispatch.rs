//! Interceptors whose types are forgotten, and the way of a call through them.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::headers::Carrier;
use super::hooks::AnyClientInterceptor;
use super::{ClientCall, ClientInterceptor, ClientNext, ClientRequest};
use crate::client::rpc::Call;
use crate::client::{Client, RpcError, ServiceRequest};

/// A future whose type is forgotten.
pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// From a request to its hook. Seals [`ClientRequest`].
pub trait Dispatch: ServiceRequest {
    /// Calls the request's hook.
    fn dispatch<'a>(
        interceptor: &'a dyn AnyClientInterceptor,
        call: ClientCall<Self>,
        next: ClientNext<'a, Self>,
    ) -> BoxFuture<'a, Result<Self::Response, RpcError>>;

    /// The headers of requests that have any.
    fn carrier(&mut self) -> Option<&mut dyn Carrier>;
}

/// The interceptors of a client, outermost first.
#[derive(Clone, Default)]
pub(in crate::client) struct Interceptors(Vec<Arc<dyn AnyClientInterceptor>>);

impl Interceptors {
    pub(in crate::client) fn add(&mut self, interceptor: impl ClientInterceptor) {
        self.0.push(Arc::new(interceptor));
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Client {
    /// Makes the call of an operation: through the interceptors, if there are any.
    pub(in crate::client) async fn intercepted<Q: ClientRequest>(
        &self,
        request: Q,
        call: Call,
    ) -> Result<Q::Response, RpcError> {
        if self.interceptors().is_empty() {
            return self.rpc().call(request, call).await;
        }
        let end = |request| self.rpc().call(request, call);
        Box::pin(self.run_chain(request, end)).await
    }

    /// As [`intercepted`](Self::intercepted), of a call that is made in a way of its own.
    pub(in crate::client) async fn intercepted_by<Q, F>(
        &self,
        request: Q,
        end: impl Fn(Q) -> F + Sync,
    ) -> Result<Q::Response, RpcError>
    where
        Q: ClientRequest,
        F: Future<Output = Result<Q::Response, RpcError>> + Send,
    {
        if self.interceptors().is_empty() {
            return end(request).await;
        }
        Box::pin(self.run_chain(request, end)).await
    }

    async fn run_chain<Q, F>(
        &self,
        request: Q,
        end: impl Fn(Q) -> F + Sync,
    ) -> Result<Q::Response, RpcError>
    where
        Q: ClientRequest,
        F: Future<Output = Result<Q::Response, RpcError>> + Send,
    {
        let end = |request| Box::pin(end(request)) as BoxFuture<'_, _>;
        let chain = ClientNext::new(&self.interceptors().0, &end);
        chain.run(ClientCall::new(request)).await
    }
}

impl fmt::Debug for Interceptors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.len())
    }
}
