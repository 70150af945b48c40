//! Where the server is, and how to connect to it.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tonic::body::Body;
use tonic::codegen::{Service, http};

use super::TlsOptions;
use super::connector::Connector;
use super::interceptor::{ClientInterceptor, Interceptors};
use super::transport::InProcess;
use crate::payload::codec::{Edge, PayloadCodec};

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often an idle connection is checked, and how long the answer may take.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(15));

/// How a [`Client`](super::Client) connects.
///
/// ```no_run
/// use durably::client::{Client, ConnectOptions};
///
/// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
/// // The `TEMPORAL_*` environment variables and profiles in `temporal.toml`:
/// let client = Client::connect(ConnectOptions::from_env()?).await?;
///
/// // Or in code:
/// let options = ConnectOptions::new("orders.a1b2c.tmprl.cloud:7233")
///     .namespace("orders.a1b2c")
///     .api_key("secret");
/// let client = Client::connect(options).await?;
/// # Ok(())
/// # }
/// ```
///
/// What cannot be used is reported when connecting.
#[derive(Clone)]
pub struct ConnectOptions {
    pub(super) address: String,
    pub(super) namespace: String,
    pub(super) identity: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) tls: TlsChoice,
    pub(super) headers: Vec<(String, HeaderValue)>,
    pub(super) connect_timeout: Duration,
    pub(super) keep_alive: Option<(Duration, Duration)>,
    pub(super) connector: Option<Connector>,
    pub(super) service: Option<InProcess>,
    pub(super) edge: Edge,
    pub(super) interceptors: Interceptors,
}

/// Whether the connection is encrypted.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TlsChoice {
    /// As the address's scheme says; without one, if there is an API key.
    Default,
    Off,
    On(TlsOptions),
}

/// A header's value as the user gave it.
#[derive(Clone, PartialEq)]
pub(super) enum HeaderValue {
    Text(String),
    Binary(Vec<u8>),
}

