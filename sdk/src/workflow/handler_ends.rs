//! How messages end: the failures that their senders get.

use durably_engine::{Context, TaskEnd, UpdateEnd};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::instance::dynamic;
use super::outcome::end_by_error;
use crate::definition::WorkflowImplementation;
use crate::failure::{ApplicationFailure, Failure, WorkflowError, WorkflowResult};
use crate::payload::{Payload, PayloadError};

pub(super) fn unknown_query<W: WorkflowImplementation>(
    context: &Context,
    name: &str,
) -> ApplicationFailure {
    let known = W::QUERIES.iter().map(|handler| handler.name);
    let registered = dynamic(context, |known| Some(known.described_queries()));
    let message = format!(
        "Query handler for '{name}' expected but not found, known queries: [{}]",
        names(known, registered)
    );
    ApplicationFailure::new(message).with_type("QueryNotFound")
}

pub(super) fn unknown_update<W: WorkflowImplementation>(
    context: &Context,
    name: &str,
) -> ProtoFailure {
    let known = W::UPDATES.iter().map(|handler| handler.name);
    let registered = dynamic(context, |known| Some(known.described_updates()));
    let message = format!(
        "Update handler for '{name}' expected but not found, known updates: [{}]",
        names(known, registered)
    );
    ApplicationFailure::new(message)
        .with_type("UnknownUpdate")
        .into()
}

/// The names that handlers have, in order.
fn names(
    own: impl Iterator<Item = &'static str>,
    registered: Option<Vec<(String, String)>>,
) -> String {
    let registered = registered.unwrap_or_default();
    let mut names: Vec<_> = own.collect();
    names.extend(registered.iter().map(|(name, _)| name.as_str()));
    names.sort_unstable();
    names.dedup();
    names.join(" ")
}

/// Why an update is refused whose arguments do not fit its handler.
pub(super) fn unreadable_arguments(name: &str, error: &PayloadError) -> ApplicationFailure {
    let message = format!("the arguments of update \"{name}\" cannot be read: {error}");
    ApplicationFailure::new(message).with_type("PayloadError")
}

/// A handler's error ends the run as the main function's would.
pub(super) fn handler_end(context: &WorkflowContext, result: WorkflowResult<()>) -> TaskEnd {
    match result {
        Ok(()) => TaskEnd::Done,
        Err(error) => end_by_error(context, error),
    }
}

/// An update's error is its caller's; values that cannot be written are a matter of the code.
pub(super) fn update_end(result: WorkflowResult<Option<Payload>>) -> UpdateEnd {
    match result {
        Ok(payload) => UpdateEnd::Completed(payload),
        Err(WorkflowError::TaskFailed(failure)) => UpdateEnd::TaskFailed(Box::new(failure.into())),
        Err(WorkflowError::Payload(error)) => {
            let failure = ApplicationFailure::new(error.to_string()).with_type("PayloadError");
            UpdateEnd::TaskFailed(Box::new(failure.into()))
        }
        Err(error) => UpdateEnd::Failed(Box::new(update_failure(error).into())),
    }
}

pub(super) fn update_failure(error: WorkflowError) -> Failure {
    match error {
        WorkflowError::Failed(failure) | WorkflowError::TaskFailed(failure) => failure,
        WorkflowError::Payload(error) => ApplicationFailure::new(error.to_string())
            .with_type("PayloadError")
            .into(),
        WorkflowError::ContinueAsNew(_) => ApplicationFailure::new(
            "an update's handler cannot continue as new; let it set state, and the main function go on from there",
        )
        .with_type("ContinueAsNewInUpdate")
        .into(),
    }
}

pub(super) fn query_failure(error: WorkflowError) -> Failure {
    match error {
        WorkflowError::Failed(failure) | WorkflowError::TaskFailed(failure) => failure,
        WorkflowError::Payload(error) => ApplicationFailure::new(error.to_string())
            .with_type("PayloadError")
            .into(),
        WorkflowError::ContinueAsNew(_) => {
            ApplicationFailure::new("a query cannot continue as new")
                .with_type("ReadOnlyError")
                .into()
        }
    }
}
