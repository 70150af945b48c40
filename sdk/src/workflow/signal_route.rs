//! Which handler takes a signal, and calling it.

use std::borrow::Cow;
use std::rc::Rc;

use durably_engine::{Context, SignalInput};

use super::WorkflowContext;
use super::dynamic_handlers::{Registered, SignalFn};
use super::headers::carried;
use super::instance::dynamic;
use super::interceptor::{HandleSignal, Intercepted};
use crate::definition::{SignalExecution, SignalHandler, WorkflowImplementation};
use crate::failure::WorkflowResult;
use crate::payload::PayloadError;
use crate::session::ID_PREFIX;

/// The handler of a signal: those registered while the run goes on come after those in the table, then
/// the handler of all that is left.
pub(super) enum SignalRoute<W: WorkflowImplementation> {
    Table(&'static SignalHandler<W::State>),
    Registered(Registered<SignalFn>),
    Dynamic,
}

impl<W: WorkflowImplementation> SignalRoute<W> {
    pub(super) fn of(context: &Context, name: &str) -> Option<Self> {
        if let Some(handler) = W::SIGNALS.iter().find(|handler| handler.name == name) {
            return Some(Self::Table(handler));
        }
        if let Some(registered) = dynamic(context, |known| known.signal(name)) {
            return Some(Self::Registered(registered));
        }
        let takes_all = W::DYNAMIC_SIGNAL.is_some() && !name.starts_with(ID_PREFIX);
        takes_all.then_some(Self::Dynamic)
    }

    /// What its task is called.
    pub(super) fn name(&self, signal: &SignalInput) -> Cow<'static, str> {
        match self {
            Self::Table(handler) => handler.name.into(),
            Self::Registered(_) | Self::Dynamic => signal.name.clone().into(),
        }
    }

    /// Whether the end of the run may cut the handler off without a warning.
    pub(super) fn abandon_unfinished(&self) -> bool {
        match self {
            Self::Table(handler) => handler.abandon_unfinished,
            Self::Registered(registered) => registered.about.abandon_unfinished.get(),
            Self::Dynamic => W::DYNAMIC_SIGNAL.is_some_and(|handler| handler.abandon_unfinished),
        }
    }

    /// Gives the signal to the handler, through the run's interceptors.
    pub(super) fn deliver(
        self,
        state: &Rc<W::State>,
        context: &WorkflowContext,
        signal: SignalInput,
    ) -> Intercepted<WorkflowResult<()>> {
        let Some(interceptors) = context.interceptors() else {
            return self.call(state, context, signal);
        };
        let (state, within) = (state.clone(), context.clone());
        let last = move |signal: HandleSignal| self.call(&state, &within, signal.into());
        interceptors.run(context, HandleSignal::from(signal), last)
    }

    fn call(
        &self,
        state: &Rc<W::State>,
        context: &WorkflowContext,
        mut signal: SignalInput,
    ) -> Intercepted<WorkflowResult<()>> {
        let header = signal.header.take();
        carried(&context.engine, header.as_ref(), || match self {
            Self::Table(handler) => {
                match (handler.call)(state.clone(), context.clone(), &signal.arguments) {
                    Ok(execution) => handled(execution),
                    Err(error) => {
                        report_dropped(context, &signal, &error);
                        Intercepted::done(Ok(()))
                    }
                }
            }
            Self::Registered(registered) => Intercepted::boxed((registered.call)(signal.arguments)),
            Self::Dynamic => match W::DYNAMIC_SIGNAL {
                Some(handler) => handled((handler.call)(
                    state.clone(),
                    context.clone(),
                    signal.name,
                    signal.arguments,
                )),
                None => Intercepted::done(Ok(())),
            },
        })
    }
}

fn handled(execution: SignalExecution) -> Intercepted<WorkflowResult<()>> {
    match execution {
        SignalExecution::Done(result) => Intercepted::done(result),
        SignalExecution::Running(future) => Intercepted::boxed(future),
    }
}

/// A sender's mistake must not stop the workflow (protocol 4.13).
fn report_dropped(context: &WorkflowContext, signal: &SignalInput, error: &PayloadError) {
    if !context.is_replaying() {
        tracing::error!(
            workflow_type = context.engine.info().workflow_type(),
            signal = signal.name,
            sender = signal.identity,
            %error,
            "signal dropped: its arguments cannot be read"
        );
    }
}
