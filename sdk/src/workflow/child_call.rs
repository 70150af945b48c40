//! Calling a child workflow: options, then `.await` for its result or `.start()` for a handle.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use durably_engine::ChildOperation;
use durably_protos::temporal::api::command::v1::StartChildWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::common::v1::WorkflowType;
use durably_protos::temporal::api::enums::v1;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::WorkflowContext;
use super::call::{fail_task, retry_policy};
use super::child_handle::{ChildHandle, ChildInner, child_result, child_started, start_and_result};
use super::interceptor::{Intercepted, InterceptedStart, SharedOperation, StartChildWorkflow};
use super::timer::summary_metadata;
use crate::definition::WorkflowDefinition;
use crate::failure::{Failure, RetryPolicy};
use crate::options::{ParentClosePolicy, Priority, VersioningOverride, WorkflowIdReusePolicy};
use crate::payload::{
    Arguments, FromPayload, Memo, Payload, PayloadError, SearchAttributes, payloads,
};
use crate::proto_time::proto_duration;

pub use durably_engine::ChildCancellationType;

/// The options of a child workflow. What is `None` has the server's default.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ChildOptions {
    /// The child's workflow id; a random UUID, from the run's own generator, unless said.
    pub workflow_id: Option<String>,
    /// The child's namespace; the parent's unless said. Servers refuse others nowadays.
    pub namespace: Option<String>,
    /// The child's task queue; the parent's unless said.
    pub task_queue: Option<String>,
    /// How long the child may take, with all its retries and the runs it continues in.
    pub workflow_execution_timeout: Option<Duration>,
    /// How long one run of the child may take.
    pub workflow_run_timeout: Option<Duration>,
    /// How long one of its workflow tasks may take.
    pub workflow_task_timeout: Option<Duration>,
    /// What becomes of it when the parent ends.
    pub parent_close_policy: ParentClosePolicy,
    /// What canceling it means for the code that waits.
    pub cancellation_type: ChildCancellationType,
    /// Whether it may have the id of a closed workflow.
    pub id_reuse_policy: WorkflowIdReusePolicy,
    /// How it is retried.
    pub retry_policy: Option<RetryPolicy>,
    /// When it is run again and again, as a cron expression.
    pub cron_schedule: Option<String>,
    /// Its memo.
    pub memo: Option<Memo>,
    /// Its search attributes.
    pub search_attributes: Option<SearchAttributes>,
    /// Which of the queue's tasks come first.
    pub priority: Option<Priority>,
    /// On which version of a worker deployment it runs, whatever its workers and its parent say.
    /// Servers know it from version 1.32 on; older ones pass over it.
    pub versioning_override: Option<VersioningOverride>,
    /// A line that the web UI shows beside it.
    pub summary: Option<String>,
    /// Further text for the web UI.
    pub details: Option<String>,
}

impl WorkflowContext {
    /// Calls a child workflow: `ctx.child(ship, &order).await?`.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// #[workflow]
    /// async fn ship(ctx: &WorkflowContext, order: String) -> WorkflowResult<String> {
    ///     Ok(format!("{order} is on its way"))
    /// }
    ///
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// let shipped = ctx.child(ship, "order-123").workflow_id("shipment-123").await?;
    /// // Or start it, and go on meanwhile:
    /// let shipment = ctx.child(ship, "order-124").start().await?;
    /// let shipped = shipment.result().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure::ChildWorkflow`], whose cause says what happened: the child's own failure, a
    /// timeout, a cancellation, or that it could not be started because its id is taken (an
    /// application failure of type `WorkflowAlreadyExists`).
    ///
    /// # Determinism
    /// Records `StartChildWorkflowExecutionInitiated` with the arguments, the child's start, and
    /// later its result or failure.
    #[track_caller]
    pub fn child<W: WorkflowDefinition>(
        &self,
        _workflow: W,
        arguments: impl Arguments<W::Parameters>,
    ) -> ChildCall<W::Owner, W::Output> {
        self.child_call(
            W::NAME.to_owned(),
            arguments.to_payloads(),
            Location::caller(),
        )
    }

