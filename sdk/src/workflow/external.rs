//! Messages to other workflows: signals, cancel requests.

use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use durably_engine::{ExternalOperation, ExternalResolution};
use durably_protos::temporal::api::command::v1::{
    RequestCancelExternalWorkflowExecutionCommandAttributes,
    SignalExternalWorkflowExecutionCommandAttributes,
};
use durably_protos::temporal::api::common::v1::WorkflowExecution;

use super::call::fail_task;
use super::interceptor::{
    CancelExternalWorkflow, Intercepted, Made, SharedOperation, SignalExternalWorkflow,
    WorkflowOperation,
};
use super::{WorkflowContext, canceled};
use crate::definition::{SignalDefinition, WorkflowDefinition};
use crate::failure::Failure;
use crate::payload::{Arguments, Payload, PayloadError, payloads};

impl WorkflowContext {
    /// Another workflow, by its id: to signal it, or ask it to cancel.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # #[derive(Default)]
    /// # struct OrderSaga;
    /// # #[workflow]
    /// # impl OrderSaga {
    /// #     #[run]
    /// #     async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> { Ok(()) }
    /// #     #[signal]
    /// #     fn parcel_arrived(&self, at: String) {}
    /// # }
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// let order = ctx.external(OrderSaga::run, "order-123");
    /// order.signal(OrderSaga::parcel_arrived, "the door").await?;
    /// order.cancel("not needed any more").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn external<W: WorkflowDefinition>(
        &self,
        _workflow: W,
        workflow_id: impl Into<String>,
    ) -> ExternalWorkflow<W::Owner> {
        self.external_workflow(workflow_id.into())
    }

    /// Another workflow of a type that this program does not know.
    pub fn external_by_id(&self, workflow_id: impl Into<String>) -> ExternalWorkflow<()> {
        self.external_workflow(workflow_id.into())
    }

    fn external_workflow<O>(&self, workflow_id: String) -> ExternalWorkflow<O> {
        ExternalWorkflow {
            context: self.clone(),
            namespace: self.engine.info().namespace().to_owned(),
            workflow_id,
            run_id: String::new(),
            owner: PhantomData,
        }
    }
}

/// Another workflow.
#[derive(Debug)]
pub struct ExternalWorkflow<O> {
    context: WorkflowContext,
    namespace: String,
    workflow_id: String,
    run_id: String,
    owner: PhantomData<fn() -> O>,
}

impl<O> ExternalWorkflow<O> {
    /// One of its runs; the newest unless said.
    #[must_use]
    pub fn run_id(mut self, run_id: impl Into<String>) -> Self {
        self.run_id = run_id.into();
        self
    }

    /// Its namespace; this workflow's unless said.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Its workflow id.
    pub fn workflow_id(&self) -> &str {
        &self.workflow_id
    }

    /// Signals it.
    ///
    /// # Errors
    /// An application failure of type `ExternalWorkflowExecutionNotFound` when it does not exist or
    /// has ended; [`Failure::Canceled`] when this workflow was canceled before the signal was sent.
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

    /// Signals it by the signal's name, with payloads as arguments.
    ///
    /// # Errors
    /// As for [`signal`](Self::signal).
    #[track_caller]
    pub fn signal_by_name(&self, name: &str, arguments: Vec<Payload>) -> ExternalFuture {
        self.send(name, Ok(arguments), Location::caller())
    }

    /// Asks it to cancel. It may take its time, or refuse.
    ///
    /// # Errors
    /// As for [`signal`](Self::signal).
    ///
    /// # Determinism
    /// Records `RequestCancelExternalWorkflowExecutionInitiated`, and whether it arrived.
    #[track_caller]
    pub fn cancel(&self, reason: &str) -> ExternalFuture {
        let reason = match reason.is_empty() {
            true => {
                let info = self.context.engine.info();
                format!("requested by workflow {}", info.workflow_id())
            }
            false => reason.to_owned(),
        };
        let call = CancelExternalWorkflow {
            namespace: self.namespace.clone(),
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
            reason,
        };
        ExternalFuture::cancel(&self.context, call, Location::caller())
    }

    fn send(
        &self,
        name: &str,
        arguments: Result<Vec<Payload>, PayloadError>,
        place: &'static Location<'static>,
    ) -> ExternalFuture {
        ExternalFuture::signal(&self.context, name, arguments, place, |arguments| {
            SignalExternalWorkflow {
                namespace: self.namespace.clone(),
                workflow_id: self.workflow_id.clone(),
                run_id: self.run_id.clone(),
                is_child: false,
                signal_name: name.to_owned(),
                arguments,
                headers: self.context.headers(),
            }
        })
    }
}

