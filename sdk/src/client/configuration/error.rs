//! What can be wrong with files and variables.

use std::io;
use std::path::PathBuf;

/// The configuration from files and environment variables cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// A file could not be read.
    #[error("cannot read {path}, which {named_by} names: {source}", path = path.display())]
    ReadFile {
        /// The file.
        path: PathBuf,
        /// The variable or setting that names it.
        named_by: String,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration file is not what it should be.
    #[error("{path} is no configuration file: {message}", path = path.display())]
    InvalidFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The named profile is not in the file.
    #[error(
        "there is no profile `{profile}`, which TEMPORAL_PROFILE names; the configuration file has: {known}"
    )]
    UnknownProfile {
        /// The profile.
        profile: String,
        /// The profiles that there are.
        known: String,
    },
    /// A variable's value cannot be used.
    #[error("the environment variable {name} is {problem}")]
    InvalidVariable {
        /// The variable.
        name: String,
        /// What is wrong with its value.
        problem: &'static str,
    },
    /// A certificate or key is given both as a file and as data.
    #[error(
        "both {name}_path and {name}_data are set (or their TEMPORAL_TLS_ variables): set only one"
    )]
    PathAndData {
        /// What is given twice, as the configuration file names it.
        name: &'static str,
    },
    /// A client certificate is given without its key, or the other way round.
    #[error("{given} is set without {missing}: TLS with a client certificate needs both")]
    HalfOfClientCertificate {
        /// What is given.
        given: &'static str,
        /// What is missing.
        missing: &'static str,
    },
    /// Host verification is to be disabled.
    #[error(
        "disabling host verification is not supported: set the server's certificate as server_ca_cert_path \
         and its name as server_name (or their TEMPORAL_TLS_ variables) instead"
    )]
    HostVerificationDisabled,
}
