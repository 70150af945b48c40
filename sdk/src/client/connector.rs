//! Connections that are not TCP, such as a stream inside the process.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::codegen::Service;
use tonic::transport::Uri;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A byte stream to the server.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A byte stream as hyper wants it.
type Opened = TokioIo<Box<dyn Stream>>;

/// Opens a connection whenever a channel needs one. Channels live on several runtimes, and reconnect.
#[derive(Clone)]
pub(super) struct Connector {
    open: Arc<dyn Fn() -> BoxFuture<io::Result<Opened>> + Send + Sync>,
}

impl Connector {
    pub(super) fn new<F, T>(open: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<T>> + Send + 'static,
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let open = move || -> BoxFuture<_> {
            let opening = open();
            Box::pin(async move {
                let stream: Box<dyn Stream> = Box::new(opening.await?);
                Ok(TokioIo::new(stream))
            })
        };
        Self {
            open: Arc::new(open),
        }
    }
}

impl Service<Uri> for Connector {
    type Response = Opened;
    type Error = io::Error;
    type Future = BoxFuture<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        (self.open)()
    }
}
