//! Calling an activity: options, then `.await` or `.start()`.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use durably_engine::ActivityOperation;
use durably_protos::temporal::api::command::v1::ScheduleActivityTaskCommandAttributes;
use durably_protos::temporal::api::common::v1::{ActivityType, Header};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::WorkflowContext;
use super::activity_future::{ActivityFuture, ActivityHandle, call_result};
use super::call::{fail_task, retry_policy};
use super::interceptor::{CallResult, Intercepted, Made, ScheduleActivity, SharedOperation};
use super::session::SessionState;
use super::timer::summary_metadata;
use crate::activity::{ActivityCancellationType, ActivityOptions, HasTimeout};
use crate::definition::ActivityDefinition;
use crate::failure::{Failure, RetryPolicy};
use crate::payload::{Arguments, FromPayload, Payload, PayloadError, payloads};
use crate::proto_time::proto_duration;
use crate::session::{COMPLETION_ACTIVITY, CREATION_ACTIVITY};

impl WorkflowContext {
    /// Calls an activity: `ctx.activity(charge, &order).await?`.
    ///
    /// The options given in the activity's attribute hold unless the call overrides them. A call
    /// with neither a start-to-close nor a schedule-to-close timeout does not compile.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// #[activity]
    /// async fn charge(order: String, cents: u64) -> ActivityResult<String> {
    ///     Ok(format!("{order}: {cents}"))
    /// }
    ///
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// let receipt = ctx
    ///     .activity(charge, ("order-123", 4_200))
    ///     .start_to_close_timeout(Duration::from_secs(30))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure::Activity`], whose cause says what happened: the activity's own failure after its
    /// last retry, a timeout, a cancellation.
    ///
    /// # Determinism
    /// Records `ActivityTaskScheduled` with the arguments, and later the result or the failure.
    #[track_caller]
    pub fn activity<A: ActivityDefinition>(
        &self,
        _activity: A,
        arguments: impl Arguments<A::Parameters>,
    ) -> ActivityCall<A::Output, A::Timeout> {
        self.call(
            A::NAME.to_owned(),
            arguments.to_payloads(),
            A::defaults(),
            Location::caller(),
        )
    }

    /// Calls an activity by name, with payloads as arguments: one that is defined elsewhere, or
    /// whose name is known only at run time.
    ///
    /// # Errors
    /// As for [`activity`](Self::activity).
    #[track_caller]
    pub fn activity_by_name<T>(
        &self,
        name: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> ActivityCall<T, crate::activity::MissingTimeout> {
        self.call(
            name.into(),
            Ok(arguments),
            ActivityOptions::new(),
            Location::caller(),
        )
    }

    fn call<T, Timeout>(
        &self,
        name: String,
        arguments: Result<Vec<Payload>, PayloadError>,
        options: ActivityOptions,
        place: &'static Location<'static>,
    ) -> ActivityCall<T, Timeout> {
        ActivityCall {
            context: self.clone(),
            name,
            arguments,
            options,
            place,
            session: None,
            output: PhantomData,
        }
    }
}

/// A call of an activity that is not made yet. `Timeout` says whether a timeout is given.
#[must_use = "an activity is scheduled when the call is awaited or started"]
pub struct ActivityCall<T, Timeout> {
    context: WorkflowContext,
    name: String,
    arguments: Result<Vec<Payload>, PayloadError>,
    options: ActivityOptions,
    place: &'static Location<'static>,
    session: Option<Rc<SessionState>>,
    output: PhantomData<(fn() -> T, Timeout)>,
}

impl<T, Timeout> ActivityCall<T, Timeout> {
    /// How long one attempt may take, from its start on a worker.
    pub fn start_to_close_timeout(self, timeout: Duration) -> ActivityCall<T, HasTimeout> {
        self.change(|options| options.start_to_close_timeout(timeout))
    }

    /// How long the activity may take with all its retries and the time in the queue.
    pub fn schedule_to_close_timeout(self, timeout: Duration) -> ActivityCall<T, HasTimeout> {
        self.change(|options| options.schedule_to_close_timeout(timeout))
    }

    /// How long the activity may wait in the task queue. A timeout of this kind is not retried.
    pub fn schedule_to_start_timeout(self, timeout: Duration) -> Self {
        self.change(|options| options.schedule_to_start_timeout(timeout))
    }

    /// How long the activity may go without a heartbeat.
    pub fn heartbeat_timeout(self, timeout: Duration) -> Self {
        self.change(|options| options.heartbeat_timeout(timeout))
    }

    /// How the activity is retried.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.change(|options| options.retry_policy(policy))
    }

    /// The task queue whose workers run it; the workflow's own unless said.
    pub fn task_queue(self, task_queue: impl Into<String>) -> Self {
        self.change(|options| options.task_queue(task_queue))
    }

    /// What canceling means for the code that waits.
    pub fn cancellation_type(self, cancellation_type: ActivityCancellationType) -> Self {
        self.change(|options| options.cancellation_type(cancellation_type))
    }

    /// The activity's id, unique among those open in the run; a number unless said.
    pub fn activity_id(self, activity_id: impl Into<String>) -> Self {
        self.change(|options| options.activity_id(activity_id))
    }

    /// A line that the web UI shows beside the activity.
    pub fn summary(self, summary: impl Into<String>) -> Self {
        self.change(|options| options.summary(summary))
    }

    /// Which of the queue's tasks come first.
    pub fn priority(self, priority: crate::activity::Priority) -> Self {
        self.change(|options| options.priority(priority))
    }

    /// Whether to keep the activity from being handed back to this worker with the answer to the
    /// workflow task.
    pub fn disable_eager_execution(self, disable: bool) -> Self {
        self.change(|options| options.disable_eager_execution(disable))
    }

