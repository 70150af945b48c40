//! How calls reach the server: over a connection, or directly into a service of this process.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::transport::Channel;
use tonic::transport::channel::ResponseFuture;

type HttpRequest = http::Request<Body>;
type HttpResponse = http::Response<Body>;
type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A gRPC server in this process: no connection, no HTTP/2, only the messages.
#[derive(Clone)]
pub(super) struct InProcess {
    call: Arc<dyn Fn(HttpRequest) -> BoxFuture<HttpResponse> + Send + Sync>,
}

impl InProcess {
    pub(super) fn new<S>(service: S) -> Self
    where
        S: Service<HttpRequest, Response = HttpResponse, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        let call = move |request| -> BoxFuture<HttpResponse> {
            let mut service = service.clone();
            Box::pin(async move {
                let ready = std::future::poll_fn(|context| service.poll_ready(context)).await;
                match ready {
                    Ok(()) => match service.call(request).await {
                        Ok(response) => response,
                        Err(never) => match never {},
                    },
                    Err(never) => match never {},
                }
            })
        };
        Self {
            call: Arc::new(call),
        }
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InProcess").finish_non_exhaustive()
    }
}

/// Where calls go.
#[derive(Debug, Clone)]
pub(super) enum Transport {
    Channel(Channel),
    InProcess(InProcess),
}

impl Transport {
    /// Whether a call ends by itself when its deadline has passed; a channel sees to it.
    pub(super) fn keeps_deadlines(&self) -> bool {
        matches!(self, Self::Channel(_))
    }
}

impl Service<HttpRequest> for Transport {
    type Response = HttpResponse;
    type Error = tonic::transport::Error;
    type Future = Answering;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self {
            Self::Channel(channel) => channel.poll_ready(context),
            Self::InProcess(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, request: HttpRequest) -> Answering {
        match self {
            Self::Channel(channel) => Answering::Channel(channel.call(request)),
            Self::InProcess(service) => Answering::InProcess((service.call)(request)),
        }
    }
}

/// A call on its way.
pub(super) enum Answering {
    Channel(ResponseFuture),
    InProcess(BoxFuture<HttpResponse>),
}

impl Future for Answering {
    type Output = Result<HttpResponse, tonic::transport::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Channel(answer) => Pin::new(answer).poll(context),
            Self::InProcess(answer) => answer.as_mut().poll(context).map(Ok),
        }
    }
}
