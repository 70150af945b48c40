//! The message-taking side of one run of a typed workflow.

use std::marker::PhantomData;
use std::rc::Rc;

use durably_engine::{
    Context, Instance, SignalDelivery, SignalInput, TaskEnd, UpdateDelivery, UpdateEnd, UpdateInput,
};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::built_in_queries::{self, Described};
use super::dynamic_handlers::DynamicHandlers;
use super::outcome::end_by_error;
use crate::definition::{SignalExecution, UpdateExecution, UpdateHandler, WorkflowImplementation};
use crate::failure::{ApplicationFailure, Failure, WorkflowError, WorkflowResult};
use crate::payload::{Payload, PayloadError};

pub(super) struct TypedInstance<W: WorkflowImplementation> {
    pub(super) state: Rc<W::State>,
    pub(super) workflow: PhantomData<W>,
}

impl<W: WorkflowImplementation> TypedInstance<W> {
    fn update_handler(name: &str) -> Option<&'static UpdateHandler<W::State>> {
        W::UPDATES.iter().find(|handler| handler.name == name)
    }
}

impl<W: WorkflowImplementation> Instance for TypedInstance<W> {
    fn signal(&self, context: &Context, signal: SignalInput) -> SignalDelivery {
        let Some(handler) = W::SIGNALS
            .iter()
            .find(|handler| handler.name == signal.name)
        else {
            return self.dynamic_signal(context, signal);
        };
        let context = WorkflowContext::new(context.clone());
        match (handler.call)(self.state.clone(), context.clone(), &signal.arguments) {
            Ok(SignalExecution::Done(result)) => {
                SignalDelivery::Done(handler_end(&context, result))
            }
            Ok(SignalExecution::Running(future)) => SignalDelivery::Running {
                future: Box::pin(async move { handler_end(&context, future.await) }),
                name: handler.name.into(),
                abandon_unfinished: handler.abandon_unfinished,
            },
            Err(error) => {
                // A sender's mistake must not stop the workflow (protocol 4.13).
                if !context.is_replaying() {
                    tracing::error!(
                        workflow_type = W::NAME,
                        signal = signal.name,
                        sender = signal.identity,
                        %error,
                        "signal dropped: its arguments cannot be read"
                    );
                }
                SignalDelivery::Done(TaskEnd::Done)
            }
        }
    }

    fn takes_messages(&self) -> bool {
        !W::SIGNALS.is_empty()
            || !W::UPDATES.is_empty()
            || W::DYNAMIC_SIGNAL.is_some()
            || W::DYNAMIC_UPDATE.is_some()
    }

    fn knows_update(&self, context: &Context, name: &str) -> bool {
        let registered = || dynamic(context, |known| known.update(name)).is_some();
        Self::update_handler(name).is_some() || W::DYNAMIC_UPDATE.is_some() || registered()
    }

    fn validate_update(&self, context: &Context, update: &UpdateInput) -> Result<(), ProtoFailure> {
        let name = &update.identity.name;
        let Some(handler) = Self::update_handler(name) else {
            return self.validate_dynamic_update(context, update);
        };
        // Refused also without a validator: nothing of it is to be recorded (protocol 4.12).
        (handler.check)(&update.arguments).map_err(|error| unreadable_arguments(name, &error))?;
        let Some(validate) = handler.validate else {
            return Ok(());
        };
        let context = WorkflowContext::new(context.clone());
        validate(&self.state, &context, &update.arguments)
            .map_err(|error| update_failure(error).into())
    }

    fn update(&self, context: &Context, update: UpdateInput) -> UpdateDelivery {
        let name = &update.identity.name;
        let Some(handler) = Self::update_handler(name) else {
            return self.dynamic_update(context, update);
        };
        let context = WorkflowContext::new(context.clone());
        match (handler.call)(self.state.clone(), context, &update.arguments) {
            Ok(UpdateExecution::Done(result)) => UpdateDelivery::Done(update_end(result)),
            Ok(UpdateExecution::Running(future)) => UpdateDelivery::Running {
                future: Box::pin(async move { update_end(future.await) }),
                abandon_unfinished: handler.abandon_unfinished,
            },
            Err(error) => unreadable_update(name, &error),
        }
    }

    fn query(
        &self,
        context: &Context,
        name: &str,
        arguments: &[Payload],
    ) -> Result<Payload, ProtoFailure> {
        if let Some(answer) = built_in_queries::answer(context, name, described::<W>) {
            return Ok(answer);
        }
        if let Some(handler) = W::QUERIES.iter().find(|handler| handler.name == name) {
            let context = WorkflowContext::new(context.clone());
            return (handler.call)(&self.state, &context, arguments)
                .map_err(|error| query_failure(error).into());
        }
        if let Some(handler) = dynamic(context, |known| known.query(name)) {
            return handler(arguments).map_err(|error| query_failure(error).into());
        }
        let Some(handler) = W::DYNAMIC_QUERY else {
            return Err(unknown_query::<W>(context, name));
        };
        let context = WorkflowContext::new(context.clone());
        (handler.call)(&self.state, &context, name.to_owned(), arguments.to_vec())
            .map_err(|error| query_failure(error).into())
    }
}