impl ConnectOptions {
    /// Options for a server at `host:port`, for the namespace `default`, without TLS.
    ///
    /// A scheme may say whether to use TLS: `http://host:port` or `https://host:port`.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            namespace: "default".to_owned(),
            identity: None,
            api_key: None,
            tls: TlsChoice::Default,
            headers: Vec::new(),
            connect_timeout: CONNECT_TIMEOUT,
            keep_alive: Some(KEEP_ALIVE),
            connector: None,
            service: None,
            edge: Edge::default(),
            interceptors: Interceptors::default(),
        }
    }

    /// Sets the namespace. [`Client::with_namespace`](super::Client::with_namespace) uses a further
    /// one over the same connection.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Sets what this process calls itself in histories; `pid@host` otherwise.
    #[must_use]
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        self.identity = Some(identity.into());
        self
    }

    /// Sets the API key, and uses TLS unless [`no_tls`](Self::no_tls) or the address's scheme says
    /// otherwise. It can be changed while the client runs: see
    /// [`Client::set_api_key`](super::Client::set_api_key).
    ///
    /// A header `authorization` that is set explicitly is sent instead.
    #[must_use]
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// Uses TLS.
    #[must_use]
    pub fn tls(mut self, tls: TlsOptions) -> Self {
        self.tls = TlsChoice::On(tls);
        self
    }

    /// Uses no TLS, also if there is an API key.
    #[must_use]
    pub fn no_tls(mut self) -> Self {
        self.tls = TlsChoice::Off;
        self
    }

    /// Sends a header with every call.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers
            .push((name.into(), HeaderValue::Text(value.into())));
        self
    }

    /// Sends a binary header with every call. Its name ends in `-bin`.
    #[must_use]
    pub fn binary_header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers
            .push((name.into(), HeaderValue::Binary(value.into())));
        self
    }

    /// Sets how long opening a connection may take; 10 s otherwise.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how often an idle connection is checked and how long the answer may take; 30 s and 15 s
    /// otherwise. A connection that does not answer is opened anew.
    #[must_use]
    pub fn keep_alive(mut self, interval: Duration, timeout: Duration) -> Self {
        self.keep_alive = Some((interval, timeout));
        self
    }

    /// Does not check idle connections.
    #[must_use]
    pub fn no_keep_alive(mut self) -> Self {
        self.keep_alive = None;
        self
    }

    /// Encodes payloads on their way to the server, and decodes them on their way back: in all calls of
    /// the client, and in the workers made from it.
    ///
    /// All clients and workers of a workflow need it, and replays of its histories
    /// ([`Replayer::payload_codec`](crate::replay::Replayer::payload_codec)).
    #[must_use]
    pub fn payload_codec(mut self, codec: impl PayloadCodec) -> Self {
        self.edge.set_codec(codec);
        self
    }

    /// Has the payload codec encode [headers](crate::client::Client::with_headers) too. Without it they
    /// are sent as they are, as proxies and context propagators of other SDKs expect them.
    #[must_use]
    pub fn encode_headers(mut self) -> Self {
        self.edge.encode_headers();
        self
    }

    /// Sends messages and stack traces of failures as payloads (`encoded_attributes`), so that the payload
    /// codec encodes them too. Who has no codec sees "Encoded failure". Every SDK reads such failures,
    /// with or without this option.
    #[must_use]
    pub fn encode_failures(mut self) -> Self {
        self.edge.encode_failures();
        self
    }

    /// Runs an interceptor around every operation of the client, of its handles, and of the clients
    /// derived from it. May be called several times: the first interceptor is the outermost. See
    /// [`ClientInterceptor`].
    ///
    /// The workers made from the client do not use it; theirs are
    /// [`WorkerBuilder::activity_interceptor`](crate::worker::WorkerBuilder::activity_interceptor).
    #[must_use]
    pub fn interceptor(mut self, interceptor: impl ClientInterceptor) -> Self {
        self.interceptors.add(interceptor);
        self
    }

    /// Connects by calling `open` instead of over TCP. The address then only names the server.
    ///
    /// It is called for every connection: workers open several, and a broken one is opened anew.
    ///
    /// ```
    /// use durably::client::ConnectOptions;
    ///
    /// let options = ConnectOptions::new("embedded:7233").connector(|| async {
    ///     let (client, server) = tokio::io::duplex(64 * 1024);
    ///     // ... hand `server` to the server ...
    ///     # drop(server);
    ///     Ok(client)
    /// });
    /// ```
    #[must_use]
    pub fn connector<F, T>(mut self, open: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<T>> + Send + 'static,
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.connector = Some(Connector::new(open));
        self
    }

    /// Calls `service`, a gRPC server in this process, instead of going over a connection. The address
    /// then only names it.
    ///
    /// Messages are encoded and decoded as ever; there is no HTTP/2 between, and TLS options and keep
    /// alive mean nothing. A test server hands its service out for this.
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use durably::client::ConnectOptions;
    /// use tonic::body::Body;
    /// use tonic::codegen::{Service, http};
    ///
    /// fn embedded<S>(server: S) -> ConnectOptions
    /// where
    ///     S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
    ///         + Clone + Send + Sync + 'static,
    ///     S::Future: Send,
    /// {
    ///     ConnectOptions::new("embedded").service(server)
    /// }
    /// ```
    #[must_use]
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.service = Some(InProcess::new(service));
        self
    }
}

/// A server on this machine, as the development server and `docker compose` set it up.
impl Default for ConnectOptions {
    fn default() -> Self {
        Self::new("localhost:7233")
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Header values and the API key are secrets.
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("ConnectOptions")
            .field("address", &self.address)
            .field("namespace", &self.namespace)
            .field("identity", &self.identity)
            .field("api_key", &self.api_key.as_ref().map(|_| "..."))
            .field("tls", &self.tls)
            .field("headers", &headers)
            .field("connect_timeout", &self.connect_timeout)
            .field("keep_alive", &self.keep_alive)
            .field("connector", &self.connector.is_some())
            .field("service", &self.service.is_some())
            .field("payload_codec", &self.edge)
            .field("interceptors", &self.interceptors)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let options = ConnectOptions::new("host:1")
            .api_key("secret-key")
            .header("password", "secret-header")
            .tls(TlsOptions::new().client_certificate("certificate", "secret-pem"));
        let text = format!("{options:?}");
        assert!(!text.contains("secret"), "{text}");
        assert!(text.contains("password"));
    }
}
