//! Calling a local activity: one that this worker runs within the workflow task.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

use durably_engine::{LocalActivityOptions, LocalActivityResolution};

use super::WorkflowContext;
use super::call::{fail_task, first_payload, retry_policy, value};
use super::interceptor::{CallResult, Intercepted, ScheduleLocalActivity};
use super::timer::summary_metadata;
use crate::activity::{ActivityCancellationType, ActivityOptions, HasTimeout, MissingTimeout};
use crate::definition::ActivityDefinition;
use crate::failure::{Failure, RetryPolicy};
use crate::payload::{Arguments, FromPayload, Payload, PayloadError};

impl WorkflowContext {
    /// Calls an activity in this very worker, without the server: quicker than
    /// [`activity`](Self::activity) and without a task of its own, for short things (a few seconds
    /// at most) that this worker can do itself.
    ///
    /// The activity must be registered with the worker that runs the workflow. It may be run again
    /// when the worker is lost before the workflow task's end, so make it idempotent.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// #[activity(start_to_close_timeout = "2s")]
    /// async fn price(article: String) -> ActivityResult<u64> {
    ///     Ok(4_200)
    /// }
    ///
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// let cents = ctx.local_activity(price, "lamp").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure::Activity`], whose cause says what happened.
    ///
    /// # Determinism
    /// Records one marker when it has ended, with its result or failure. A wait between attempts
    /// that is longer than the [threshold](LocalActivityCall::local_retry_threshold) is a timer.
    #[track_caller]
    pub fn local_activity<A: ActivityDefinition>(
        &self,
        _activity: A,
        arguments: impl Arguments<A::Parameters>,
    ) -> LocalActivityCall<A::Output, A::Timeout> {
        let (name, arguments) = (A::NAME.to_owned(), arguments.to_payloads());
        let options = A::defaults();
        LocalActivityCall::new(self, name, arguments, options, Location::caller())
    }

    /// Calls a local activity by name, with payloads as arguments.
    ///
    /// # Errors
    /// As for [`local_activity`](Self::local_activity).
    #[track_caller]
    pub fn local_activity_by_name<T>(
        &self,
        name: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> LocalActivityCall<T, MissingTimeout> {
        let (name, options) = (name.into(), ActivityOptions::new());
        LocalActivityCall::new(self, name, Ok(arguments), options, Location::caller())
    }
}

/// A call of a local activity that is not made yet. `Timeout` says whether a timeout is given.
#[must_use = "a local activity is run when the call is awaited"]
pub struct LocalActivityCall<T, Timeout> {
    context: WorkflowContext,
    name: String,
    arguments: Result<Vec<Payload>, PayloadError>,
    options: ActivityOptions,
    local_retry_threshold: Option<Duration>,
    include_arguments_in_marker: bool,
    place: &'static Location<'static>,
    output: PhantomData<(fn() -> T, Timeout)>,
}

impl<T, Timeout> LocalActivityCall<T, Timeout> {
    fn new(
        context: &WorkflowContext,
        name: String,
        arguments: Result<Vec<Payload>, PayloadError>,
        defaults: ActivityOptions,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            context: context.clone(),
            name,
            arguments,
            options: defaults,
            local_retry_threshold: None,
            include_arguments_in_marker: false,
            place,
            output: PhantomData,
        }
    }

    /// How long one attempt may take.
    pub fn start_to_close_timeout(mut self, timeout: Duration) -> LocalActivityCall<T, HasTimeout> {
        self.options.start_to_close_timeout = Some(timeout);
        self.with_timeout()
    }

    /// How long it may take with all its attempts and the waits between them.
    pub fn schedule_to_close_timeout(
        mut self,
        timeout: Duration,
    ) -> LocalActivityCall<T, HasTimeout> {
        self.options.schedule_to_close_timeout = Some(timeout);
        self.with_timeout()
    }

    /// How long it may wait for a slot of the worker's. A timeout of this kind is not retried.
    pub fn schedule_to_start_timeout(mut self, timeout: Duration) -> Self {
        self.options.schedule_to_start_timeout = Some(timeout);
        self
    }

