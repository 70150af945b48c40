//! Headers: what came with the run or a message, and goes with everything that the code calls.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll};

use durably_engine::Context;
use durably_protos::temporal::api::common::v1::Header;

use super::WorkflowContext;
use super::extension::Extension;
use super::interceptor::{Intercepted, InterceptedState};
use crate::payload::{FromPayload, HeaderKey, Headers, PayloadError};

/// The headers of the code that is being polled, where they are others than the run's.
#[derive(Debug, Default)]
pub(super) struct CurrentHeaders(RefCell<Option<Headers>>);

impl WorkflowContext {
    /// Reads a header: of the signal, query or update that is being handled, else of the run.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// use durably::payload::HeaderKey;
    ///
    /// const TENANT: HeaderKey<String> = HeaderKey::new("tenant");
    ///
    /// # #[activity(start_to_close_timeout = "10s")]
    /// # async fn bill(cents: u64) -> ActivityResult<()> { Ok(()) }
    /// #[workflow]
    /// async fn invoice(ctx: &WorkflowContext, cents: u64) -> WorkflowResult<()> {
    ///     let tenant = ctx.header(&TENANT)?.ok_or("no tenant")?;
    ///     tracing::info!(tenant, cents);
    ///     // The activity gets the header too.
    ///     ctx.activity(bill, cents).await?;
    ///     Ok(())
    /// }
    /// # mod tracing { macro_rules! info { ($($all:tt)*) => { let _ = ($($all)*); } } pub(crate) use info; }
    /// ```
    ///
    /// # Errors
    /// The header cannot be read as this type.
    ///
    /// # Determinism
    /// Taken from the event or the update that brought it; nothing is recorded by the call.
    pub fn header<T: FromPayload>(&self, key: &HeaderKey<T>) -> Result<Option<T>, PayloadError> {
        self.headers().get(key)
    }

    /// The headers that go with everything which this code calls: activities, local activities,
    /// children, signals to other workflows, Nexus operations, the run after a
    /// [`continue_as_new`](Self::continue_as_new).
    ///
    /// They are those that the run was started with. In a handler of a signal, a query or an update,
    /// the message's own headers are laid over them. A [spawned](Self::spawn) task has those of the
    /// code that spawned it. [`with_headers`](Self::with_headers) changes them.
    ///
    /// Nexus headers are text: strings and other JSON go along, as far as they are visible ASCII;
    /// other values stay behind. A header that a call sets itself wins.
    pub fn headers(&self) -> Headers {
        match self.changed_headers() {
            Some(headers) => headers,
            None => self.run_headers(),
        }
    }

    pub(super) fn run_headers(&self) -> Headers {
        run_headers(&self.engine)
    }

    /// Runs a future with other headers: what it calls carries these instead of those around it.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # use durably::payload::HeaderKey;
    /// # const DEPTH: HeaderKey<u32> = HeaderKey::new("depth");
    /// # #[activity(start_to_close_timeout = "10s")]
    /// # async fn visit(page: String) -> ActivityResult<()> { Ok(()) }
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// let deeper = ctx.headers().set(&DEPTH, ctx.header(&DEPTH)?.unwrap_or(0) + 1)?;
    /// ctx.with_headers(deeper, ctx.activity(visit, "index")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A call carries the headers of the moment in which it is made: hand over the call itself, or
    /// an `async` block.
    ///
    /// # Determinism
    /// Records nothing but the headers of what is called. They may change without a new version of
    /// the code: a replay does not compare them.
    pub fn with_headers<F: IntoFuture>(
        &self,
        headers: Headers,
        future: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        // A call is made when the future is first polled: with these headers.
        self.carrying(headers, async move { future.await })
    }

    pub(super) fn carrying<F: Future>(&self, headers: Headers, future: F) -> WithHeaders<F> {
        WithHeaders::new(&self.engine, headers, Box::pin(future))
    }

    /// The headers here, where they are others than the run's.
    pub(super) fn changed_headers(&self) -> Option<Headers> {
        let known = self.engine.known_extension::<Extension>()?;
        known.headers.0.borrow().clone()
    }

    /// The run's headers, where interceptors were asked about them.
    fn kept_headers(&self) -> Option<Headers> {
        let known = self.engine.known_extension::<Extension>()?;
        known.run_headers.get().cloned()
    }

    /// `header` of a command.
    pub(super) fn outgoing_header(&self) -> Option<Header> {
        match self.changed_headers().or_else(|| self.kept_headers()) {
            Some(headers) => headers.to_proto(),
            None => self.engine.info().header().cloned(),
        }
    }

    /// `nexus_header` of a command, beside what the call itself has set.
    pub(super) fn add_nexus_headers(&self, header: &mut BTreeMap<String, String>) {
        for (name, text) in self.headers().texts() {
            header.entry(name.to_lowercase()).or_insert(text);
        }
    }
}

/// The headers that the run was started with, as its interceptors left them.
fn run_headers(context: &Context) -> Headers {
    let kept = context.known_extension::<Extension>();
    match kept.as_ref().and_then(|kept| kept.run_headers.get()) {
        Some(headers) => headers.clone(),
        None => context.info().header().cloned().into(),
    }
}

/// The headers of a message's handler: its own over those of the run. None when it has none.
pub(super) fn message_headers(context: &Context, header: Option<&Header>) -> Option<Headers> {
    let message = header.filter(|header| !header.fields.is_empty())?;
    let message = Headers::from(message.clone());
    Some(run_headers(context).overlaid(&message))
}

/// Makes the headers of a message the current ones, for what is no future of its handler.
pub(super) fn carry(context: &Context, headers: Option<&Headers>) -> Option<Inside> {
    headers.map(|headers| Inside::enter(&context.extension(), headers))
}

/// Calls a message's handler, which has the message's headers from its call to its end.
pub(super) fn carried<T: 'static>(
    context: &Context,
    header: Option<&Header>,
    call: impl FnOnce() -> Intercepted<T>,
) -> Intercepted<T> {
    let Some(headers) = message_headers(context, header) else {
        return call();
    };
    let handled = {
        let _inside = carry(context, Some(&headers));
        call()
    };
    match handled.state {
        InterceptedState::Done(result) => Intercepted::done(result),
        InterceptedState::Running(future) => {
            Intercepted::boxed(Box::pin(WithHeaders::new(context, headers, future)))
        }
    }
}

/// A future with headers of its own.
pub(super) struct WithHeaders<F: ?Sized> {
    extension: Rc<Extension>,
    headers: Headers,
    future: Pin<Box<F>>,
}

impl<F: ?Sized> WithHeaders<F> {
    pub(super) fn new(context: &Context, headers: Headers, future: Pin<Box<F>>) -> Self {
        Self {
            extension: context.extension(),
            headers,
            future,
        }
    }
}

impl<F: Future + ?Sized> Future for WithHeaders<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let _inside = Inside::enter(&this.extension, &this.headers);
        this.future.as_mut().poll(cx)
    }
}

/// Makes headers the current ones until dropped, also when the poll panics.
pub(super) struct Inside {
    extension: Rc<Extension>,
    outer: Option<Headers>,
}

impl Inside {
    fn enter(extension: &Rc<Extension>, headers: &Headers) -> Self {
        Self {
            outer: extension.headers.0.replace(Some(headers.clone())),
            extension: extension.clone(),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.extension.headers.0.replace(self.outer.take());
    }
}
