//! Which handler takes an update, looking at the update before it is accepted, and calling the handler.

use std::rc::Rc;

use durably_engine::{Context, UpdateInput};

use super::WorkflowContext;
use super::dynamic_handlers::{Registered, UpdateHandler as RegisteredUpdate};
use super::handler_ends::unreadable_arguments;
use super::headers::{carried, carry, message_headers};
use super::instance::dynamic;
use super::interceptor::{HandleUpdate, Intercepted, ValidateUpdate};
use crate::definition::{UpdateExecution, UpdateHandler, WorkflowImplementation};
use crate::failure::WorkflowResult;
use crate::payload::Payload;

/// The handler of an update: those registered while the run goes on come after those in the table, then
/// the handler of all that is left.
pub(super) enum UpdateRoute<W: WorkflowImplementation> {
    Table(&'static UpdateHandler<W::State>),
    Registered(Registered<RegisteredUpdate>),
    Dynamic,
}

impl<W: WorkflowImplementation> UpdateRoute<W> {
    pub(super) fn of(context: &Context, name: &str) -> Option<Self> {
        if let Some(handler) = W::UPDATES.iter().find(|handler| handler.name == name) {
            return Some(Self::Table(handler));
        }
        if let Some(registered) = dynamic(context, |known| known.update(name)) {
            return Some(Self::Registered(registered));
        }
        W::DYNAMIC_UPDATE.is_some().then_some(Self::Dynamic)
    }

    /// Whether the end of the run may cut the handler off without a warning.
    pub(super) fn abandon_unfinished(&self) -> bool {
        match self {
            Self::Table(handler) => handler.abandon_unfinished,
            Self::Registered(registered) => registered.about.abandon_unfinished.get(),
            Self::Dynamic => W::DYNAMIC_UPDATE.is_some_and(|handler| handler.abandon_unfinished),
        }
    }

    /// Looks at an update, through the run's interceptors.
    pub(super) fn validate(
        self,
        state: &Rc<W::State>,
        context: &WorkflowContext,
        update: &UpdateInput,
    ) -> WorkflowResult<()> {
        let Some(interceptors) = context.interceptors() else {
            return self.check(state, context, update);
        };
        let (state, within) = (state.clone(), context.clone());
        let last = move |update: ValidateUpdate| self.check(&state, &within, &update.into());
        interceptors.run(context, ValidateUpdate::from(update.clone()), last)
    }

    fn check(
        &self,
        state: &Rc<W::State>,
        context: &WorkflowContext,
        update: &UpdateInput,
    ) -> WorkflowResult<()> {
        let headers = message_headers(&context.engine, update.header.as_ref());
        let _inside = carry(&context.engine, headers.as_ref());
        let (name, arguments) = (&update.identity.name, &update.arguments);
        // Refused also without a validator: nothing of it is to be recorded (protocol 4.12).
        let unreadable = |error| unreadable_arguments(name, &error);
        match self {
            Self::Table(handler) => {
                (handler.check)(arguments).map_err(unreadable)?;
                let validate = handler.validate;
                validate.map_or(Ok(()), |validate| validate(state, context, arguments))
            }
            Self::Registered(registered) => {
                (registered.call.check)(arguments).map_err(unreadable)?;
                let validate = registered.about.validate.borrow().clone();
                validate.map_or(Ok(()), |validate| validate(arguments))
            }
            Self::Dynamic => {
                let validate = W::DYNAMIC_UPDATE.and_then(|handler| handler.validate);
                validate.map_or(Ok(()), |validate| validate(state, context, name, arguments))
            }
        }
    }

    /// Gives the update to the handler, through the run's interceptors.
    pub(super) fn deliver(
        self,
        state: &Rc<W::State>,
        context: &WorkflowContext,
        update: UpdateInput,
    ) -> Intercepted<WorkflowResult<Option<Payload>>> {
        let Some(interceptors) = context.interceptors() else {
            return self.call(state, context, update);
        };
        let (state, within) = (state.clone(), context.clone());
        let last = move |update: HandleUpdate| self.call(&state, &within, update.into());
        interceptors.run(context, HandleUpdate::from(update), last)
    }

    fn call(
        &self,
        state: &Rc<W::State>,
        context: &WorkflowContext,
        mut update: UpdateInput,
    ) -> Intercepted<WorkflowResult<Option<Payload>>> {
        let header = update.header.take();
        let (name, arguments) = (&update.identity.name, update.arguments);
        // Accepted once, when the handler still took such arguments.
        let unreadable = |error| Intercepted::done(Err(unreadable_arguments(name, &error).into()));
        carried(&context.engine, header.as_ref(), || match self {
            Self::Table(handler) => {
                let called = (handler.call)(state.clone(), context.clone(), &arguments);
                called.map_or_else(unreadable, handled)
            }
            Self::Registered(registered) => {
                let called = (registered.call.call)(&arguments);
                called.map_or_else(unreadable, Intercepted::boxed)
            }
            Self::Dynamic => match W::DYNAMIC_UPDATE {
                Some(handler) => handled((handler.call)(
                    state.clone(),
                    context.clone(),
                    name.clone(),
                    arguments,
                )),
                None => Intercepted::done(Ok(None)),
            },
        })
    }
}

fn handled(execution: UpdateExecution) -> Intercepted<WorkflowResult<Option<Payload>>> {
    match execution {
        UpdateExecution::Done(result) => Intercepted::done(result),
        UpdateExecution::Running(future) => Intercepted::boxed(future),
    }
}
