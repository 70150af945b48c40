//! `retry(..)`, checked as the server would check it.

use std::time::Duration;

use syn::LitStr;

use crate::errors::Errors;
use crate::options::{self, Entry, Known};

const KNOWN: Known = Known {
    attribute: "retry",
    keys: &[
        "initial_interval",
        "backoff_coefficient",
        "maximum_interval",
        "maximum_attempts",
        "non_retryable_error_types",
    ],
    instead: &[
        ("attempts", "write `maximum_attempts`"),
        ("max_attempts", "write `maximum_attempts`"),
        ("max_interval", "write `maximum_interval`"),
        ("backoff", "write `backoff_coefficient`"),
        ("coefficient", "write `backoff_coefficient`"),
        ("non_retryable_errors", "write `non_retryable_error_types`"),
        ("non_retryable", "write `non_retryable_error_types`"),
    ],
};

const EXAMPLE: &str = "maximum_attempts = 5";

/// What `retry(..)` says; what it does not say is left to the server.
#[derive(Default)]
pub(super) struct Retry {
    pub(super) initial_interval: Option<Duration>,
    pub(super) backoff_coefficient: Option<f64>,
    pub(super) maximum_interval: Option<Duration>,
    pub(super) maximum_attempts: Option<u32>,
    pub(super) non_retryable_error_types: Vec<LitStr>,
}

pub(super) fn parse(entry: &Entry, errors: &mut Errors) -> Option<Retry> {
    let tokens = errors.ok(options::list(entry, EXAMPLE))?;
    if tokens.is_empty() {
        errors.at(
            &entry.key,
            format_args!("`retry()` says nothing: activities are retried anyway; write `retry({EXAMPLE})` or leave it out"),
        );
        return None;
    }
    let mut retry = Retry::default();
    let mut maximum = None;
    for entry in options::entries(tokens, &KNOWN, errors) {
        match entry.key.to_string().as_str() {
            "initial_interval" => retry.initial_interval = errors.ok(options::duration(&entry)),
            "backoff_coefficient" => {
                retry.backoff_coefficient = backoff_coefficient(&entry, errors);
            }
            "maximum_interval" => {
                retry.maximum_interval = errors.ok(options::duration(&entry));
                maximum = Some(entry);
            }
            "maximum_attempts" => retry.maximum_attempts = maximum_attempts(&entry, errors),
            "non_retryable_error_types" => {
                let types = errors.ok(options::texts(&entry, "[\"InvalidOrder\"]"));
                retry.non_retryable_error_types = types.unwrap_or_default();
            }
            _ => {}
        }
    }
    if let Some(maximum) = maximum {
        check_intervals(&retry, &maximum, errors);
    }
    Some(retry)
}

fn backoff_coefficient(entry: &Entry, errors: &mut Errors) -> Option<f64> {
    let coefficient = errors.ok(options::float(entry, "2.0"))?;
    if coefficient < 1.0 {
        errors.at_span(
            entry.value_span(),
            "`backoff_coefficient` is at least 1: the wait between attempts does not shrink; 1 keeps it as it is",
        );
        return None;
    }
    Some(coefficient)
}

fn maximum_attempts(entry: &Entry, errors: &mut Errors) -> Option<u32> {
    let attempts: u32 = errors.ok(options::integer(entry, "5"))?;
    if attempts == 0 {
        errors.at_span(
            entry.value_span(),
            "`maximum_attempts` is at least 1, which means no retry; leave the option out for no limit",
        );
        return None;
    }
    if i32::try_from(attempts).is_err() {
        errors.at_span(
            entry.value_span(),
            format_args!("`maximum_attempts` is at most {}", i32::MAX),
        );
        return None;
    }
    Some(attempts)
}

/// What the server assumes for an initial interval that is not set.
const DEFAULT_INITIAL_INTERVAL: Duration = Duration::from_secs(1);

fn check_intervals(retry: &Retry, maximum: &Entry, errors: &mut Errors) {
    let Some(limit) = retry.maximum_interval else {
        return;
    };
    let (initial, which) = match retry.initial_interval {
        Some(initial) => (initial, "`initial_interval`"),
        None => (
            DEFAULT_INITIAL_INTERVAL,
            "`initial_interval`, which is 1 s unless set",
        ),
    };
    if limit < initial {
        errors.at_span(
            maximum.value_span(),
            format_args!(
                "`maximum_interval` is shorter than {which}; it limits how long the wait can grow"
            ),
        );
    }
}
