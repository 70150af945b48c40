//! A child workflow that runs.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;
use std::task::Poll;

use durably_engine::{ChildOperation, ChildResolution};

use super::WorkflowContext;
use super::call::{first_payload, value};
use super::external::ExternalFuture;
use super::interceptor::{CallResult, InterceptedStart, SharedOperation, SignalExternalWorkflow};
use crate::definition::SignalDefinition;
use crate::failure::Failure;
use crate::payload::{Arguments, FromPayload, Payload, PayloadError};

/// A child, and its operation.
pub(super) struct ChildInner {
    pub(super) context: WorkflowContext,
    pub(super) workflow_id: String,
    /// None when the child could not even be asked for: the workflow task fails then.
    operation: SharedOperation<ChildOperation>,
    /// What interceptors make of its start and its end.
    intercepted: Option<InterceptedStart<String>>,
    place: &'static Location<'static>,
}

impl ChildInner {
    pub(super) fn new(
        context: WorkflowContext,
        workflow_id: String,
        operation: SharedOperation<ChildOperation>,
        intercepted: Option<InterceptedStart<String>>,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            context,
            workflow_id,
            operation,
            intercepted,
            place,
        }
    }

    /// Waits for its start, which gives the id of its first run.
    pub(super) async fn started(&mut self) -> Result<Rc<str>, Failure> {
        let run_id = match &mut self.intercepted {
            Some(intercepted) => Rc::from((&mut intercepted.started).await?),
            None => child_started(&self.operation).await?,
        };
        // A random id may have become another one: that of a history of another SDK.
        let learned = self.operation.with(|operation| operation.workflow_id());
        if let Some(workflow_id) = learned.flatten() {
            self.workflow_id = workflow_id;
        }
        Ok(run_id)
    }

    async fn ended(&mut self) -> CallResult {
        match &mut self.intercepted {
            Some(intercepted) => (&mut intercepted.result).await,
            None => child_result(self.operation.clone().ended().await),
        }
    }
}

pub(super) async fn child_started(
    operation: &SharedOperation<ChildOperation>,
) -> Result<Rc<str>, Failure> {
    let started = poll_fn(|cx| {
        let polled = operation.with(|operation| operation.poll_started(cx));
        polled.unwrap_or(Poll::Pending)
    });
    started.await.map_err(|failure| Failure::from(*failure))
}

pub(super) fn child_result(resolution: ChildResolution) -> CallResult {
    match resolution {
        ChildResolution::Completed(result) => Ok(first_payload(result)),
        ChildResolution::Failed(failure) => Err(Failure::from(*failure)),
    }
}

/// How a child ended that is not waited for in between.
pub(super) async fn start_and_result<T: FromPayload>(mut inner: ChildInner) -> Result<T, Failure> {
    if inner.intercepted.is_some() {
        inner.started().await?;
    }
    result_of(inner).await
}

/// How a child ended. Values that cannot be read fail the workflow task, not the run.
async fn result_of<T: FromPayload>(mut inner: ChildInner) -> Result<T, Failure> {
    let result = inner.ended().await;
    value(
        &inner.context,
        result,
        "a child workflow's result",
        inner.place,
    )
    .await
}

/// A child workflow that has started. Dropping the handle cancels the child, unless its result was
/// taken or it was [detached](Self::detach).
///
/// A server drops requests to cancel that were not passed on before the workflow ended. What is to
/// become of a child at the workflow's end is a matter of its
/// [parent close policy](crate::options::ParentClosePolicy).
#[must_use = "a child workflow whose handle is dropped is canceled"]
pub struct ChildHandle<O, T> {
    inner: ChildInner,
    run_id: Rc<str>,
    output: PhantomData<fn() -> (T, O)>,
}

impl<O, T> ChildHandle<O, T> {
    pub(super) fn new(inner: ChildInner, run_id: Rc<str>) -> Self {
        Self {
            inner,
            run_id,
            output: PhantomData,
        }
    }

    /// The child's workflow id.
    pub fn workflow_id(&self) -> &str {
        &self.inner.workflow_id
    }

    /// The run id of the child's first run.
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// Waits for the child's end and gives its result.
    ///
    /// # Errors
    /// As for [`WorkflowContext::child`].
    pub async fn result(self) -> Result<T, Failure>
    where
        T: FromPayload,
    {
        result_of(self.inner).await
    }

    /// Cancels the child, as its cancellation type says; whoever awaits it learns of it.
    pub fn cancel(&self) {
        self.inner.operation.with(|operation| operation.cancel());
    }

    /// Lets the child run on without anyone waiting for it, until this workflow ends.
    pub fn detach(self) {
        if let Some(operation) = self.inner.operation.take() {
            operation.detach();
        }
    }

    /// Signals the child: `child.signal(Shipment::hurry, ()).await?`.
    ///
    /// # Errors
    /// The child has ended, or this workflow was canceled before the signal was sent.
    ///
    /// # Determinism
    /// Records `SignalExternalWorkflowExecutionInitiated`, and whether it arrived.
    #[track_caller]
    pub fn signal<S>(&self, _signal: S, arguments: impl Arguments<S::Parameters>) -> ExternalFuture
    where
        S: SignalDefinition<Workflow = O>,
    {
        self.send(S::NAME, arguments.to_payloads(), Location::caller())
    }

    /// Signals the child by the signal's name, with payloads as arguments.
    ///
    /// # Errors
    /// As for [`signal`](Self::signal).
    #[track_caller]
    pub fn signal_by_name(&self, name: &str, arguments: Vec<Payload>) -> ExternalFuture {
        self.send(name, Ok(arguments), Location::caller())
    }

    fn send(
        &self,
        name: &str,
        arguments: Result<Vec<Payload>, PayloadError>,
        place: &'static Location<'static>,
    ) -> ExternalFuture {
        let context = &self.inner.context;
        ExternalFuture::signal(context, name, arguments, place, |arguments| {
            SignalExternalWorkflow {
                namespace: context.engine.info().namespace().to_owned(),
                workflow_id: self.inner.workflow_id.clone(),
                // Without it the signal follows the child through its runs (protocol 4.6).
                run_id: String::new(),
                is_child: true,
                signal_name: name.to_owned(),
                arguments,
                headers: context.headers(),
            }
        })
    }
}

impl<O, T> fmt::Debug for ChildHandle<O, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChildHandle")
            .field("workflow_id", &self.inner.workflow_id)
            .field("run_id", &self.run_id)
            .finish_non_exhaustive()
    }
}
