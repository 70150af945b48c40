//! What is done with a file that is there, and with one that is not.

use std::ffi::OsString;

use super::error::RecordingError;

/// The variable that says it.
pub(super) const VARIABLE: &str = "DURABLY_HISTORIES";

/// What is done with a file that is there, and with one that is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// What is there is replayed, what is not there is recorded.
    RecordMissing,
    /// What is there is replaced.
    Overwrite,
    /// What is not there is an error.
    Check,
}

impl Policy {
    pub(super) fn from_env() -> Result<Self, RecordingError> {
        Self::of(std::env::var_os(VARIABLE))
    }

    fn of(value: Option<OsString>) -> Result<Self, RecordingError> {
        let value = value.unwrap_or_default();
        match value.to_str() {
            Some("") => Ok(Self::RecordMissing),
            Some("overwrite") => Ok(Self::Overwrite),
            Some("check") => Ok(Self::Check),
            _ => Err(RecordingError::Policy {
                value: value.to_string_lossy().into_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_one_of_two_words_or_nothing() {
        let of = |value: &str| Policy::of(Some(value.into()));
        assert_eq!(Policy::of(None).unwrap(), Policy::RecordMissing);
        assert_eq!(of("").unwrap(), Policy::RecordMissing);
        assert_eq!(of("overwrite").unwrap(), Policy::Overwrite);
        assert_eq!(of("check").unwrap(), Policy::Check);
        let error = of("histories/").unwrap_err().to_string();
        assert!(
            error.contains("DURABLY_HISTORIES is \"histories/\""),
            "{error}"
        );
    }
}