    /// Calls a child workflow by name, with payloads as arguments: one that is defined elsewhere, or
    /// whose name is known only at run time.
    ///
    /// # Errors
    /// As for [`child`](Self::child).
    #[track_caller]
    pub fn child_by_name<T>(
        &self,
        name: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> ChildCall<(), T> {
        self.child_call(name.into(), Ok(arguments), Location::caller())
    }

    fn child_call<O, T>(
        &self,
        name: String,
        arguments: Result<Vec<Payload>, PayloadError>,
        place: &'static Location<'static>,
    ) -> ChildCall<O, T> {
        ChildCall {
            context: self.clone(),
            name,
            arguments,
            options: ChildOptions::default(),
            place,
            output: PhantomData,
        }
    }
}

/// A child workflow that is not started yet.
#[must_use = "a child workflow is started when the call is awaited or started"]
pub struct ChildCall<O, T> {
    context: WorkflowContext,
    name: String,
    arguments: Result<Vec<Payload>, PayloadError>,
    options: ChildOptions,
    place: &'static Location<'static>,
    output: PhantomData<fn() -> (T, O)>,
}

impl<O, T> ChildCall<O, T> {
    /// Changes any of the options.
    pub fn options(mut self, change: impl FnOnce(&mut ChildOptions)) -> Self {
        change(&mut self.options);
        self
    }

    /// The child's workflow id; a random UUID, from the run's own generator, unless said.
    pub fn workflow_id(self, id: impl Into<String>) -> Self {
        self.options(|options| options.workflow_id = Some(id.into()))
    }

    /// The child's task queue; the parent's unless said.
    pub fn task_queue(self, name: impl Into<String>) -> Self {
        self.options(|options| options.task_queue = Some(name.into()))
    }

    /// How long the child may take, with all its retries and the runs it continues in.
    pub fn workflow_execution_timeout(self, timeout: Duration) -> Self {
        self.options(|options| options.workflow_execution_timeout = Some(timeout))
    }

    /// How long one run of the child may take.
    pub fn workflow_run_timeout(self, timeout: Duration) -> Self {
        self.options(|options| options.workflow_run_timeout = Some(timeout))
    }

    /// How long one of its workflow tasks may take.
    pub fn workflow_task_timeout(self, timeout: Duration) -> Self {
        self.options(|options| options.workflow_task_timeout = Some(timeout))
    }

    /// What becomes of the child when the parent ends.
    pub fn parent_close_policy(self, policy: ParentClosePolicy) -> Self {
        self.options(|options| options.parent_close_policy = policy)
    }

    /// What canceling means for the code that waits.
    pub fn cancellation_type(self, cancellation_type: ChildCancellationType) -> Self {
        self.options(|options| options.cancellation_type = cancellation_type)
    }

    /// Whether the child may have the id of a closed workflow.
    pub fn id_reuse_policy(self, policy: WorkflowIdReusePolicy) -> Self {
        self.options(|options| options.id_reuse_policy = policy)
    }

    /// How the child is retried.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.options(|options| options.retry_policy = Some(policy))
    }

    /// When the child is run again and again, as a cron expression.
    pub fn cron_schedule(self, schedule: impl Into<String>) -> Self {
        self.options(|options| options.cron_schedule = Some(schedule.into()))
    }

    /// The child's memo.
    pub fn memo(self, memo: Memo) -> Self {
        self.options(|options| options.memo = Some(memo))
    }

    /// The child's search attributes.
    pub fn search_attributes(self, attributes: SearchAttributes) -> Self {
        self.options(|options| options.search_attributes = Some(attributes))
    }

    /// Which of the queue's tasks come first.
    pub fn priority(self, priority: Priority) -> Self {
        self.options(|options| options.priority = Some(priority))
    }

    /// On which version of a worker deployment the child runs: see
    /// [`ChildOptions::versioning_override`].
    pub fn versioning_override(self, versioning: VersioningOverride) -> Self {
        self.options(|options| options.versioning_override = Some(versioning))
    }

    /// A line that the web UI shows beside the child.
    pub fn summary(self, summary: impl Into<String>) -> Self {
        self.options(|options| options.summary = Some(summary.into()))
    }

    /// Starts the child, and waits until it has started: gives a handle to await, signal, cancel
    /// or detach it.
    ///
    /// # Errors
    /// The child could not be started: its id is taken, say.
    pub async fn start(self) -> Result<ChildHandle<O, T>, Failure> {
        let mut inner = self.begin();
        let run_id = inner.started().await?;
        Ok(ChildHandle::new(inner, run_id))
    }

