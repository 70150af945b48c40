//! Encrypted connections.

use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use super::*;
use crate::client::{Client, ConnectError, ConnectOptions, TlsOptions};

const AUTHORITY: &str = include_str!("certificates/authority.pem");
const SERVER: (&str, &str) = (
    include_str!("certificates/server.pem"),
    include_str!("certificates/server.key"),
);
const CLIENT: (&str, &str) = (
    include_str!("certificates/client.pem"),
    include_str!("certificates/client.key"),
);

/// A server that proves who it is, and may want the client to do so too.
fn server(wants_client_certificate: bool) -> TestServer {
    let mut tls = ServerTlsConfig::new().identity(Identity::from_pem(SERVER.0, SERVER.1));
    if wants_client_certificate {
        tls = tls.client_ca_root(Certificate::from_pem(AUTHORITY));
    }
    TestServer::new().with_tls(tls)
}

fn trusting() -> TlsOptions {
    TlsOptions::new()
        .server_ca_certificate(AUTHORITY)
        .server_name("temporal.test")
}

async fn error(options: ConnectOptions) -> String {
    let error = Client::connect(options).await.unwrap_err();
    assert!(matches!(error, ConnectError::Server { .. }), "{error:?}");
    error.to_string()
}

#[tokio::test(start_paused = true)]
async fn a_server_of_a_trusted_authority_is_connected_to() {
    let options = server(false).options().tls(trusting());
    Client::connect(options).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_shows_its_certificate() {
    let options = server(true).options();
    let identity = trusting().client_certificate(CLIENT.0, CLIENT.1);
    Client::connect(options.clone().tls(identity))
        .await
        .unwrap();
    error(options.tls(trusting())).await;
}

#[tokio::test(start_paused = true)]
async fn another_name_or_authority_is_refused() {
    let options = server(false).options();
    let name = TlsOptions::new().server_ca_certificate(AUTHORITY);
    let text = error(options.clone().tls(name)).await;
    assert!(
        text.contains("not valid for name \"test-server\""),
        "{text}"
    );
    let text = error(options.tls(TlsOptions::new().server_name("temporal.test"))).await;
    assert!(text.contains("UnknownIssuer"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_api_key_is_not_sent_in_the_clear() {
    let plain = TestServer::new();
    let text = error(plain.options().api_key("secret")).await;
    assert!(text.contains("UNAVAILABLE"), "{text}");
    assert!(plain.metadata().is_empty());
}
