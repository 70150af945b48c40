//! What is needed to open channels to the server, on whichever runtime asks.

use tonic::transport::Endpoint;

use super::address::Address;
use super::connect_options::TlsChoice;
use super::connector::Connector;
use super::transport::{InProcess, Transport};
use super::{ConnectError, ConnectOptions, TlsOptions};

/// The most that the headers and trailers of an answer may take. Errors carry their details there,
/// a failed query the whole failure with its stack traces; 16 KiB, the default, is not enough.
const MAX_HEADER_LIST_SIZE: u32 = 16 << 20;

/// The recipe for channels.
#[derive(Clone)]
pub(super) struct Connection {
    endpoint: Endpoint,
    connector: Option<Connector>,
    service: Option<InProcess>,
    /// The server's address as the user wrote it.
    pub(super) address: String,
}

impl Connection {
    pub(super) fn new(options: &ConnectOptions) -> Result<Self, ConnectError> {
        let address = match options.service {
            // The address is only a name then.
            Some(_) => Address::parse("in-process:7233")?,
            None => Address::parse(&options.address)?,
        };
        let tls = tls_options(options, &address);
        let url = address.url(tls.is_some());
        let mut endpoint = Endpoint::from_shared(url)
            .expect("a checked address is a valid URL")
            .connect_timeout(options.connect_timeout)
            .http2_max_header_list_size(MAX_HEADER_LIST_SIZE);
        if let Some((interval, timeout)) = options.keep_alive {
            endpoint = endpoint
                .http2_keep_alive_interval(interval)
                .keep_alive_timeout(timeout)
                .keep_alive_while_idle(true);
        }
        if let Some(tls) = tls {
            endpoint = with_tls(endpoint, tls, options)?;
        }
        Ok(Self {
            endpoint,
            connector: options.connector.clone(),
            service: options.service.clone(),
            address: options.address.clone(),
        })
    }

    /// A channel that lives on the calling runtime. It connects with its first call, and again
    /// whenever the connection breaks.
    pub(super) fn open(&self) -> Result<Transport, ConnectError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(ConnectError::NoRuntime);
        }
        if let Some(service) = &self.service {
            return Ok(Transport::InProcess(service.clone()));
        }
        Ok(Transport::Channel(match &self.connector {
            Some(connector) => self.endpoint.connect_with_connector_lazy(connector.clone()),
            None => self.endpoint.connect_lazy(),
        }))
    }
}

/// The TLS to use, if any: what the options say, else what the address's scheme says, else the
/// default for an API key, which must not be sent in the clear by mistake.
fn tls_options(options: &ConnectOptions, address: &Address) -> Option<TlsOptions> {
    match &options.tls {
        TlsChoice::On(tls) => Some(tls.clone()),
        TlsChoice::Off => None,
        TlsChoice::Default => {
            let wanted = address.tls.unwrap_or(options.api_key.is_some());
            wanted.then(TlsOptions::new)
        }
    }
}

#[cfg(feature = "tls")]
fn with_tls(
    endpoint: Endpoint,
    tls: TlsOptions,
    options: &ConnectOptions,
) -> Result<Endpoint, ConnectError> {
    use tonic::transport::{Certificate, ClientTlsConfig, Identity};

    let mut config = ClientTlsConfig::new().timeout(options.connect_timeout);
    config = match tls.server_ca_certificate {
        Some(pem) => config.ca_certificate(Certificate::from_pem(pem)),
        None => config.with_native_roots(),
    };
    if let (Some(certificate), Some(key)) = (tls.client_certificate, tls.client_key) {
        config = config.identity(Identity::from_pem(certificate, key));
    }
    if let Some(name) = tls.server_name {
        config = config.domain_name(name);
    }
    endpoint.tls_config(config).map_err(|error| {
        let reason = std::iter::successors(Some(&error as &dyn std::error::Error), |&error| {
            error.source()
        });
        let texts: Vec<_> = reason.map(ToString::to_string).collect();
        ConnectError::InvalidTls {
            source: texts.join(": ").into(),
        }
    })
}

#[cfg(not(feature = "tls"))]
fn with_tls(
    _: Endpoint,
    _: TlsOptions,
    options: &ConnectOptions,
) -> Result<Endpoint, ConnectError> {
    Err(ConnectError::TlsNotBuilt {
        address: options.address.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses_tls(options: &ConnectOptions) -> bool {
        tls_options(options, &Address::parse(&options.address).unwrap()).is_some()
    }

    #[test]
    fn tls_follows_options_then_scheme_then_api_key() {
        let options = ConnectOptions::new;
        assert!(!uses_tls(&options("host:1")));
        assert!(uses_tls(&options("https://host:1")));
        assert!(uses_tls(&options("host:1").api_key("key")));
        assert!(!uses_tls(&options("http://host:1").api_key("key")));
        assert!(!uses_tls(&options("https://host:1").no_tls()));
        assert!(uses_tls(&options("http://host:1").tls(TlsOptions::new())));
    }

    #[test]
    fn channels_need_a_runtime() {
        let connection = Connection::new(&ConnectOptions::new("host:1")).unwrap();
        assert!(matches!(connection.open(), Err(ConnectError::NoRuntime)));
    }

    #[cfg(feature = "tls")]
    #[test]
    fn certificates_that_are_none_are_refused() {
        let tls = TlsOptions::new().client_certificate("no pem", "no pem");
        let options = ConnectOptions::new("host:1").tls(tls);
        let error = Connection::new(&options).err().unwrap();
        assert!(matches!(error, ConnectError::InvalidTls { .. }), "{error}");
    }
}
