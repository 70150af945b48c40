//! Profiles in `temporal.toml`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ConfigurationError, Environment, Profile};

/// A configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    profile: BTreeMap<String, Profile>,
}

/// The profile the environment names; an empty one if it names none and there is no default one.
pub(super) fn profile(environment: &Environment) -> Result<Profile, ConfigurationError> {
    let mut file = read(environment)?;
    let named = environment.get("TEMPORAL_PROFILE");
    match file.profile.remove(named.unwrap_or("default")) {
        Some(profile) => Ok(profile),
        None => match named {
            None => Ok(Profile::default()),
            Some(profile) => Err(ConfigurationError::UnknownProfile {
                profile: profile.to_owned(),
                known: match file.profile.is_empty() {
                    true => "no profiles".to_owned(),
                    false => Vec::from_iter(file.profile.into_keys()).join(", "),
                },
            }),
        },
    }
}

/// The file the environment names, which must exist, or the one in its usual place, which may.
fn read(environment: &Environment) -> Result<File, ConfigurationError> {
    const VARIABLE: &str = "TEMPORAL_CONFIG_FILE";
    let named = environment.get(VARIABLE);
    let Some(path) = named
        .map(PathBuf::from)
        .or_else(|| environment.default_file())
    else {
        return Ok(File::default());
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&text, &path),
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(File::default()),
        Err(source) => Err(ConfigurationError::ReadFile {
            named_by: named
                .map_or("the user's configuration folder", |_| VARIABLE)
                .to_owned(),
            path,
            source,
        }),
    }
}

fn parse(text: &str, path: &Path) -> Result<File, ConfigurationError> {
    basic_toml::from_str(text).map_err(|error| ConfigurationError::InvalidFile {
        path: path.to_owned(),
        message: error.to_string(),
    })
}