/// A message on its way to another workflow: ready when it has arrived. Dropping it in the task in
/// which it was made takes it back.
#[derive(Debug)]
#[must_use = "a message that is dropped at once is not sent; await or detach it"]
pub struct ExternalFuture {
    operation: Made<ExternalOperation, Result<(), Failure>>,
}

impl ExternalFuture {
    /// Sends a signal, through the run's interceptors.
    pub(super) fn signal(
        context: &WorkflowContext,
        name: &str,
        arguments: Result<Vec<Payload>, PayloadError>,
        place: &'static Location<'static>,
        call: impl FnOnce(Vec<Payload>) -> SignalExternalWorkflow,
    ) -> Self {
        let operation = match arguments {
            Ok(arguments) => made(context, call(arguments), place, signal),
            Err(error) => {
                let what = format!("the arguments of signal \"{name}\" cannot be encoded");
                fail_task(context, &what, &error, Some(place));
                Made::Plain(None)
            }
        };
        Self { operation }
    }

    fn cancel(
        context: &WorkflowContext,
        call: CancelExternalWorkflow,
        place: &'static Location<'static>,
    ) -> Self {
        let operation = made(context, call, place, cancel);
        Self { operation }
    }

    /// Lets the message go its way without anyone waiting for its arrival. Servers drop messages
    /// that were not passed on before the workflow ended, so await those that must arrive.
    pub fn detach(mut self) {
        if let Some(operation) = self.operation.take() {
            operation.detach();
        }
    }
}

/// Sends a message, through the run's interceptors.
fn made<C>(
    context: &WorkflowContext,
    call: C,
    place: &'static Location<'static>,
    send: fn(&WorkflowContext, C, &'static Location<'static>) -> ExternalOperation,
) -> Made<ExternalOperation, Result<(), Failure>>
where
    C: WorkflowOperation<Output = Intercepted<Result<(), Failure>>>,
{
    let Some(interceptors) = context.interceptors() else {
        return Made::Plain(Some(send(context, call, place)));
    };
    let operation = SharedOperation::new(None);
    let (within, shared) = (context.clone(), operation.clone());
    let last = move |call: C| {
        shared.set(Some(send(&within, call, place)));
        let ended = shared.clone().ended();
        Intercepted::running(async move { arrived(ended.await) })
    };
    Made::intercepted(operation, interceptors.run(context, call, last))
}

#[expect(
    deprecated,
    reason = "the namespace is still sent, for servers that want it"
)]
fn signal(
    context: &WorkflowContext,
    call: SignalExternalWorkflow,
    place: &'static Location<'static>,
) -> ExternalOperation {
    let attributes = SignalExternalWorkflowExecutionCommandAttributes {
        namespace: call.namespace,
        execution: Some(WorkflowExecution {
            workflow_id: call.workflow_id,
            run_id: call.run_id,
        }),
        signal_name: call.signal_name,
        input: payloads(call.arguments),
        header: call.headers.to_proto(),
        child_workflow_only: call.is_child,
        ..Default::default()
    };
    context.engine.signal_external(attributes, place)
}

#[expect(
    deprecated,
    reason = "the namespace is still sent, for servers that want it"
)]
fn cancel(
    context: &WorkflowContext,
    call: CancelExternalWorkflow,
    place: &'static Location<'static>,
) -> ExternalOperation {
    let attributes = RequestCancelExternalWorkflowExecutionCommandAttributes {
        namespace: call.namespace,
        workflow_id: call.workflow_id,
        run_id: call.run_id,
        reason: call.reason,
        ..Default::default()
    };
    context.engine.cancel_external(attributes, place)
}

fn arrived(resolution: ExternalResolution) -> Result<(), Failure> {
    match resolution {
        ExternalResolution::Delivered => Ok(()),
        ExternalResolution::Failed(failure) => Err(Failure::from(*failure)),
        ExternalResolution::Canceled => Err(canceled(
            "the message to another workflow was canceled before it was sent",
        )),
    }
}

impl Future for ExternalFuture {
    type Output = Result<(), Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        self.operation.poll(cx, |end| Poll::Ready(arrived(end)))
    }
}