    /// How it is retried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry_policy = Some(policy);
        self
    }

    /// The longest wait between two attempts that keeps the workflow task open, a minute unless
    /// said. For longer ones the workflow waits by a timer.
    pub fn local_retry_threshold(mut self, threshold: Duration) -> Self {
        self.local_retry_threshold = Some(threshold);
        self
    }

    /// What canceling means for the code that waits.
    pub fn cancellation_type(mut self, cancellation_type: ActivityCancellationType) -> Self {
        self.options.cancellation_type = Some(cancellation_type);
        self
    }

    /// Its id; a number unless said.
    pub fn activity_id(mut self, activity_id: impl Into<String>) -> Self {
        self.options.activity_id = Some(activity_id.into());
        self
    }

    /// A line that the web UI shows beside it.
    pub fn summary(mut self, summary: impl AsRef<str>) -> Self {
        self.options.summary = Some(summary.as_ref().to_owned());
        self
    }

    /// Whether the marker keeps the arguments too, for who reads the history.
    pub fn include_arguments_in_marker(mut self, include: bool) -> Self {
        self.include_arguments_in_marker = include;
        self
    }

    fn with_timeout(self) -> LocalActivityCall<T, HasTimeout> {
        LocalActivityCall {
            context: self.context,
            name: self.name,
            arguments: self.arguments,
            options: self.options,
            local_retry_threshold: self.local_retry_threshold,
            include_arguments_in_marker: self.include_arguments_in_marker,
            place: self.place,
            output: PhantomData,
        }
    }
}

impl<T: FromPayload + 'static> IntoFuture for LocalActivityCall<T, HasTimeout> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output>>>;

    fn into_future(self) -> Self::IntoFuture {
        let (context, place) = (self.context, self.place);
        let arguments = match self.arguments {
            Ok(arguments) => arguments,
            Err(error) => {
                let name = self.name;
                let what = format!("the arguments of local activity \"{name}\" cannot be encoded");
                fail_task(&context, &what, &error, Some(place));
                return Box::pin(std::future::pending());
            }
        };
        let call = ScheduleLocalActivity {
            activity_type: self.name,
            arguments,
            headers: context.headers(),
            options: self.options,
            local_retry_threshold: self.local_retry_threshold,
            include_arguments_in_marker: self.include_arguments_in_marker,
        };
        let Some(interceptors) = context.interceptors() else {
            let ended = run(&context, call, place);
            return Box::pin(async move { value(&context, ended.await, RESULT, place).await });
        };
        let within = context.clone();
        let last =
            move |call: ScheduleLocalActivity| Intercepted::running(run(&within, call, place));
        let ended = interceptors.run(&context, call, last);
        Box::pin(async move { value(&context, ended.await, RESULT, place).await })
    }
}

const RESULT: &str = "a local activity's result";

/// Schedules it, and gives the future that waits for its end.
fn run(
    context: &WorkflowContext,
    call: ScheduleLocalActivity,
    place: &'static Location<'static>,
) -> impl Future<Output = CallResult> + use<> {
    let context = context.clone();
    let scheduled = options(&context, call, place).map(|options| {
        let scheduled = options.clone();
        let operation = context.engine.schedule_local_activity(scheduled, place);
        (options, operation)
    });
    async move {
        let Some((mut options, mut operation)) = scheduled else {
            // The workflow task fails.
            return std::future::pending().await;
        };
        loop {
            match operation.await {
                LocalActivityResolution::Completed(result) => return Ok(first_payload(result)),
                LocalActivityResolution::Failed(failure) => return Err(Failure::from(*failure)),
                LocalActivityResolution::Backoff {
                    attempt,
                    backoff,
                    original_schedule_time,
                    seq,
                } => {
                    context.timer_at(backoff, place).await?;
                    options.attempt = attempt;
                    options.seq = seq;
                    options.original_schedule_time = Some(original_schedule_time);
                }
            }
            operation = context
                .engine
                .schedule_local_activity(options.clone(), place);
        }
    }
}

/// What the engine is told; nothing if the retry policy makes no sense.
fn options(
    context: &WorkflowContext,
    call: ScheduleLocalActivity,
    place: &'static Location<'static>,
) -> Option<LocalActivityOptions> {
    let (name, options) = (call.activity_type, call.options);
    let what = format_args!("local activity \"{name}\"");
    let policy = options.retry_policy.as_ref();
    let retry_policy = retry_policy(context, what, policy, place).ok()?;
    Some(LocalActivityOptions {
        activity_type: name,
        activity_id: options.activity_id.unwrap_or_default(),
        arguments: call.arguments,
        header: call.headers.to_proto(),
        groups: context.current_group_markers(),
        start_to_close_timeout: options.start_to_close_timeout,
        schedule_to_close_timeout: options.schedule_to_close_timeout,
        schedule_to_start_timeout: options.schedule_to_start_timeout,
        cancellation_type: options.cancellation_type.unwrap_or_default(),
        metadata: options
            .summary
            .as_deref()
            .and_then(summary_metadata)
            .map(Box::new),
        retry_policy,
        local_retry_threshold: call.local_retry_threshold,
        include_arguments_in_marker: call.include_arguments_in_marker,
        ..LocalActivityOptions::default()
    })
}

impl<T, Timeout> fmt::Debug for LocalActivityCall<T, Timeout> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LocalActivityCall")
            .field("activity", &self.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
