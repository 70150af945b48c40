//! Calling an operation of another team's service, by Nexus.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use durably_engine::{NexusOperationFuture, NexusResolution};
use durably_protos::temporal::api::command::v1::ScheduleNexusOperationCommandAttributes;

use super::WorkflowContext;
use super::call::{fail_task, value};
use super::interceptor::{
    CallResult, Intercepted, InterceptedStart, ScheduleNexusOperation, SharedOperation,
};
use super::timer::summary_metadata;
use crate::failure::Failure;
use crate::payload::{FromPayload, Payload, PayloadError, ToPayload};
use crate::proto_time::proto_duration;

pub use durably_engine::NexusCancellationType;

impl WorkflowContext {
    /// Calls an operation that a Nexus endpoint offers: `endpoint` is its name in the cluster,
    /// `service` and `operation` are what its handlers call themselves.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// let rate: f64 = ctx
    ///     .nexus_operation("treasury", "rates", "exchange-rate", &"EUR/USD")
    ///     .schedule_to_close_timeout(Duration::from_secs(30))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure::NexusOperation`], whose cause says what happened.
    ///
    /// # Determinism
    /// Records `NexusOperationScheduled` with the input, and later how it ended.
    #[track_caller]
    pub fn nexus_operation<T>(
        &self,
        endpoint: impl Into<String>,
        service: impl Into<String>,
        operation: impl Into<String>,
        input: &impl ToPayload,
    ) -> NexusCall<T> {
        NexusCall {
            context: self.clone(),
            input: input.to_payload(),
            call: ScheduleNexusOperation {
                endpoint: endpoint.into(),
                service: service.into(),
                operation: operation.into(),
                // Put in when the call is made.
                input: Payload::default(),
                headers: BTreeMap::new(),
                schedule_to_close_timeout: None,
                schedule_to_start_timeout: None,
                start_to_close_timeout: None,
                cancellation_type: NexusCancellationType::default(),
                summary: None,
            },
            place: Location::caller(),
            output: PhantomData,
        }
    }
}

/// A call of a Nexus operation that is not made yet.
#[must_use = "an operation is scheduled when the call is awaited or started"]
pub struct NexusCall<T> {
    context: WorkflowContext,
    input: Result<Payload, PayloadError>,
    call: ScheduleNexusOperation,
    place: &'static Location<'static>,
    output: PhantomData<fn() -> T>,
}

impl<T> NexusCall<T> {
    /// How long the operation may take in all.
    pub fn schedule_to_close_timeout(mut self, timeout: Duration) -> Self {
        self.call.schedule_to_close_timeout = Some(timeout);
        self
    }

    /// How long it may take until it has started.
    pub fn schedule_to_start_timeout(mut self, timeout: Duration) -> Self {
        self.call.schedule_to_start_timeout = Some(timeout);
        self
    }

    /// How long it may take once it has started.
    pub fn start_to_close_timeout(mut self, timeout: Duration) -> Self {
        self.call.start_to_close_timeout = Some(timeout);
        self
    }

    /// Adds a header for the handler; keys are lower-case on the wire.
    pub fn header(mut self, key: impl AsRef<str>, value: impl Into<String>) -> Self {
        let headers = &mut self.call.headers;
        headers.insert(key.as_ref().to_lowercase(), value.into());
        self
    }

    /// What canceling means for the code that waits.
    pub fn cancellation_type(mut self, cancellation_type: NexusCancellationType) -> Self {
        self.call.cancellation_type = cancellation_type;
        self
    }

    /// A line that the web UI shows beside the operation.
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.call.summary = Some(summary.into());
        self
    }

    /// Schedules the operation, and waits until it has started: gives a handle to await or cancel it.
    ///
    /// # Errors
    /// The operation failed before it had started.
    pub async fn start(self) -> Result<NexusHandle<T>, Failure> {
        let mut inner = self.begin();
        let token = inner.started().await?;
        Ok(NexusHandle {
            inner,
            token,
            output: PhantomData,
        })
    }

    /// Schedules the operation, through the run's interceptors.
    fn begin(self) -> Inner {
        let (context, place) = (self.context, self.place);
        let operation = SharedOperation::new(None);
        let mut inner = Inner {
            context: context.clone(),
            operation: operation.clone(),
            intercepted: None,
            place,
        };
        let mut call = self.call;
        call.input = match self.input {
            Ok(input) => input,
            Err(error) => {
                let what = "the input of a Nexus operation cannot be encoded";
                fail_task(&context, what, &error, Some(place));
                return inner;
            }
        };
        context.add_nexus_headers(&mut call.headers);
        let Some(interceptors) = context.interceptors() else {
            operation.set(Some(schedule(&context, call, place)));
            return inner;
        };
        let within = context.clone();
        let last = move |call: ScheduleNexusOperation| {
            operation.set(Some(schedule(&within, call, place)));
            let (starting, ended) = (operation.clone(), operation.clone().ended());
            let token = async move { Ok(nexus_started(&starting).await?.map(|id| id.to_string())) };
            InterceptedStart {
                started: Intercepted::running(token),
                result: Intercepted::running(async move { nexus_result(ended.await) }),
            }
        };
        inner.intercepted = Some(interceptors.run(&context, call, last));
        inner
    }
}

