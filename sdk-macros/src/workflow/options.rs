//! The options of `#[workflow]` and of the marks on its methods.

use proc_macro2::{Ident, TokenStream};
use syn::{LitStr, Path};

use crate::errors::Errors;
use crate::markers::Marker;
use crate::options::{self, Entry, Known};

/// What `#[workflow(..)]` says.
#[derive(Default)]
pub(super) struct WorkflowOptions {
    pub(super) krate: Option<Path>,
    pub(super) name: Option<LitStr>,
}

const WORKFLOW: Known = Known {
    attribute: "#[workflow]",
    keys: &["name", "crate"],
    instead: &[
        ("rename", "write `name`"),
        (
            "task_queue",
            "the worker that registers the workflow has the task queue: `Worker::builder(&client, \"orders\")`",
        ),
        (
            "execution_timeout",
            "timeouts are given by who starts the workflow",
        ),
        (
            "run_timeout",
            "timeouts are given by who starts the workflow",
        ),
        (
            "retry",
            "a retry policy is given by who starts the workflow",
        ),
    ],
};

pub(super) fn workflow(tokens: TokenStream, errors: &mut Errors) -> WorkflowOptions {
    let mut parsed = WorkflowOptions::default();
    for entry in options::entries(tokens, &WORKFLOW, errors) {
        match entry.key.to_string().as_str() {
            "name" => parsed.name = options::name(&entry, errors),
            "crate" => parsed.krate = errors.ok(options::crate_path(&entry)),
            _ => {}
        }
    }
    parsed
}

/// What `#[run(..)]`, `#[signal(..)]`, `#[query(..)]` or `#[update(..)]` says.
#[derive(Default)]
pub(super) struct MethodOptions {
    pub(super) name: Option<LitStr>,
    pub(super) description: Option<LitStr>,
    pub(super) unfinished_policy: Option<UnfinishedPolicy>,
    /// The word `dynamic`.
    pub(super) dynamic: Option<Ident>,
}

/// What becomes of a handler that runs when the workflow ends.
pub(super) struct UnfinishedPolicy {
    /// Whether it is dropped without a warning.
    pub(super) abandon: bool,
    /// Where it is written.
    pub(super) value: LitStr,
}

const RUN: Known = Known {
    attribute: "#[run]",
    keys: &["name"],
    instead: &[("description", "write a documentation comment")],
};

const INIT: Known = Known {
    attribute: "#[init]",
    keys: &[],
    instead: &[],
};

const INSTEAD: &[(&str, &str)] = &[
    ("rename", "write `name`"),
    ("summary", "write `description`"),
    ("unfinished", "write `unfinished_policy`"),
    ("catch_all", "write `dynamic`"),
    (
        "validator",
        "mark the validating method `#[validator(..)]` with the name of the update's method",
    ),
];

const SIGNAL: Known = Known {
    attribute: "#[signal]",
    keys: &["name", "description", "unfinished_policy", "dynamic"],
    instead: INSTEAD,
};
const QUERY: Known = Known {
    attribute: "#[query]",
    keys: &["name", "description", "dynamic"],
    instead: INSTEAD,
};
const UPDATE: Known = Known {
    attribute: "#[update]",
    keys: &["name", "description", "unfinished_policy", "dynamic"],
    instead: INSTEAD,
};

pub(super) fn run(marker: &Marker, errors: &mut Errors) -> MethodOptions {
    method(marker, &RUN, errors)
}

pub(super) fn init(marker: &Marker, errors: &mut Errors) {
    method(marker, &INIT, errors);
}

pub(super) fn signal(marker: &Marker, errors: &mut Errors) -> MethodOptions {
    method(marker, &SIGNAL, errors)
}

pub(super) fn query(marker: &Marker, errors: &mut Errors) -> MethodOptions {
    method(marker, &QUERY, errors)
}

pub(super) fn update(marker: &Marker, errors: &mut Errors) -> MethodOptions {
    method(marker, &UPDATE, errors)
}

fn method(marker: &Marker, known: &Known, errors: &mut Errors) -> MethodOptions {
    let mut parsed = MethodOptions::default();
    for entry in options::entries(marker.options(errors), known, errors) {
        match entry.key.to_string().as_str() {
            "name" => parsed.name = options::name(&entry, errors),
            "description" => {
                parsed.description = errors.ok(options::text(&entry, "\"Cancels the order\""));
            }
            "unfinished_policy" => parsed.unfinished_policy = errors.ok(unfinished_policy(&entry)),
            "dynamic" => parsed.dynamic = Some(options::flag(&entry, errors)),
            _ => {}
        }
    }
    if parsed.dynamic.is_some()
        && let Some(name) = parsed.name.take()
    {
        errors.at(
            &name,
            "a dynamic handler is there for every name that no other handler has; remove `name`",
        );
    }
    parsed
}

fn unfinished_policy(entry: &Entry) -> syn::Result<UnfinishedPolicy> {
    let value = options::text(entry, "\"abandon\"")?;
    let abandon = match value.value().as_str() {
        "abandon" => true,
        "warn_and_abandon" => false,
        _ => {
            return Err(syn::Error::new_spanned(
                value,
                "`unfinished_policy` is `\"warn_and_abandon\"` (the default) or `\"abandon\"`",
            ));
        }
    };
    Ok(UnfinishedPolicy { abandon, value })
}

/// The update that `#[validator(update)]` names by its method.
pub(super) fn validated_update(marker: &Marker, errors: &mut Errors) -> Option<Ident> {
    let tokens = marker.options(errors);
    match syn::parse2::<Ident>(tokens.clone()) {
        Ok(update) => Some(update),
        Err(_) if tokens.is_empty() => {
            errors.at(
                &marker.attribute,
                "`#[validator]` needs the update it belongs to: `#[validator(change_address)]`",
            );
            None
        }
        Err(_) => {
            errors.at(
                &tokens,
                "`#[validator(..)]` names the method of one update: `#[validator(change_address)]`",
            );
            None
        }
    }
}
