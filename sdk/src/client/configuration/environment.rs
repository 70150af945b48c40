//! The `TEMPORAL_*` environment variables.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::ConfigurationError;
use super::profile::{Profile, ProfileTls};

/// Names of variables that become headers begin so.
const HEADER: &str = "TEMPORAL_GRPC_META_";

/// The variables that matter here, and the folder of the user's configuration.
#[derive(Debug, Default)]
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
    configuration_folder: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    pub(super) fn of_process() -> Result<Self, ConfigurationError> {
        Self::new(std::env::vars_os(), configuration_folder())
    }

    pub(super) fn new(
        variables: impl Iterator<Item = (OsString, OsString)>,
        configuration_folder: Option<PathBuf>,
    ) -> Result<Self, ConfigurationError> {
        let mut environment = Self {
            variables: BTreeMap::new(),
            configuration_folder,
        };
        for (name, value) in variables {
            let Some(name) = name.to_str().filter(|name| name.starts_with("TEMPORAL_")) else {
                continue;
            };
            let Some(value) = value.to_str() else {
                return Err(invalid(name, "not valid UTF-8"));
            };
            if !value.is_empty() {
                environment
                    .variables
                    .insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(environment)
    }

    /// A variable's value, if it is set and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Where the configuration file is if no variable names it.
    pub(super) fn default_file(&self) -> Option<PathBuf> {
        let folder = self.configuration_folder.as_ref()?;
        Some(folder.join("temporalio").join("temporal.toml"))
    }

    /// Overrides what a profile says.
    pub(super) fn apply(&self, profile: &mut Profile) -> Result<(), ConfigurationError> {
        self.set(&mut profile.address, "TEMPORAL_ADDRESS");
        self.set(&mut profile.namespace, "TEMPORAL_NAMESPACE");
        self.set(&mut profile.api_key, "TEMPORAL_API_KEY");
        self.apply_tls(profile)?;
        let from = HEADER.to_owned();
        for (name, value) in self.variables.range(from..) {
            let Some(name) = name.strip_prefix(HEADER) else {
                break;
            };
            let name = Profile::header_name(name);
            profile
                .grpc_meta
                .retain(|other, _| Profile::header_name(other) != name);
            profile.grpc_meta.insert(name, value.clone());
        }
        Ok(())
    }

    fn apply_tls(&self, profile: &mut Profile) -> Result<(), ConfigurationError> {
        let mut tls = profile.tls.clone().unwrap_or_default();
        if let Some(enabled) = self.flag("TEMPORAL_TLS")? {
            tls.disabled = Some(!enabled);
        }
        self.set(&mut tls.server_name, "TEMPORAL_TLS_SERVER_NAME");
        let ProfileTls {
            client_cert_path,
            client_cert_data,
            client_key_path,
            client_key_data,
            server_ca_cert_path,
            server_ca_cert_data,
            ..
        } = &mut tls;
        self.set_pem(
            client_cert_path,
            client_cert_data,
            "TEMPORAL_TLS_CLIENT_CERT",
        );
        self.set_pem(client_key_path, client_key_data, "TEMPORAL_TLS_CLIENT_KEY");
        self.set_pem(
            server_ca_cert_path,
            server_ca_cert_data,
            "TEMPORAL_TLS_SERVER_CA_CERT",
        );
        if let Some(disabled) = self.flag("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION")? {
            tls.disable_host_verification = disabled;
        }
        if profile.tls.is_some() || tls != ProfileTls::default() {
            profile.tls = Some(tls);
        }
        Ok(())
    }

    fn set(&self, field: &mut Option<String>, name: &str) {
        if let Some(value) = self.get(name) {
            *field = Some(value.to_owned());
        }
    }

    /// Sets a certificate or key. Either variable replaces both settings of the profile.
    fn set_pem(&self, path: &mut Option<PathBuf>, data: &mut Option<String>, name: &str) {
        let new_path = self.get(&format!("{name}_PATH")).map(PathBuf::from);
        let new_data = self.get(&format!("{name}_DATA")).map(str::to_owned);
        if new_path.is_some() || new_data.is_some() {
            (*path, *data) = (new_path, new_data);
        }
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, ConfigurationError> {
        match self.get(name).map(str::to_lowercase).as_deref() {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(invalid(name, "neither `true` nor `false`")),
        }
    }
}

fn invalid(name: &str, problem: &'static str) -> ConfigurationError {
    ConfigurationError::InvalidVariable {
        name: name.to_owned(),
        problem,
    }
}

/// Where each system keeps the user's configuration.
pub(super) fn configuration_folder() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if cfg!(windows) {
        variable("APPDATA")
    } else if cfg!(target_os = "macos") {
        Some(
            variable("HOME")?
                .join("Library")
                .join("Application Support"),
        )
    } else {
        variable("XDG_CONFIG_HOME").or_else(|| Some(variable("HOME")?.join(".config")))
    }
}
