//! The options of `#[activity]`.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use syn::{LitStr, Path};

use super::retry::{self, Retry};
use crate::errors::Errors;
use crate::options::{self, Entry, Known};

const KNOWN: Known = Known {
    attribute: "#[activity]",
    keys: &[
        "name",
        "start_to_close_timeout",
        "schedule_to_close_timeout",
        "schedule_to_start_timeout",
        "heartbeat_timeout",
        "retry",
        "task_queue",
        "summary",
        "cancellation_type",
        "crate",
    ],
    instead: &[
        (
            "timeout",
            "for one attempt write `start_to_close_timeout`, for all attempts `schedule_to_close_timeout`",
        ),
        ("start_to_close", "write `start_to_close_timeout`"),
        ("schedule_to_close", "write `schedule_to_close_timeout`"),
        ("schedule_to_start", "write `schedule_to_start_timeout`"),
        ("heartbeat", "write `heartbeat_timeout`"),
        ("retry_policy", "write `retry(..)`"),
        ("retries", "write `retry(maximum_attempts = ..)`"),
        ("initial_interval", "write `retry(initial_interval = ..)`"),
        (
            "backoff_coefficient",
            "write `retry(backoff_coefficient = ..)`",
        ),
        ("maximum_interval", "write `retry(maximum_interval = ..)`"),
        ("maximum_attempts", "write `retry(maximum_attempts = ..)`"),
        ("max_attempts", "write `retry(maximum_attempts = ..)`"),
        (
            "non_retryable_error_types",
            "write `retry(non_retryable_error_types = [..])`",
        ),
        ("queue", "write `task_queue`"),
        ("rename", "write `name`"),
        (
            "description",
            "write `summary`, which the web interface shows for each call",
        ),
        ("cancelation_type", "write `cancellation_type`"),
    ],
};

/// What the attribute says. An option with a mistake is as if it were absent, except that a timeout
/// which could not be read still counts as one.
#[derive(Default)]
pub(super) struct Options {
    pub(super) krate: Option<Path>,
    pub(super) name: Option<LitStr>,
    pub(super) start_to_close_timeout: Option<Duration>,
    pub(super) schedule_to_close_timeout: Option<Duration>,
    pub(super) schedule_to_start_timeout: Option<Duration>,
    pub(super) heartbeat_timeout: Option<Duration>,
    pub(super) task_queue: Option<LitStr>,
    pub(super) retry: Option<Retry>,
    pub(super) summary: Option<LitStr>,
    pub(super) cancellation_type: Option<CancellationType>,
    pub(super) has_timeout: bool,
}

/// How a canceled workflow treats the activity.
pub(super) struct CancellationType {
    pub(super) variant: Ident,
}

/// Reads the options of `#[activity(..)]`. `in_impl` says that it stands in an `#[activities]` impl.
pub(super) fn parse(tokens: TokenStream, in_impl: bool, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    for entry in options::entries(tokens, &KNOWN, errors) {
        match entry.key.to_string().as_str() {
            "name" => options.name = options::name(&entry, errors),
            "start_to_close_timeout" => {
                options.has_timeout = true;
                options.start_to_close_timeout = errors.ok(options::duration(&entry));
            }
            "schedule_to_close_timeout" => {
                options.has_timeout = true;
                options.schedule_to_close_timeout = errors.ok(options::duration(&entry));
            }
            "schedule_to_start_timeout" => {
                options.schedule_to_start_timeout = errors.ok(options::duration(&entry));
            }
            "heartbeat_timeout" => options.heartbeat_timeout = errors.ok(options::duration(&entry)),
            "task_queue" => options.task_queue = task_queue(&entry, errors),
            "retry" => options.retry = retry::parse(&entry, errors),
            "summary" => options.summary = errors.ok(options::text(&entry, "\"charge the card\"")),
            "cancellation_type" => options.cancellation_type = errors.ok(cancellation_type(&entry)),
            "crate" if in_impl => {
                errors.at(
                    &entry.key,
                    "`crate` holds for the whole impl; write `#[activities(crate = ..)]`",
                );
            }
            "crate" => options.krate = errors.ok(options::crate_path(&entry)),
            _ => {}
        }
    }
    options
}

fn task_queue(entry: &Entry, errors: &mut Errors) -> Option<LitStr> {
    let queue = errors.ok(options::text(entry, "\"payments\""))?;
    if queue.value().is_empty() {
        errors.at(
            &queue,
            "the task queue is empty; leave the option out to use the workflow's own",
        );
        return None;
    }
    Some(queue)
}

const CANCELLATION_TYPES: [(&str, &str); 3] = [
    ("try_cancel", "TryCancel"),
    ("wait_cancellation_completed", "WaitCancellationCompleted"),
    ("abandon", "Abandon"),
];

fn cancellation_type(entry: &Entry) -> syn::Result<CancellationType> {
    const SUPPORTED: &str = "`try_cancel`, `wait_cancellation_completed` and `abandon`";
    let word = options::word(entry, "try_cancel", SUPPORTED)?;
    let written = word.to_string();
    match CANCELLATION_TYPES.iter().find(|(name, _)| *name == written) {
        Some((_, variant)) => Ok(CancellationType {
            variant: Ident::new(variant, word.span()),
        }),
        None => Err(syn::Error::new(
            word.span(),
            format_args!("unknown cancellation type `{written}`; there are {SUPPORTED}"),
        )),
    }
}
