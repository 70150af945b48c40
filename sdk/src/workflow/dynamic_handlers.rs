//! Handlers that a workflow registers while it runs.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;

use durably_engine::{Context, HandlerIdentity, SignalInput, TaskFuture, refuse_write};

use super::WorkflowContext;
use super::extension::Extension;
use super::handler_ends::handler_end;
use super::headers::{carry, message_headers};
use super::interceptor::{HandleSignal, Intercepted};
use super::registration::{About, QueryRegistration, SignalRegistration, UpdateRegistration};
use crate::failure::{WorkflowError, WorkflowResult};
use crate::payload::{Parameters, Payload, PayloadError, ToPayload, result_payload};

type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;
pub(super) type SignalFn = Rc<dyn Fn(Vec<Payload>) -> LocalFuture<WorkflowResult<()>>>;
type QueryFn = Rc<dyn Fn(&[Payload]) -> WorkflowResult<Payload>>;
type UpdateFuture = LocalFuture<WorkflowResult<Option<Payload>>>;
type UpdateFn = Rc<dyn Fn(&[Payload]) -> Result<UpdateFuture, PayloadError>>;

/// A handler, and what is said of it.
#[derive(Clone)]
pub(super) struct Registered<F> {
    /// Decodes the payloads and calls the handler.
    pub(super) call: F,
    pub(super) about: Rc<About>,
}

/// A handler of updates.
#[derive(Clone)]
pub(super) struct UpdateHandler {
    /// Decodes the payloads, and nothing else.
    pub(super) check: fn(&[Payload]) -> Result<(), PayloadError>,
    /// Decodes the payloads and calls the handler. After an error it was not called.
    pub(super) call: UpdateFn,
}

type ByName<F> = RefCell<BTreeMap<String, Registered<F>>>;

/// The handlers that were registered, by name.
#[derive(Default)]
pub(super) struct DynamicHandlers {
    signals: ByName<SignalFn>,
    queries: ByName<QueryFn>,
    updates: ByName<UpdateHandler>,
}

/// Keeps the arguments of a run whose workflow reads them itself.
pub(super) fn keep_arguments(context: &Context, arguments: &[Payload]) {
    let kept = context.extension::<Extension>();
    // Once for each run: code is started once.
    let _ = kept.arguments.set(arguments.to_vec());
}

impl DynamicHandlers {
    pub(super) fn signal(&self, name: &str) -> Option<Registered<SignalFn>> {
        self.signals.borrow().get(name).cloned()
    }

    pub(super) fn query(&self, name: &str) -> Option<Registered<QueryFn>> {
        self.queries.borrow().get(name).cloned()
    }

    pub(super) fn update(&self, name: &str) -> Option<Registered<UpdateHandler>> {
        self.updates.borrow().get(name).cloned()
    }

    /// Names and descriptions.
    pub(super) fn described_signals(&self) -> Vec<(String, String)> {
        described(&self.signals)
    }

    /// Likewise.
    pub(super) fn described_queries(&self) -> Vec<(String, String)> {
        described(&self.queries)
    }

    /// Likewise.
    pub(super) fn described_updates(&self) -> Vec<(String, String)> {
        described(&self.updates)
    }
}

fn described<F>(handlers: &ByName<F>) -> Vec<(String, String)> {
    let handlers = handlers.borrow();
    let described = handlers.iter().map(|(name, handler)| {
        let description = handler.about.description.borrow().clone();
        (name.clone(), description)
    });
    described.collect()
}

/// Registers a handler under its name, and says more of it by what is given back.
fn register<F>(handlers: &ByName<F>, name: String, call: F) -> Rc<About> {
    let about = Rc::<About>::default();
    let registered = Registered {
        call,
        about: about.clone(),
    };
    // Not dropped while the table is borrowed: a handler may hold anything of the user's.
    let replaced = handlers.borrow_mut().insert(name, registered);
    drop(replaced);
    about
}

impl fmt::Debug for DynamicHandlers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DynamicHandlers")
    }
}

impl WorkflowContext {
    /// The arguments of a workflow that runs under any name
    /// ([`WorkerBuilder::dynamic_workflow`](crate::worker::WorkerBuilder::dynamic_workflow)). Its
    /// name is [`ctx.info().workflow_type()`](Self::info). None for other workflows, which have
    /// them as parameters.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// #[workflow]
    /// async fn anything(ctx: &WorkflowContext) -> WorkflowResult<String> {
    ///     let (name, count): (String, u32) = ctx.arguments()?;
    ///     Ok(format!("{} of {count} for {name}", ctx.info().workflow_type()))
    /// }
    /// ```
    ///
    /// # Errors
    /// They cannot be read as these types.
    pub fn arguments<P: Parameters>(&self) -> Result<P, PayloadError> {
        let kept = self.engine.known_extension::<Extension>();
        let arguments = kept.as_ref().and_then(|kept| kept.arguments.get());
        P::from_payloads(arguments.map_or(&[], Vec::as_slice))
    }