fn schedule(
    context: &WorkflowContext,
    call: ScheduleNexusOperation,
    place: &'static Location<'static>,
) -> NexusOperationFuture {
    let attributes = ScheduleNexusOperationCommandAttributes {
        endpoint: call.endpoint,
        service: call.service,
        operation: call.operation,
        input: Some(call.input),
        schedule_to_close_timeout: call.schedule_to_close_timeout.map(proto_duration),
        nexus_header: call.headers,
        schedule_to_start_timeout: call.schedule_to_start_timeout.map(proto_duration),
        start_to_close_timeout: call.start_to_close_timeout.map(proto_duration),
    };
    let metadata = call.summary.as_deref().and_then(summary_metadata);
    let kind = call.cancellation_type;
    let engine = &context.engine;
    engine.schedule_nexus_operation(attributes, metadata, kind, place)
}

/// A Nexus operation, and what is known of it.
struct Inner {
    context: WorkflowContext,
    /// None when it could not even be asked for: the workflow task fails then.
    operation: SharedOperation<NexusOperationFuture>,
    /// What interceptors make of its start and its end.
    intercepted: Option<InterceptedStart<Option<String>>>,
    place: &'static Location<'static>,
}

impl Inner {
    /// Waits for its start, which gives its token.
    async fn started(&mut self) -> Result<Option<Rc<str>>, Failure> {
        match &mut self.intercepted {
            Some(intercepted) => Ok((&mut intercepted.started).await?.map(Rc::from)),
            None => nexus_started(&self.operation).await,
        }
    }

    async fn ended(&mut self) -> CallResult {
        match &mut self.intercepted {
            Some(intercepted) => (&mut intercepted.result).await,
            None => nexus_result(self.operation.clone().ended().await),
        }
    }
}

async fn nexus_started(
    operation: &SharedOperation<NexusOperationFuture>,
) -> Result<Option<Rc<str>>, Failure> {
    let started = poll_fn(|cx| {
        let polled = operation.with(|operation| operation.poll_started(cx));
        polled.unwrap_or(Poll::Pending)
    });
    started.await.map_err(|failure| Failure::from(*failure))
}

fn nexus_result(resolution: NexusResolution) -> CallResult {
    match resolution {
        NexusResolution::Completed(result) => Ok(result),
        NexusResolution::Failed(failure) => Err(Failure::from(*failure)),
    }
}

async fn start_and_result<T: FromPayload>(mut inner: Inner) -> Result<T, Failure> {
    if inner.intercepted.is_some() {
        inner.started().await?;
    }
    result_of(inner).await
}

async fn result_of<T: FromPayload>(mut inner: Inner) -> Result<T, Failure> {
    let result = inner.ended().await;
    value(
        &inner.context,
        result,
        "a Nexus operation's result",
        inner.place,
    )
    .await
}

impl<T: FromPayload + 'static> IntoFuture for NexusCall<T> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(start_and_result(self.begin()))
    }
}

/// A Nexus operation that has started. Dropping the handle cancels it, unless its result was taken
/// or it was [detached](Self::detach).
#[must_use = "an operation whose handle is dropped is canceled"]
pub struct NexusHandle<T> {
    inner: Inner,
    token: Option<Rc<str>>,
    output: PhantomData<fn() -> T>,
}

impl<T> NexusHandle<T> {
    /// What the handler calls the operation; none for one that was done at once.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Waits for the operation's end and gives its result.
    ///
    /// # Errors
    /// As for [`WorkflowContext::nexus_operation`].
    pub async fn result(self) -> Result<T, Failure>
    where
        T: FromPayload,
    {
        result_of(self.inner).await
    }

    /// Cancels the operation, as its cancellation type says; whoever awaits it learns of it.
    pub fn cancel(&self) {
        self.inner.operation.with(|operation| operation.cancel());
    }

    /// Lets the operation run on without anyone waiting for it.
    pub fn detach(self) {
        if let Some(operation) = self.inner.operation.take() {
            operation.detach();
        }
    }
}

impl<T> fmt::Debug for NexusCall<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NexusCall")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for NexusHandle<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NexusHandle")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
