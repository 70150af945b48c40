//! The message-taking side of one run of a typed workflow.

use std::marker::PhantomData;
use std::rc::Rc;

use durably_engine::{
    Context, Instance, Query, SignalDelivery, SignalInput, TaskEnd, UpdateDelivery, UpdateEnd,
    UpdateInput,
};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::built_in_queries::{self, Described};
use super::dynamic_handlers::DynamicHandlers;
use super::extension::Extension;
use super::handler_ends::{
    handler_end, query_failure, unknown_query, unknown_update, unreadable_arguments,
    unreadable_update, update_end, update_failure,
};
use super::headers::{WithHeaders, carry, message_headers};
use crate::definition::{SignalExecution, UpdateExecution, UpdateHandler, WorkflowImplementation};
use crate::payload::Payload;
use crate::session::ID_PREFIX;

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
        let headers = message_headers(context, signal.header.as_ref());
        let delivery = {
            let _inside = carry(context, headers.as_ref());
            self.handle_signal(context, signal)
        };
        match (delivery, headers) {
            (
                SignalDelivery::Running {
                    future,
                    name,
                    abandon_unfinished,
                },
                Some(headers),
            ) => SignalDelivery::Running {
                future: Box::pin(WithHeaders::new(context, headers, future)),
                name,
                abandon_unfinished,
            },
            (delivery, _) => delivery,
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
        let headers = message_headers(context, update.header.as_ref());
        let _inside = carry(context, headers.as_ref());
        self.validate(context, update)
    }

    fn update(&self, context: &Context, update: UpdateInput) -> UpdateDelivery {
        let headers = message_headers(context, update.header.as_ref());
        let delivery = {
            let _inside = carry(context, headers.as_ref());
            self.handle_update(context, update)
        };
        match (delivery, headers) {
            (
                UpdateDelivery::Running {
                    future,
                    abandon_unfinished,
                },
                Some(headers),
            ) => UpdateDelivery::Running {
                future: Box::pin(WithHeaders::new(context, headers, future)),
                abandon_unfinished,
            },
            (delivery, _) => delivery,
        }
    }

    fn query(&self, context: &Context, query: &Query) -> Result<Payload, ProtoFailure> {
        let headers = message_headers(context, query.header.as_ref());
        let _inside = carry(context, headers.as_ref());
        self.answer(context, &query.name, &query.arguments)
    }
}

/// Messages whose name has a handler in the tables.
impl<W: WorkflowImplementation> TypedInstance<W> {
    fn handle_signal(&self, context: &Context, signal: SignalInput) -> SignalDelivery {
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

    #[expect(
        clippy::result_large_err,
        reason = "a refusal is about to be sent anyway"
    )]
    fn validate(&self, context: &Context, update: &UpdateInput) -> Result<(), ProtoFailure> {
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

    fn handle_update(&self, context: &Context, update: UpdateInput) -> UpdateDelivery {
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

    #[expect(
        clippy::result_large_err,
        reason = "an answer is about to be sent anyway"
    )]
    fn answer(
        &self,
        context: &Context,
        name: &str,
        arguments: &[Payload],
    ) -> Result<Payload, ProtoFailure> {
        if let Some(answer) = built_in_queries::answer(context, name, || described::<W>(context)) {
            return Ok(answer);
        }
        if let Some(handler) = W::QUERIES.iter().find(|handler| handler.name == name) {
            let context = WorkflowContext::new(context.clone());
            return (handler.call)(&self.state, &context, arguments)
                .map_err(|error| query_failure(error).into());
        }
        if let Some(handler) = dynamic(context, |known| known.query(name)) {
            return (handler.call)(arguments).map_err(|error| query_failure(error).into());
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
        if let Some(known) = dynamic(context, |known| known.signal(&signal.name)) {
            let handled = (known.call)(signal.arguments);
            return SignalDelivery::Running {
                future: Box::pin(async move { handler_end(&workflow, handled.await) }),
                name: signal.name.into(),
                abandon_unfinished: known.about.abandon_unfinished.get(),
            };
        }
        let handler = W::DYNAMIC_SIGNAL.filter(|_| !signal.name.starts_with(ID_PREFIX));
        let Some(handler) = handler else {
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
            (registered.call.check)(&update.arguments)
                .map_err(|error| unreadable_arguments(name, &error))?;
            let validate = registered.about.validate.borrow().clone();
            let validated = validate.map_or(Ok(()), |validate| validate(&update.arguments));
            return validated.map_err(|error| update_failure(error).into());
        }
        let Some(handler) = W::DYNAMIC_UPDATE else {
            return Err(unknown_update::<W>(context, name));
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
            return match (registered.call.call)(&update.arguments) {
                Ok(handled) => UpdateDelivery::Running {
                    future: Box::pin(async move { update_end(handled.await) }),
                    abandon_unfinished: registered.about.abandon_unfinished.get(),
                },
                Err(error) => unreadable_update(name, &error),
            };
        }
        let Some(handler) = W::DYNAMIC_UPDATE else {
            // Accepted once, so the code has lost its handler since.
            let failure = unknown_update::<W>(context, name);
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
pub(super) fn dynamic<T>(
    context: &Context,
    ask: impl FnOnce(&DynamicHandlers) -> Option<T>,
) -> Option<T> {
    let extension = context.known_extension::<Extension>()?;
    ask(&extension.handlers)
}

fn described<W: WorkflowImplementation>(context: &Context) -> Described {
    let named = |(name, description): (&str, &str)| (name.to_owned(), description.to_owned());
    let own = Described {
        workflow_type: context.info().workflow_type().to_owned(),
        signals: W::SIGNALS
            .iter()
            .map(|row| named((row.name, row.description)))
            .collect(),
        queries: W::QUERIES
            .iter()
            .map(|row| named((row.name, row.description)))
            .collect(),
        updates: W::UPDATES
            .iter()
            .map(|row| named((row.name, row.description)))
            .collect(),
        any_signal: W::DYNAMIC_SIGNAL.map(|handler| handler.description),
        any_query: W::DYNAMIC_QUERY.map(|handler| handler.description),
        any_update: W::DYNAMIC_UPDATE.map(|handler| handler.description),
    };
    match context.known_extension::<Extension>() {
        Some(extension) => own.with_registered(&extension.handlers),
        None => own,
    }
}

#[cfg(test)]
#[path = "instance_tests.rs"]
mod tests;