    /// Handles signals of a name from now on; those that came before and have no handler are
    /// handled at once, in their order. Replaces an earlier handler of the name.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # use std::rc::Rc;
    /// #[workflow]
    /// async fn sum(ctx: &WorkflowContext, until: u64) -> WorkflowResult<u64> {
    ///     let total = Rc::new(State::new(0_u64));
    ///     let added = total.clone();
    ///     ctx.on_signal("add", move |(number,): (u64,)| {
    ///         added.update(|total| *total += number);
    ///         async { Ok(()) }
    ///     });
    ///     ctx.wait_until(|| total.get() >= until).await?;
    ///     Ok(total.get())
    /// }
    /// ```
    pub fn on_signal<P, F, R>(
        &self,
        name: impl Into<Cow<'static, str>>,
        handler: F,
    ) -> SignalRegistration
    where
        P: Parameters,
        F: Fn(P) -> R + 'static,
        R: Future<Output = WorkflowResult<()>> + 'static,
    {
        let name = name.into().into_owned();
        if refuse_write(|| format!("registering a handler of signal \"{name}\"")).is_err() {
            return SignalRegistration(Rc::default());
        }
        let (workflow, signal) = (self.info().workflow_type().to_owned(), name.clone());
        let call: SignalFn = Rc::new(move |arguments| match P::from_payloads(&arguments) {
            Ok(parameters) => Box::pin(handler(parameters)),
            Err(error) => {
                // A sender's mistake must not stop the workflow (protocol 4.13).
                tracing::error!(workflow_type = workflow, signal, %error, "signal dropped: its arguments cannot be read");
                Box::pin(async { Ok(()) })
            }
        });
        let extension = self.engine.extension::<Extension>();
        let signals = &extension.handlers.signals;
        let about = register(signals, name.clone(), call.clone());
        while let Some(signal) = self.engine.take_signal(&name) {
            let task = self.handle_kept(signal, call.clone());
            let handler = HandlerIdentity {
                name: name.clone().into(),
                update_id: None,
                abandon_unfinished: false,
            };
            self.engine.spawn_handler(handler, task);
        }
        SignalRegistration(about)
    }

    /// Gives a signal that was kept to the handler that was just registered.
    fn handle_kept(&self, signal: SignalInput, call: SignalFn) -> TaskFuture {
        let context = self.clone();
        let handle = move |mut signal: SignalInput| {
            // Without headers of its own it has the run's, whatever those of this code are.
            let headers = message_headers(&context.engine, signal.header.take().as_ref());
            let headers = headers.unwrap_or_else(|| context.run_headers());
            let handled = {
                let _inside = carry(&context.engine, Some(&headers));
                call(signal.arguments)
            };
            Intercepted::boxed(Box::pin(context.carrying(headers, handled)))
        };
        let handled = match self.interceptors() {
            None => handle(signal),
            Some(interceptors) => {
                let signal = HandleSignal::from(signal);
                interceptors.run(self, signal, move |signal| handle(signal.into()))
            }
        };
        let context = self.clone();
        Box::pin(async move { handler_end(&context, handled.await) })
    }

    /// Answers queries of a name from now on.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// ctx.on_query("doubled", |(number,): (u64,)| Ok(number * 2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_query<P, F, T>(
        &self,
        name: impl Into<Cow<'static, str>>,
        handler: F,
    ) -> QueryRegistration
    where
        P: Parameters,
        F: Fn(P) -> WorkflowResult<T> + 'static,
        T: ToPayload,
    {
        let name = name.into().into_owned();
        if refuse_write(|| format!("registering a handler of query \"{name}\"")).is_err() {
            return QueryRegistration(Rc::default());
        }
        let call: QueryFn = Rc::new(move |arguments| {
            let parameters = P::from_payloads(arguments).map_err(WorkflowError::Payload)?;
            handler(parameters)?
                .to_payload()
                .map_err(WorkflowError::Payload)
        });
        let extension = self.engine.extension::<Extension>();
        QueryRegistration(register(&extension.handlers.queries, name, call))
    }

    /// Accepts updates of a name from now on. An update that comes with the task in which its
    /// handler is registered finds it. One whose arguments cannot be read is refused, and leaves
    /// no trace in the history; so is one that the
    /// [validator](UpdateRegistration::validator) refuses.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// ctx.on_update("double", |(number,): (u64,)| async move { Ok(number * 2) });
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_update<P, F, R, T>(
        &self,
        name: impl Into<Cow<'static, str>>,
        handler: F,
    ) -> UpdateRegistration<P>
    where
        P: Parameters,
        F: Fn(P) -> R + 'static,
        R: Future<Output = WorkflowResult<T>> + 'static,
        T: ToPayload + 'static,
    {
        let name = name.into().into_owned();
        if refuse_write(|| format!("registering a handler of update \"{name}\"")).is_err() {
            return UpdateRegistration {
                about: Rc::default(),
                parameters: PhantomData,
            };
        }
        let call = move |arguments: &[Payload]| {
            let handled = handler(P::from_payloads(arguments)?);
            let future: UpdateFuture = Box::pin(async move {
                let output = handled.await?;
                result_payload(&output).map_err(WorkflowError::Payload)
            });
            Ok(future)
        };
        let update = UpdateHandler {
            check: |arguments| P::from_payloads(arguments).map(drop),
            call: Rc::new(call),
        };
        let extension = self.engine.extension::<Extension>();
        UpdateRegistration {
            about: register(&extension.handlers.updates, name, update),
            parameters: PhantomData,
        }
    }
}