/// Messages whose name has no handler in the tables: those registered while the run goes on come
/// first, then the handler of all that is left.
impl<W: WorkflowImplementation> TypedInstance<W> {
    fn dynamic_signal(&self, context: &Context, signal: SignalInput) -> SignalDelivery {
        let workflow = WorkflowContext::new(context.clone());
        if let Some(call) = dynamic(context, |known| known.signal(&signal.name)) {
            let handled = call(signal.arguments);
            return SignalDelivery::Running {
                future: Box::pin(async move { handler_end(&workflow, handled.await) }),
                name: signal.name.into(),
                abandon_unfinished: false,
            };
        }
        let Some(handler) = W::DYNAMIC_SIGNAL else {
            return SignalDelivery::Unknown(signal);
        };
        let (name, arguments) = (signal.name.clone(), signal.arguments);
        match (handler.call)(self.state.clone(), workflow.clone(), name, arguments) {
            SignalExecution::Done(result) => SignalDelivery::Done(handler_end(&workflow, result)),
            SignalExecution::Running(future) => SignalDelivery::Running {
                future: Box::pin(async move { handler_end(&workflow, future.await) }),
                name: signal.name.into(),
                abandon_unfinished: handler.abandon_unfinished,
            },
        }
    }

    #[expect(
        clippy::result_large_err,
        reason = "a refusal is about to be sent anyway"
    )]
    fn validate_dynamic_update(
        &self,
        context: &Context,
        update: &UpdateInput,
    ) -> Result<(), ProtoFailure> {
        let name = &update.identity.name;
        if let Some(registered) = dynamic(context, |known| known.update(name)) {
            return (registered.check)(&update.arguments)
                .map_err(|error| unreadable_arguments(name, &error));
        }
        let Some(handler) = W::DYNAMIC_UPDATE else {
            return Err(unknown_update::<W>(name));
        };
        let Some(validate) = handler.validate else {
            return Ok(());
        };
        let context = WorkflowContext::new(context.clone());
        validate(&self.state, &context, name, &update.arguments)
            .map_err(|error| update_failure(error).into())
    }

    fn dynamic_update(&self, context: &Context, update: UpdateInput) -> UpdateDelivery {
        let name = &update.identity.name;
        if let Some(registered) = dynamic(context, |known| known.update(name)) {
            return match (registered.call)(&update.arguments) {
                Ok(handled) => UpdateDelivery::Running {
                    future: Box::pin(async move { update_end(handled.await) }),
                    abandon_unfinished: false,
                },
                Err(error) => unreadable_update(name, &error),
            };
        }
        let Some(handler) = W::DYNAMIC_UPDATE else {
            // Accepted once, so the code has lost its handler since.
            let failure = unknown_update::<W>(name);
            return UpdateDelivery::Done(UpdateEnd::TaskFailed(Box::new(failure)));
        };
        let context = WorkflowContext::new(context.clone());
        match (handler.call)(self.state.clone(), context, name.clone(), update.arguments) {
            UpdateExecution::Done(result) => UpdateDelivery::Done(update_end(result)),
            UpdateExecution::Running(future) => UpdateDelivery::Running {
                future: Box::pin(async move { update_end(future.await) }),
                abandon_unfinished: handler.abandon_unfinished,
            },
        }
    }
}

/// Asks the handlers that were registered while the run went on.
fn dynamic<T>(context: &Context, ask: impl FnOnce(&DynamicHandlers) -> Option<T>) -> Option<T> {
    let handlers = context.known_extension::<DynamicHandlers>()?;
    ask(&handlers)
}

fn described<W: WorkflowImplementation>() -> Described<'static> {
    Described {
        workflow_type: W::NAME,
        signals: W::SIGNALS
            .iter()
            .map(|row| (row.name, row.description))
            .collect(),
        queries: W::QUERIES
            .iter()
            .map(|row| (row.name, row.description))
            .collect(),
        updates: W::UPDATES
            .iter()
            .map(|row| (row.name, row.description))
            .collect(),
    }
}

fn unknown_query<W: WorkflowImplementation>(context: &Context, name: &str) -> ProtoFailure {
    let registered = dynamic(context, |known| Some(known.query_names())).unwrap_or_default();
    let mut known: Vec<_> = W::QUERIES.iter().map(|handler| handler.name).collect();
    known.extend(registered.iter().map(String::as_str));
    known.sort_unstable();
    let message = format!(
        "Query handler for '{name}' expected but not found, known queries: [{}]",
        known.join(" ")
    );
    ApplicationFailure::new(message)
        .with_type("QueryNotFound")
        .into()
}

fn unknown_update<W: WorkflowImplementation>(name: &str) -> ProtoFailure {
    let mut known: Vec<_> = W::UPDATES.iter().map(|handler| handler.name).collect();
    known.sort_unstable();
    let message = format!(
        "Update handler for '{name}' expected but not found, known updates: [{}]",
        known.join(" ")
    );
    ApplicationFailure::new(message)
        .with_type("UnknownUpdate")
        .into()
}

/// Why an update is refused whose arguments do not fit its handler.
fn unreadable_arguments(name: &str, error: &PayloadError) -> ProtoFailure {
    let message = format!("the arguments of update \"{name}\" cannot be read: {error}");
    ApplicationFailure::new(message)
        .with_type("PayloadError")
        .into()
}

/// The end of an update that was accepted when its handler still took such arguments.
fn unreadable_update(name: &str, error: &PayloadError) -> UpdateDelivery {
    UpdateDelivery::Done(UpdateEnd::Failed(Box::new(unreadable_arguments(
        name, error,
    ))))
}

/// A handler's error ends the run as the main function's would.
fn handler_end(context: &WorkflowContext, result: WorkflowResult<()>) -> TaskEnd {
    match result {
        Ok(()) => TaskEnd::Done,
        Err(error) => end_by_error(context, error),
    }
}

/// An update's error is its caller's; values that cannot be written are a matter of the code.
fn update_end(result: WorkflowResult<Option<Payload>>) -> UpdateEnd {
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

fn update_failure(error: WorkflowError) -> Failure {
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

fn query_failure(error: WorkflowError) -> Failure {
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

#[cfg(test)]
#[path = "instance_tests.rs"]
mod tests;
