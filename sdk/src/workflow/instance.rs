//! The message-taking side of one run of a typed workflow.

use std::marker::PhantomData;
use std::rc::Rc;

use durably_engine::{
    Context, Instance, Query, SignalDelivery, SignalInput, UpdateDelivery, UpdateEnd, UpdateInput,
};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::built_in_queries::{self, Described};
use super::dynamic_handlers::DynamicHandlers;
use super::extension::Extension;
use super::handler_ends::{
    handler_end, query_failure, unknown_query, unknown_update, update_end, update_failure,
};
use super::headers::{carry, message_headers};
use super::interceptor::{HandleQuery, InterceptedState};
use super::signal_route::SignalRoute;
use super::update_route::UpdateRoute;
use crate::definition::WorkflowImplementation;
use crate::failure::WorkflowResult;
use crate::payload::{Headers, Payload};

pub(super) struct TypedInstance<W: WorkflowImplementation> {
    state: Rc<W::State>,
    workflow: PhantomData<W>,
}

impl<W: WorkflowImplementation> TypedInstance<W> {
    pub(super) fn boxed(state: Rc<W::State>) -> Box<dyn Instance> {
        let workflow = PhantomData;
        Box::new(Self { state, workflow })
    }
}

impl<W: WorkflowImplementation> Instance for TypedInstance<W> {
    fn signal(&self, context: &Context, signal: SignalInput) -> SignalDelivery {
        let Some(route) = SignalRoute::<W>::of(context, &signal.name) else {
            return SignalDelivery::Unknown(signal);
        };
        let context = WorkflowContext::new(context.clone());
        let (name, abandon_unfinished) = (route.name(&signal), route.abandon_unfinished());
        match route.deliver(&self.state, &context, signal).state {
            InterceptedState::Done(result) => SignalDelivery::Done(handler_end(&context, result)),
            InterceptedState::Running(future) => SignalDelivery::Running {
                future: Box::pin(async move { handler_end(&context, future.await) }),
                name,
                abandon_unfinished,
            },
        }
    }

    fn takes_messages(&self) -> bool {
        !W::SIGNALS.is_empty()
            || !W::UPDATES.is_empty()
            || W::DYNAMIC_SIGNAL.is_some()
            || W::DYNAMIC_UPDATE.is_some()
    }

    fn knows_update(&self, context: &Context, name: &str) -> bool {
        UpdateRoute::<W>::of(context, name).is_some()
    }

    fn validate_update(&self, context: &Context, update: &UpdateInput) -> Result<(), ProtoFailure> {
        let name = &update.identity.name;
        let route = UpdateRoute::<W>::of(context, name)
            .ok_or_else(|| unknown_update::<W>(context, name))?;
        let context = WorkflowContext::new(context.clone());
        let validated = route.validate(&self.state, &context, update);
        validated.map_err(|error| update_failure(error).into())
    }

    fn update(&self, context: &Context, update: UpdateInput) -> UpdateDelivery {
        let Some(route) = UpdateRoute::<W>::of(context, &update.identity.name) else {
            // Accepted once, so the code has lost its handler since.
            let failure = unknown_update::<W>(context, &update.identity.name);
            return UpdateDelivery::Done(UpdateEnd::TaskFailed(Box::new(failure)));
        };
        let context = WorkflowContext::new(context.clone());
        let abandon_unfinished = route.abandon_unfinished();
        match route.deliver(&self.state, &context, update).state {
            InterceptedState::Done(result) => UpdateDelivery::Done(update_end(result)),
            InterceptedState::Running(future) => UpdateDelivery::Running {
                future: Box::pin(async move { update_end(future.await) }),
                abandon_unfinished,
            },
        }
    }

    fn query(&self, context: &Context, query: &Query) -> Result<Payload, ProtoFailure> {
        let describe = || described::<W>(context);
        if let Some(answer) = built_in_queries::answer(context, &query.name, describe) {
            return Ok(answer);
        }
        let context = WorkflowContext::new(context.clone());
        let Some(interceptors) = context.interceptors() else {
            let headers = message_headers(&context.engine, query.header.as_ref());
            return answer::<W>(
                &self.state,
                &context,
                headers,
                &query.name,
                &query.arguments,
            )
            .map_err(|error| query_failure(error).into());
        };
        let (state, within) = (self.state.clone(), context.clone());
        let last = move |query: HandleQuery| {
            let headers = message_headers(&within.engine, query.headers.to_proto().as_ref());
            answer::<W>(&state, &within, headers, query.name(), &query.arguments)
        };
        let answered = interceptors.run(&context, HandleQuery::from(query), last);
        answered.map_err(|error| query_failure(error).into())
    }
}

fn answer<W: WorkflowImplementation>(
    state: &Rc<W::State>,
    context: &WorkflowContext,
    headers: Option<Headers>,
    name: &str,
    arguments: &[Payload],
) -> WorkflowResult<Payload> {
    let _inside = carry(&context.engine, headers.as_ref());
    if let Some(handler) = W::QUERIES.iter().find(|handler| handler.name == name) {
        return (handler.call)(state, context, arguments);
    }
    if let Some(handler) = dynamic(&context.engine, |known| known.query(name)) {
        return (handler.call)(arguments);
    }
    let Some(handler) = W::DYNAMIC_QUERY else {
        return Err(unknown_query::<W>(&context.engine, name).into());
    };
    (handler.call)(state, context, name.to_owned(), arguments.to_vec())
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