    /// Starts the child, through the run's interceptors.
    fn begin(self) -> ChildInner {
        let Self {
            context,
            name,
            arguments,
            options,
            place,
            ..
        } = self;
        let arguments = match arguments {
            Ok(arguments) => arguments,
            Err(error) => {
                let what = format!("the arguments of child workflow \"{name}\" cannot be encoded");
                fail_task(&context, &what, &error, Some(place));
                let operation = SharedOperation::new(None);
                return ChildInner::new(context, String::new(), operation, None, place);
            }
        };
        let call = StartChildWorkflow {
            workflow_type: name,
            arguments,
            headers: context.headers(),
            options,
        };
        let Some(interceptors) = context.interceptors() else {
            let (workflow_id, operation) = start(&context, call, place);
            let operation = SharedOperation::new(operation);
            return ChildInner::new(context, workflow_id, operation, None, place);
        };
        let (operation, id) = (SharedOperation::new(None), Rc::<RefCell<String>>::default());
        let (within, shared, started_id) = (context.clone(), operation.clone(), id.clone());
        let last = move |call: StartChildWorkflow| {
            let (workflow_id, started) = start(&within, call, place);
            started_id.replace(workflow_id);
            shared.set(started);
            let (starting, ended) = (shared.clone(), shared.clone().ended());
            let run_id = async move { Ok(child_started(&starting).await?.to_string()) };
            InterceptedStart {
                started: Intercepted::running(run_id),
                result: Intercepted::running(async move { child_result(ended.await) }),
            }
        };
        let intercepted = interceptors.run(&context, call, last);
        let workflow_id = id.take();
        ChildInner::new(context, workflow_id, operation, Some(intercepted), place)
    }
}

impl<O: 'static, T: FromPayload + 'static> IntoFuture for ChildCall<O, T> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output>>>;

    fn into_future(self) -> Self::IntoFuture {
        let inner = self.begin();
        Box::pin(start_and_result(inner))
    }
}

#[expect(
    deprecated,
    reason = "the namespace is still sent, for servers that take it"
)]
/// Gives the workflow id, and the operation unless the task fails.
fn start(
    context: &WorkflowContext,
    call: StartChildWorkflow,
    place: &'static Location<'static>,
) -> (String, Option<ChildOperation>) {
    let (name, options) = (call.workflow_type, call.options);
    let random_id = options.workflow_id.is_none();
    let workflow_id = options
        .workflow_id
        .unwrap_or_else(|| context.uuid().to_string());
    let what = format_args!("child workflow \"{name}\"");
    let policy = options.retry_policy.as_ref();
    let Ok(retry_policy) = retry_policy(context, what, policy, place) else {
        return (workflow_id, None);
    };
    let info = context.engine.info();
    let attributes = StartChildWorkflowExecutionCommandAttributes {
        namespace: options
            .namespace
            .unwrap_or_else(|| info.namespace().to_owned()),
        workflow_id: workflow_id.clone(),
        workflow_type: Some(WorkflowType { name }),
        task_queue: Some(TaskQueue {
            name: options
                .task_queue
                .unwrap_or_else(|| info.task_queue().to_owned()),
            ..TaskQueue::default()
        }),
        header: call.headers.to_proto(),
        input: payloads(call.arguments),
        workflow_execution_timeout: options.workflow_execution_timeout.map(proto_duration),
        workflow_run_timeout: options.workflow_run_timeout.map(proto_duration),
        workflow_task_timeout: options.workflow_task_timeout.map(proto_duration),
        parent_close_policy: v1::ParentClosePolicy::from(options.parent_close_policy).into(),
        workflow_id_reuse_policy: v1::WorkflowIdReusePolicy::from(options.id_reuse_policy).into(),
        retry_policy,
        cron_schedule: options.cron_schedule.unwrap_or_default(),
        memo: options.memo.map(Into::into),
        search_attributes: options.search_attributes.map(Into::into),
        priority: options.priority.map(Into::into),
        versioning_override: options.versioning_override.map(Into::into),
        ..StartChildWorkflowExecutionCommandAttributes::default()
    };
    let mut metadata = options.summary.as_deref().and_then(summary_metadata);
    if let Some(details) = options.details.as_deref().and_then(summary_metadata) {
        metadata.get_or_insert_default().details = details.summary;
    }
    let cancellation = options.cancellation_type;
    let engine = &context.engine;
    let operation = match random_id {
        true => engine.start_child_of_random_id(attributes, metadata, cancellation, place),
        false => engine.start_child(attributes, metadata, cancellation, place),
    };
    (workflow_id, Some(operation))
}

impl<O, T> fmt::Debug for ChildCall<O, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChildCall")
            .field("workflow", &self.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
