//! Calling an operation of another team's service, by Nexus.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use durably_engine::{NexusOperationFuture, NexusResolution};
use durably_protos::temporal::api::command::v1::ScheduleNexusOperationCommandAttributes;

use super::WorkflowContext;
use super::activity_future::fail_task;
use super::timer::summary_metadata;
use crate::failure::Failure;
use crate::payload::{FromPayload, Payload, PayloadError, ToPayload, value_from_result};
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
            attributes: ScheduleNexusOperationCommandAttributes {
                endpoint: endpoint.into(),
                service: service.into(),
                operation: operation.into(),
                ..Default::default()
            },
            cancellation_type: NexusCancellationType::default(),
            summary: None,
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
    attributes: ScheduleNexusOperationCommandAttributes,
    cancellation_type: NexusCancellationType,
    summary: Option<String>,
    place: &'static Location<'static>,
    output: PhantomData<fn() -> T>,
}

impl<T> NexusCall<T> {
    /// How long the operation may take in all.
    pub fn schedule_to_close_timeout(mut self, timeout: Duration) -> Self {
        self.attributes.schedule_to_close_timeout = Some(proto_duration(timeout));
        self
    }

    /// How long it may take until it has started.
    pub fn schedule_to_start_timeout(mut self, timeout: Duration) -> Self {
        self.attributes.schedule_to_start_timeout = Some(proto_duration(timeout));
        self
    }

    /// How long it may take once it has started.
    pub fn start_to_close_timeout(mut self, timeout: Duration) -> Self {
        self.attributes.start_to_close_timeout = Some(proto_duration(timeout));
        self
    }

    /// Adds a header for the handler; keys are lower-case on the wire.
    pub fn header(mut self, key: impl AsRef<str>, value: impl Into<String>) -> Self {
        let headers: &mut BTreeMap<String, String> = &mut self.attributes.nexus_header;
        headers.insert(key.as_ref().to_lowercase(), value.into());
        self
    }

    /// What canceling means for the code that waits.
    pub fn cancellation_type(mut self, cancellation_type: NexusCancellationType) -> Self {
        self.cancellation_type = cancellation_type;
        self
    }

    /// A line that the web UI shows beside the operation.
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// Schedules the operation, and waits until it has started: gives a handle to await or cancel it.
    ///
    /// # Errors
    /// The operation failed before it had started.
    pub async fn start(self) -> Result<NexusHandle<T>, Failure> {
        let inner = self.begin();
        let token = poll_fn(|cx| match &mut *inner.operation.borrow_mut() {
            Some(operation) => operation.poll_started(cx),
            None => Poll::Pending,
        })
        .await
        .map_err(|failure| Failure::from(*failure))?;
        Ok(NexusHandle {
            inner,
            token,
            output: PhantomData,
        })
    }

    fn begin(self) -> Inner {
        let Self {
            context,
            input,
            mut attributes,
            ..
        } = self;
        let operation = match input {
            Ok(input) => {
                attributes.input = Some(input);
                context.add_nexus_headers(&mut attributes.nexus_header);
                let metadata = self.summary.as_deref().and_then(summary_metadata);
                let kind = self.cancellation_type;
                let engine = &context.engine;
                Some(engine.schedule_nexus_operation(attributes, metadata, kind, self.place))
            }
            Err(error) => {
                let what = "the input of a Nexus operation cannot be encoded";
                fail_task(&context, what, &error, Some(self.place));
                None
            }
        };
        Inner {
            context,
            operation: RefCell::new(operation),
            place: self.place,
        }
    }
}

/// A Nexus operation and its context, shared by those who wait for it.
struct Inner {
    context: WorkflowContext,
    /// None when it could not even be asked for: the workflow task fails then.
    operation: RefCell<Option<NexusOperationFuture>>,
    place: &'static Location<'static>,
}

impl Inner {
    fn poll_ended(&self, cx: &mut PollContext<'_>) -> Poll<NexusResolution> {
        match &mut *self.operation.borrow_mut() {
            Some(operation) => Pin::new(operation).poll(cx),
            None => Poll::Pending,
        }
    }
}

async fn result_of<T: FromPayload>(inner: &Inner) -> Result<T, Failure> {
    match poll_fn(|cx| inner.poll_ended(cx)).await {
        NexusResolution::Completed(result) => match value_from_result(result.as_ref()) {
            Ok(value) => Ok(value),
            Err(error) => {
                let what = "a Nexus operation's result cannot be read";
                fail_task(&inner.context, what, &error, Some(inner.place));
                std::future::pending().await
            }
        },
        NexusResolution::Failed(failure) => Err(Failure::from(*failure)),
    }
}

impl<T: FromPayload + 'static> IntoFuture for NexusCall<T> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output>>>;

    fn into_future(self) -> Self::IntoFuture {
        let inner = self.begin();
        Box::pin(async move { result_of(&inner).await })
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
        result_of(&self.inner).await
    }

    /// Cancels the operation, as its cancellation type says; whoever awaits it learns of it.
    pub fn cancel(&self) {
        if let Some(operation) = &*self.inner.operation.borrow() {
            operation.cancel();
        }
    }

    /// Lets the operation run on without anyone waiting for it.
    pub fn detach(self) {
        if let Some(operation) = self.inner.operation.borrow_mut().take() {
            operation.detach();
        }
    }
}

impl<T> fmt::Debug for NexusCall<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NexusCall")
            .field("attributes", &self.attributes)
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
