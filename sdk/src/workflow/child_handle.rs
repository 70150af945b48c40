//! A child workflow that runs.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll};

use durably_engine::{ChildOperation, ChildResolution, ChildStart};
use durably_protos::temporal::api::command::v1::SignalExternalWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::common::v1::WorkflowExecution;

use super::WorkflowContext;
use super::activity_future::fail_task;
use super::external::ExternalFuture;
use crate::definition::SignalDefinition;
use crate::failure::Failure;
use crate::payload::{Arguments, FromPayload, Payload, payloads, value_from_result};

/// A child and its operation, shared by those who wait for it.
pub(super) struct ChildInner {
    pub(super) context: WorkflowContext,
    pub(super) workflow_id: String,
    /// None when the child could not even be asked for: the workflow task fails then.
    operation: RefCell<Option<ChildOperation>>,
    place: &'static Location<'static>,
}

impl ChildInner {
    pub(super) fn new(
        context: WorkflowContext,
        workflow_id: String,
        operation: Option<ChildOperation>,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            context,
            workflow_id,
            operation: RefCell::new(operation),
            place,
        }
    }

    /// A random id may have become another one: that of a history of another SDK.
    pub(super) fn learn_workflow_id(&mut self) {
        let operation = self.operation.get_mut().as_ref();
        if let Some(workflow_id) = operation.and_then(ChildOperation::workflow_id) {
            self.workflow_id = workflow_id;
        }
    }

    pub(super) fn poll_started(&self, cx: &mut PollContext<'_>) -> Poll<ChildStart> {
        match &mut *self.operation.borrow_mut() {
            Some(operation) => operation.poll_started(cx),
            None => Poll::Pending,
        }
    }

    fn poll_ended(&self, cx: &mut PollContext<'_>) -> Poll<ChildResolution> {
        match &mut *self.operation.borrow_mut() {
            Some(operation) => Pin::new(operation).poll(cx),
            None => Poll::Pending,
        }
    }
}

/// How a child ended. Values that cannot be read fail the workflow task, not the run.
pub(super) async fn result_of<T: FromPayload>(inner: &ChildInner) -> Result<T, Failure> {
    match poll_fn(|cx| inner.poll_ended(cx)).await {
        ChildResolution::Completed(result) => {
            let payload = result.as_ref().and_then(|result| result.payloads.first());
            match value_from_result(payload) {
                Ok(value) => Ok(value),
                Err(error) => {
                    let what = "a child workflow's result cannot be read";
                    fail_task(&inner.context, what, &error, Some(inner.place));
                    std::future::pending().await
                }
            }
        }
        ChildResolution::Failed(failure) => Err(Failure::from(*failure)),
    }
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
        result_of(&self.inner).await
    }

    /// Cancels the child, as its cancellation type says; whoever awaits it learns of it.
    pub fn cancel(&self) {
        if let Some(operation) = &*self.inner.operation.borrow() {
            operation.cancel();
        }
    }

    /// Lets the child run on without anyone waiting for it, until this workflow ends.
    pub fn detach(self) {
        if let Some(operation) = self.inner.operation.borrow_mut().take() {
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

    #[expect(
        deprecated,
        reason = "the namespace is still sent, for servers that want it"
    )]
    fn send(
        &self,
        name: &str,
        arguments: Result<Vec<Payload>, crate::payload::PayloadError>,
        place: &'static Location<'static>,
    ) -> ExternalFuture {
        let context = &self.inner.context;
        ExternalFuture::signal(context, name, arguments, place, |input| {
            // Without a run id the signal follows the child through its runs (protocol 4.6).
            SignalExternalWorkflowExecutionCommandAttributes {
                namespace: context.engine.info().namespace().to_owned(),
                execution: Some(WorkflowExecution {
                    workflow_id: self.inner.workflow_id.clone(),
                    run_id: String::new(),
                }),
                signal_name: name.to_owned(),
                input: payloads(input),
                header: context.outgoing_header(),
                child_workflow_only: true,
                ..Default::default()
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
