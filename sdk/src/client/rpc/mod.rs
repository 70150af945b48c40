//! Calls to the server: one typed function for all methods, with deadline, headers and retries.
//!
//! A call costs what tonic costs, plus an `Arc` around the request (attempts share it, so that
//! nothing is copied for a retry that does not happen) and a copy of the few headers.

mod call;
mod codec;
mod detail;
mod error;
mod retry;
mod retry_log;
mod service;

use std::sync::Arc;

use tokio::time::Instant;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataMap;
use tonic::{Extensions, Request, Status};

pub(crate) use call::Call;
pub use detail::RpcErrorDetail;
pub use error::RpcError;
pub use service::ServiceRequest;

use self::codec::SharedCodec;
use self::retry::Retries;
use self::retry_log::RetryLog;
use super::headers::Headers;
use super::transport::Transport;
use crate::payload::codec::Edge;

/// The largest message that is accepted from the server. A page of history can be far larger than
/// tonic's default of 4 MiB.
const MAX_INBOUND_BYTES: usize = 128 * 1024 * 1024;

/// A channel to the server, for the tokio runtime it was opened on. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Rpc {
    grpc: Grpc<Transport>,
    /// Calls end by themselves at their deadlines.
    keeps_deadlines: bool,
    headers: Arc<Headers>,
    edge: Edge,
}

impl Rpc {
    pub(super) fn new(transport: Transport, headers: Arc<Headers>, edge: Edge) -> Self {
        let keeps_deadlines = transport.keeps_deadlines();
        let grpc = Grpc::new(transport).max_decoding_message_size(MAX_INBOUND_BYTES);
        Self {
            grpc,
            keeps_deadlines,
            headers,
            edge,
        }
    }

    /// The same channel with the headers and the codec of another client.
    pub(super) fn with_headers(&self, headers: Arc<Headers>, edge: Edge) -> Self {
        Self {
            grpc: self.grpc.clone(),
            keeps_deadlines: self.keeps_deadlines,
            headers,
            edge,
        }
    }

    /// What is done with the payloads of requests and responses.
    pub(crate) fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Makes a call: encodes the request's payloads, sends it, and sends it again as `call` says while
    /// it fails in a way that may pass; decodes those of the response.
    ///
    /// Not `async`, and neither are the others: a future would keep the place of a request that has
    /// left it, at each level of a call.
    ///
    /// # Errors
    /// The last attempt's error, or that of the payload codec.
    pub(crate) fn call<Q: ServiceRequest>(
        &self,
        request: Q,
        call: Call,
    ) -> impl Future<Output = Result<Q::Response, RpcError>> + Send {
        let sent = self.call_undecoded(request, call);
        async move {
            let mut response = sent.await?;
            let decoded = self.edge.decode(&mut response).await;
            decoded.map_err(|error| RpcError::of_codec(Q::METHOD, error))?;
            Ok(response)
        }
    }

    /// Makes a call whose response is left as it comes: tasks are decoded where they can be answered
    /// if that fails.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub(crate) fn call_undecoded<Q: ServiceRequest>(
        &self,
        request: Q,
        call: Call,
    ) -> impl Future<Output = Result<Q::Response, RpcError>> + Send {
        let mut request = Arc::new(request);
        async move {
            let own = Arc::get_mut(&mut request);
            let own = own.expect("it was made just now, and nobody else has it");
            let encoded = self.edge.encode(own).await;
            encoded.map_err(|error| RpcError::of_codec(Q::METHOD, error))?;
            self.send(request, call).await
        }
    }

    /// Makes a call whose payloads are encoded already, or are not to be, and whose response is left
    /// as it comes.
    ///
    /// # Errors
    /// The last attempt's error.
    pub(crate) fn call_as_it_is<Q: ServiceRequest>(
        &self,
        request: Q,
        call: Call,
    ) -> impl Future<Output = Result<Q::Response, RpcError>> + Send {
        self.send(Arc::new(request), call)
    }

    /// Makes a call with a request that its attempts share.
    async fn send<Q: ServiceRequest>(
        &self,
        request: Arc<Q>,
        call: Call,
    ) -> Result<Q::Response, RpcError> {
        let started = Instant::now();
        let mut status = match self.attempt(&request, call).await {
            Ok(response) => return Ok(response),
            Err(status) => status,
        };
        let Some(backoff) = call.backoff else {
            return Err(RpcError::new(Q::METHOD, &status, 1));
        };
        let mut retries = Retries::new(backoff, started);
        let mut log = RetryLog::new(Q::METHOD);
        while let Some(wait) = retries.next(&status) {
            log.retry(&status, retries.failed_attempts());
            tokio::time::sleep(wait).await;
            status = match self.attempt(&request, call).await {
                Ok(response) => return Ok(response),
                Err(status) => status,
            };
        }
        Err(RpcError::new(Q::METHOD, &status, retries.failed_attempts()))
    }

    async fn attempt<Q: ServiceRequest>(
        &self,
        request: &Arc<Q>,
        call: Call,
    ) -> Result<Q::Response, Status> {
        let mut grpc = self.grpc.clone();
        grpc.ready().await.map_err(|error| {
            let mut status = Status::unavailable("the connection is closed");
            status.set_source(Arc::new(error));
            status
        })?;
        let request = self.with_metadata(request.clone(), call);
        let path = PathAndQuery::from_static(Q::PATH);
        let answer = grpc.unary(request, path, SharedCodec::new());
        let response = if self.keeps_deadlines {
            answer.await?
        } else {
            let in_time = tokio::time::timeout(call.deadline, answer).await;
            in_time.map_err(|_| Status::cancelled("Timeout expired"))??
        };
        Ok(response.into_inner())
    }

    fn with_metadata<Q>(&self, message: Q, call: Call) -> Request<Q> {
        let metadata: MetadataMap = self.headers.current();
        let mut request = Request::from_parts(metadata, Extensions::new(), message);
        request.set_timeout(call.deadline);
        request
    }
}
