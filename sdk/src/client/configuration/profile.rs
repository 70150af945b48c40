//! One profile: what a file and the environment say, before it becomes options.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigurationError;
use crate::client::{ConnectOptions, TlsOptions};

/// A profile, in the form of the configuration file. Keys that are not listed are ignored, as newer
/// tools may know more.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub(super) address: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) tls: Option<ProfileTls>,
    pub(super) grpc_meta: BTreeMap<String, String>,
}

/// A profile's TLS settings.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct ProfileTls {
    pub(super) disabled: Option<bool>,
    pub(super) client_cert_path: Option<PathBuf>,
    pub(super) client_cert_data: Option<String>,
    pub(super) client_key_path: Option<PathBuf>,
    pub(super) client_key_data: Option<String>,
    pub(super) server_ca_cert_path: Option<PathBuf>,
    pub(super) server_ca_cert_data: Option<String>,
    pub(super) server_name: Option<String>,
    pub(super) disable_host_verification: bool,
}

impl Profile {
    /// The name a header has once it is sent: two spellings of it must not both be.
    pub(super) fn header_name(name: &str) -> String {
        name.to_lowercase().replace('_', "-")
    }

    pub(super) fn into_options(self) -> Result<ConnectOptions, ConfigurationError> {
        let mut options = match self.address {
            Some(address) => ConnectOptions::new(address),
            None => ConnectOptions::default(),
        };
        if let Some(namespace) = self.namespace {
            options = options.namespace(namespace);
        }
        if let Some(api_key) = self.api_key {
            options = options.api_key(api_key);
        }
        options = match self.tls {
            None => options,
            Some(tls) if tls.disabled == Some(true) => options.no_tls(),
            Some(tls) => options.tls(tls.into_options()?),
        };
        for (name, value) in self.grpc_meta {
            options = options.header(Self::header_name(&name), value);
        }
        Ok(options)
    }
}

impl ProfileTls {
    fn into_options(self) -> Result<TlsOptions, ConfigurationError> {
        if self.disable_host_verification {
            return Err(ConfigurationError::HostVerificationDisabled);
        }
        let certificate = pem("client_cert", self.client_cert_path, self.client_cert_data)?;
        let key = pem("client_key", self.client_key_path, self.client_key_data)?;
        let server_ca = pem(
            "server_ca_cert",
            self.server_ca_cert_path,
            self.server_ca_cert_data,
        )?;

        let mut options = TlsOptions::new();
        options = match (certificate, key) {
            (Some(certificate), Some(key)) => options.client_certificate(certificate, key),
            (None, None) => options,
            (Some(_), None) => return Err(half("client_cert", "client_key")),
            (None, Some(_)) => return Err(half("client_key", "client_cert")),
        };
        if let Some(server_ca) = server_ca {
            options = options.server_ca_certificate(server_ca);
        }
        if let Some(server_name) = self.server_name {
            options = options.server_name(server_name);
        }
        Ok(options)
    }
}

/// A certificate or key that is given by file or as data.
fn pem(
    name: &'static str,
    path: Option<PathBuf>,
    data: Option<String>,
) -> Result<Option<Vec<u8>>, ConfigurationError> {
    match (path, data) {
        (None, None) => Ok(None),
        (None, Some(data)) => Ok(Some(data.into_bytes())),
        (Some(_), Some(_)) => Err(ConfigurationError::PathAndData { name }),
        (Some(path), None) => {
            let read = std::fs::read(&path);
            read.map(Some)
                .map_err(|source| ConfigurationError::ReadFile {
                    path,
                    named_by: format!("tls.{name}_path (or its TEMPORAL_TLS_ variable)"),
                    source,
                })
        }
    }
}

fn half(given: &'static str, missing: &'static str) -> ConfigurationError {
    ConfigurationError::HalfOfClientCertificate { given, missing }
}