    /// Several options at once: those that are set replace what was said before.
    pub fn options(self, options: ActivityOptions) -> Self {
        self.change(|before| before.overridden_by(options))
    }

    /// Lets the worker of a session run it.
    pub(super) fn in_session(mut self, session: Rc<SessionState>) -> Self {
        self.session = Some(session);
        self
    }

    /// Says where in the user's code the call is made.
    pub(super) fn at(mut self, place: &'static Location<'static>) -> Self {
        self.place = place;
        self
    }

    fn change<Other>(
        self,
        change: impl FnOnce(ActivityOptions) -> ActivityOptions,
    ) -> ActivityCall<T, Other> {
        ActivityCall {
            context: self.context,
            name: self.name,
            arguments: self.arguments,
            options: change(self.options),
            place: self.place,
            session: self.session,
            output: PhantomData,
        }
    }
}

impl<T> ActivityCall<T, HasTimeout> {
    /// Schedules the activity now and gives a handle to await, cancel or detach it.
    ///
    /// # Determinism
    /// Records `ActivityTaskScheduled`.
    pub fn start(mut self) -> ActivityHandle<T> {
        if let Some(session) = self.session.take() {
            return self.start_in(session);
        }
        self.schedule()
    }

    fn start_in(mut self, session: Rc<SessionState>) -> ActivityHandle<T> {
        let context = self.context.clone();
        let Some(task_queue) = session.task_queue() else {
            // Nothing is scheduled: the future gives what the session ended with.
            let refused = ActivityFuture::new(context.clone(), Made::Plain(None), self.place);
            return refused.until(session.end(&context));
        };
        self.options = self.options.task_queue(task_queue);
        self.schedule().until(session.end(&context))
    }

    fn schedule(self) -> ActivityHandle<T> {
        let (context, place) = (self.context, self.place);
        let made = match self.arguments {
            Ok(arguments) => make(&context, self.name, arguments, self.options, place),
            Err(error) => {
                let name = self.name;
                let what = format!("the arguments of activity \"{name}\" cannot be encoded");
                fail_task(&context, &what, &error, Some(place));
                Made::Plain(None)
            }
        };
        ActivityFuture::new(context, made, place)
    }
}

impl<T: FromPayload> IntoFuture for ActivityCall<T, HasTimeout> {
    type Output = Result<T, Failure>;
    type IntoFuture = ActivityFuture<T>;

    fn into_future(self) -> ActivityFuture<T> {
        self.start()
    }
}

/// Schedules it, through the run's interceptors.
fn make(
    context: &WorkflowContext,
    activity_type: String,
    arguments: Vec<Payload>,
    options: ActivityOptions,
    place: &'static Location<'static>,
) -> Made<ActivityOperation, CallResult> {
    // What holds sessions open is between the SDK and its workers.
    let is_own = || [CREATION_ACTIVITY, COMPLETION_ACTIVITY].contains(&&*activity_type);
    let Some(interceptors) = context.interceptors().filter(|_| !is_own()) else {
        let header = context.outgoing_header();
        let (name, input) = (activity_type, arguments);
        return Made::Plain(schedule(context, name, input, header, options, place));
    };
    let operation = SharedOperation::new(None);
    let (within, shared) = (context.clone(), operation.clone());
    let last = move |call: ScheduleActivity| {
        let header = call.headers.to_proto();
        let (name, input) = (call.activity_type, call.arguments);
        let scheduled = schedule(&within, name, input, header, call.options, place);
        shared.set(scheduled);
        let ended = shared.clone().ended();
        Intercepted::running(async move {
            match ended.await {
                Some(resolution) => call_result(resolution),
                None => std::future::pending().await,
            }
        })
    };
    let call = ScheduleActivity {
        activity_type,
        arguments,
        headers: context.headers(),
        options,
    };
    Made::intercepted(operation, interceptors.run(context, call, last))
}

fn schedule(
    context: &WorkflowContext,
    name: String,
    arguments: Vec<Payload>,
    header: Option<Header>,
    options: ActivityOptions,
    place: &'static Location<'static>,
) -> Option<ActivityOperation> {
    let (what, policy) = (
        format_args!("activity \"{name}\""),
        options.retry_policy.as_ref(),
    );
    let retry_policy = retry_policy(context, what, policy, place).ok()?;
    let task_queue = options
        .task_queue
        .unwrap_or_else(|| context.engine.info().task_queue().to_owned());
    let attributes = ScheduleActivityTaskCommandAttributes {
        activity_id: options.activity_id.unwrap_or_default(),
        activity_type: Some(ActivityType { name }),
        task_queue: Some(TaskQueue {
            name: task_queue,
            ..TaskQueue::default()
        }),
        header,
        input: payloads(arguments),
        schedule_to_close_timeout: options.schedule_to_close_timeout.map(proto_duration),
        schedule_to_start_timeout: options.schedule_to_start_timeout.map(proto_duration),
        start_to_close_timeout: options.start_to_close_timeout.map(proto_duration),
        heartbeat_timeout: options.heartbeat_timeout.map(proto_duration),
        retry_policy,
        // A wish: the worker grants it where it has a free slot (protocol 2.11).
        request_eager_execution: !options.disable_eager_execution.unwrap_or(false),
        priority: options.priority,
        ..ScheduleActivityTaskCommandAttributes::default()
    };
    let metadata = options.summary.as_deref().and_then(summary_metadata);
    let cancellation = options.cancellation_type.unwrap_or_default();
    Some(
        context
            .engine
            .schedule_activity(attributes, metadata, cancellation, place),
    )
}

impl<T, Timeout> fmt::Debug for ActivityCall<T, Timeout> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ActivityCall")
            .field("activity", &self.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
