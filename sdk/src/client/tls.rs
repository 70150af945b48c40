//! How the connection is encrypted.

use std::fmt;

/// TLS to the server.
///
/// The default trusts the platform's root certificates and presents no certificate of its own.
///
/// ```
/// use durably::client::TlsOptions;
///
/// # fn options() -> std::io::Result<TlsOptions> {
/// let tls = TlsOptions::new()
///     .server_ca_certificate(std::fs::read("ca.pem")?)
///     .client_certificate(std::fs::read("client.pem")?, std::fs::read("client.key")?)
///     .server_name("temporal.internal");
/// # Ok(tls)
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TlsOptions {
    pub(super) server_ca_certificate: Option<Vec<u8>>,
    pub(super) client_certificate: Option<Vec<u8>>,
    pub(super) client_key: Option<Vec<u8>>,
    pub(super) server_name: Option<String>,
}

impl TlsOptions {
    /// TLS with the platform's root certificates.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts these certificates (PEM) instead of the platform's.
    #[must_use]
    pub fn server_ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.server_ca_certificate = Some(pem.into());
        self
    }

    /// Presents this certificate with its key (both PEM) to the server.
    #[must_use]
    pub fn client_certificate(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.client_certificate = Some(certificate.into());
        self.client_key = Some(key.into());
        self
    }

    /// Expects the server's certificate to be for this name, instead of the address's host. It is
    /// also the name sent to the server (SNI).
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }
}

impl fmt::Debug for TlsOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the key itself.
        formatter
            .debug_struct("TlsOptions")
            .field(
                "server_ca_certificate",
                &self.server_ca_certificate.is_some(),
            )
            .field("client_certificate", &self.client_certificate.is_some())
            .field("server_name", &self.server_name)
            .finish()
    }
}
