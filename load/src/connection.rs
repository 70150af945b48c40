//! A connection to the server with the headers that every call carries (protocol 1.1).

use std::time::Duration;

use durably_protos::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Extensions, Request};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ORDINARY_DEADLINE: Duration = Duration::from_secs(30);
const LONG_POLL_DEADLINE: Duration = Duration::from_secs(70);
/// A page of history can be far larger than tonic's limit of 4 MiB.
const MAX_INBOUND_BYTES: usize = 128 * 1024 * 1024;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The namespace cannot be sent as a header.
    #[error("{namespace:?} is no namespace: it has to be visible ASCII text")]
    Namespace {
        /// The namespace.
        namespace: String,
    },
    /// The address is malformed or nobody answers there.
    #[error("cannot connect to {address}: {}", causes(.source))]
    Connect {
        /// The server's address.
        address: String,
        /// What went wrong.
        source: tonic::transport::Error,
    },
}

fn causes(error: &tonic::transport::Error) -> String {
    let chain = std::iter::successors(Some(error as &dyn std::error::Error), |error| {
        error.source()
    });
    chain
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// A connection, with prepared headers.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Tonic's client.
    pub client: WorkflowServiceClient<Channel>,
    ordinary: MetadataMap,
    long_poll: MetadataMap,
}

impl Connection {
    /// Connects without TLS and without compression.
    ///
    /// # Errors
    /// The address or the namespace is malformed, or nobody answers.
    pub async fn open(
        address: &str,
        namespace: &str,
        client_name: &'static str,
    ) -> Result<Self, ConnectionError> {
        let failed = |source| ConnectionError::Connect {
            address: address.to_owned(),
            source,
        };
        let endpoint = Endpoint::from_shared(address.to_owned()).map_err(failed)?;
        let channel = endpoint.connect_timeout(CONNECT_TIMEOUT).connect().await;
        let client = WorkflowServiceClient::new(channel.map_err(failed)?);
        Ok(Self {
            client: client.max_decoding_message_size(MAX_INBOUND_BYTES),
            ordinary: headers(namespace, client_name, ORDINARY_DEADLINE)?,
            long_poll: headers(namespace, client_name, LONG_POLL_DEADLINE)?,
        })
    }

    /// A call that is answered at once.
    pub fn request<T>(&self, message: T) -> Request<T> {
        Request::from_parts(self.ordinary.clone(), Extensions::new(), message)
    }

    /// A call that is answered when there is something to tell, or empty after a minute.
    pub fn long_poll<T>(&self, message: T) -> Request<T> {
        Request::from_parts(self.long_poll.clone(), Extensions::new(), message)
    }
}

fn headers(
    namespace: &str,
    client_name: &'static str,
    deadline: Duration,
) -> Result<MetadataMap, ConnectionError> {
    let namespace: MetadataValue<Ascii> =
        namespace.parse().map_err(|_| ConnectionError::Namespace {
            namespace: namespace.to_owned(),
        })?;
    // `set_timeout` knows how a deadline is written.
    let mut request = Request::new(());
    request.set_timeout(deadline);
    let mut headers = request.into_parts().0;
    headers.insert("temporal-namespace", namespace);
    headers.insert("client-name", MetadataValue::from_static(client_name));
    headers.insert(
        "client-version",
        MetadataValue::from_static(env!("CARGO_PKG_VERSION")),
    );
    Ok(headers)
}
