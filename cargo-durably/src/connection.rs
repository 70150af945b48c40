//! Where the server is: flags over `TEMPORAL_*` variables over profiles.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use durably::client::{Client, ConfigurationError, ConnectError, ConnectOptions};

/// How to reach the server. What is not given is as the `TEMPORAL_*` environment variables and the
/// profile in temporal.toml say, as for all Temporal tools.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArguments {
    /// The server's address [env: TEMPORAL_ADDRESS; default localhost:7233].
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
    /// The namespace [env: TEMPORAL_NAMESPACE; default default].
    #[arg(long, short)]
    namespace: Option<String>,
    /// The API key; prefer the variable, as other users of this machine may see arguments
    /// [env: TEMPORAL_API_KEY].
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// Whether to use TLS [env: TEMPORAL_TLS].
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    tls: Option<bool>,
    /// The certificate to present, PEM [env: TEMPORAL_TLS_CLIENT_CERT_PATH].
    #[arg(long, value_name = "FILE")]
    tls_cert_path: Option<PathBuf>,
    /// Its key, PEM [env: TEMPORAL_TLS_CLIENT_KEY_PATH].
    #[arg(long, value_name = "FILE")]
    tls_key_path: Option<PathBuf>,
    /// The certificates to trust, PEM [env: TEMPORAL_TLS_SERVER_CA_CERT_PATH].
    #[arg(long, value_name = "FILE")]
    tls_ca_path: Option<PathBuf>,
    /// The name that the server's certificate is for [env: TEMPORAL_TLS_SERVER_NAME].
    #[arg(long, value_name = "NAME")]
    tls_server_name: Option<String>,
    /// A header to send with every call; may be given several times.
    #[arg(long = "grpc-meta", value_name = "NAME=VALUE")]
    grpc_meta: Vec<String>,
    /// The profile in temporal.toml [env: TEMPORAL_PROFILE].
    #[arg(long)]
    profile: Option<String>,
    /// The file with profiles [env: TEMPORAL_CONFIG_FILE].
    #[arg(long, value_name = "FILE")]
    config_file: Option<PathBuf>,
}

/// There is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error("--grpc-meta \"{0}\": a header is given as NAME=VALUE")]
    Header(String),
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

impl ConnectionArguments {
    /// Connects.
    pub(crate) async fn connect(&self) -> Result<Client, ConnectionError> {
        let variables = self.over(std::env::vars_os())?;
        let options = ConnectOptions::from_variables(variables)?;
        Ok(Client::connect(options).await?)
    }

    /// The variables that say the same as the flags.
    pub(crate) fn variables(&self) -> Result<BTreeMap<OsString, OsString>, ConnectionError> {
        let tls = self.tls.map(|tls| tls.to_string());
        let given: [(&str, Option<OsString>); 10] = [
            ("TEMPORAL_ADDRESS", owned(&self.address)),
            ("TEMPORAL_NAMESPACE", owned(&self.namespace)),
            ("TEMPORAL_API_KEY", owned(&self.api_key)),
            ("TEMPORAL_TLS", owned(&tls)),
            (
                "TEMPORAL_TLS_CLIENT_CERT_PATH",
                absolute(&self.tls_cert_path),
            ),
            ("TEMPORAL_TLS_CLIENT_KEY_PATH", absolute(&self.tls_key_path)),
            (
                "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
                absolute(&self.tls_ca_path),
            ),
            ("TEMPORAL_TLS_SERVER_NAME", owned(&self.tls_server_name)),
            ("TEMPORAL_PROFILE", owned(&self.profile)),
            ("TEMPORAL_CONFIG_FILE", absolute(&self.config_file)),
        ];
        let mut variables = BTreeMap::new();
        for (name, value) in given {
            variables.extend(value.map(|value| (OsString::from(name), value)));
        }
        for header in &self.grpc_meta {
            let (name, value) = header
                .split_once('=')
                .filter(|(name, _)| !name.is_empty())
                .ok_or_else(|| ConnectionError::Header(header.clone()))?;
            let name = name.to_uppercase().replace('-', "_");
            variables.insert(format!("TEMPORAL_GRPC_META_{name}").into(), value.into());
        }
        Ok(variables)
    }

    /// The variables of a process with those of the flags over them.
    fn over(
        &self,
        process: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<BTreeMap<OsString, OsString>, ConnectionError> {
        let flags = self.variables()?;
        let mut variables: BTreeMap<_, _> = process.collect();
        for name in flags.keys().filter_map(|name| name.to_str()) {
            variables.extend(replaced_by(name).map(|other| (other, OsString::new())));
        }
        variables.extend(flags);
        Ok(variables)
    }
}

/// The other variable for the same certificate or key, which must not be set beside this one.
pub(crate) fn replaced_by(name: &str) -> Option<OsString> {
    let certificate = name.strip_suffix("_PATH")?;
    Some(format!("{certificate}_DATA").into())
}

fn owned<T: AsRef<std::ffi::OsStr>>(value: &Option<T>) -> Option<OsString> {
    value.as_ref().map(|value| value.as_ref().to_owned())
}

/// The path from the root: another process may read it from another folder.
fn absolute(path: &Option<PathBuf>) -> Option<OsString> {
    let path = path.as_ref()?;
    // Only the empty path has none; it is refused where it is read.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
    Some(absolute.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_stand_over_variables() {
        let arguments = ConnectionArguments {
            address: Some("there:1".to_owned()),
            tls_cert_path: Some("/etc/cert.pem".into()),
            grpc_meta: vec!["x-team=a=b".to_owned()],
            ..ConnectionArguments::default()
        };
        let process = [
            ("TEMPORAL_ADDRESS", "here:1"),
            ("TEMPORAL_NAMESPACE", "orders"),
            ("TEMPORAL_TLS_CLIENT_CERT_DATA", "PEM"),
        ];
        let process = process.map(|(name, value)| (name.into(), value.into()));
        let variables = arguments.over(process.into_iter()).unwrap();
        let value = |name: &str| {
            variables
                .get(&OsString::from(name))
                .unwrap()
                .to_str()
                .unwrap()
        };
        assert_eq!(value("TEMPORAL_ADDRESS"), "there:1");
        assert_eq!(value("TEMPORAL_NAMESPACE"), "orders");
        assert_eq!(value("TEMPORAL_TLS_CLIENT_CERT_PATH"), "/etc/cert.pem");
        assert_eq!(value("TEMPORAL_TLS_CLIENT_CERT_DATA"), "");
        assert_eq!(value("TEMPORAL_GRPC_META_X_TEAM"), "a=b");
    }

    #[test]
    fn a_header_without_a_value_is_refused() {
        let arguments = ConnectionArguments {
            grpc_meta: vec!["x-team".to_owned()],
            ..ConnectionArguments::default()
        };
        let error = arguments.variables().unwrap_err().to_string();
        assert_eq!(
            error,
            "--grpc-meta \"x-team\": a header is given as NAME=VALUE"
        );
    }
}
