//! Connect options from `TEMPORAL_*` environment variables and profiles in `temporal.toml`, as all
//! Temporal tools read them.

mod environment;
mod error;
mod file;
mod profile;

use std::ffi::OsString;

pub use error::ConfigurationError;

use self::environment::{Environment, configuration_folder};
use self::profile::Profile;
use super::ConnectOptions;

impl ConnectOptions {
    /// Reads the options from the environment.
    ///
    /// 1. A profile is read from a file: `TEMPORAL_CONFIG_FILE`, or `temporalio/temporal.toml` in the
    ///    user's configuration folder if it exists. `TEMPORAL_PROFILE` names the profile, `default`
    ///    otherwise.
    /// 2. Variables override what the profile says. Empty ones count as not set.
    /// 3. What neither says is as in [`ConnectOptions::default`].
    ///
    /// | variable | in the profile | meaning |
    /// |---|---|---|
    /// | `TEMPORAL_ADDRESS` | `address` | `host:port` |
    /// | `TEMPORAL_NAMESPACE` | `namespace` | the namespace |
    /// | `TEMPORAL_API_KEY` | `api_key` | the API key; uses TLS unless TLS is disabled |
    /// | `TEMPORAL_TLS` | `tls.disabled` (reversed) | `true` or `false` |
    /// | `TEMPORAL_TLS_CLIENT_CERT_PATH`, `_DATA` | `tls.client_cert_path`, `_data` | certificate to present, PEM |
    /// | `TEMPORAL_TLS_CLIENT_KEY_PATH`, `_DATA` | `tls.client_key_path`, `_data` | its key, PEM |
    /// | `TEMPORAL_TLS_SERVER_CA_CERT_PATH`, `_DATA` | `tls.server_ca_cert_path`, `_data` | certificates to trust, PEM |
    /// | `TEMPORAL_TLS_SERVER_NAME` | `tls.server_name` | name the server's certificate is for |
    /// | `TEMPORAL_GRPC_META_*` | `grpc_meta.*` | headers; `TEMPORAL_GRPC_META_SOME_NAME` is `some-name` |
    ///
    /// Any setting of TLS uses TLS, unless it is disabled. `TEMPORAL_TLS_DISABLE_HOST_VERIFICATION`
    /// is refused: give the server's own certificate as the one to trust, and its name. Settings of
    /// remote codecs are left to the tools that decode payloads for people.
    ///
    /// # Errors
    /// The file or a variable cannot be used; the error names it.
    pub fn from_env() -> Result<Self, ConfigurationError> {
        Self::from_environment(&Environment::of_process()?)
    }

    /// Reads the options from these variables in place of the process's own, as
    /// [`from_env`](Self::from_env) does otherwise: for programs that have flags beside the variables.
    ///
    /// # Errors
    /// The file or a variable cannot be used; the error names it.
    pub fn from_variables(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigurationError> {
        let environment = Environment::new(variables.into_iter(), configuration_folder())?;
        Self::from_environment(&environment)
    }

    fn from_environment(environment: &Environment) -> Result<Self, ConfigurationError> {
        let mut profile = file::profile(environment)?;
        environment.apply(&mut profile)?;
        profile.into_options()
    }
}

#[cfg(test)]
mod tests;
