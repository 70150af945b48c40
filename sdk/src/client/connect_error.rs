//! Why no connection could be made.

use super::address::InvalidAddress;
use super::headers::InvalidHeader;
use super::rpc::RpcError;

/// A client could not be made, or could not reach its server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address cannot be used.
    #[error(transparent)]
    InvalidAddress(#[from] InvalidAddress),
    /// A header, the API key or the namespace cannot be used.
    #[error(transparent)]
    InvalidHeader(#[from] InvalidHeader),
    /// A certificate, a key or the server's name cannot be used.
    #[error("the TLS options cannot be used: {source}")]
    InvalidTls {
        /// What is wrong with them.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// TLS is asked for, and this program was built without it.
    #[error(
        "connecting to {address} needs TLS, which this program was built without: enable the feature `tls` \
         of the crate `durably`"
    )]
    TlsNotBuilt {
        /// The server's address.
        address: String,
    },
    /// Connections live on a tokio runtime, and there is none.
    #[error(
        "a client must be made inside a tokio runtime, such as a function marked `#[tokio::main]`"
    )]
    NoRuntime,
    /// The server could not be reached, or refused the client. The server is asked again for 10 s
    /// before this is reported.
    #[error("cannot connect to {address}: {}", with_sources(source))]
    Server {
        /// The server's address.
        address: String,
        /// What went wrong.
        source: RpcError,
    },
}

/// The error with what it says of its sources: connection problems hide the reason there.
fn with_sources(error: &RpcError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
