//! Calling a local activity: one that this worker runs within the workflow task.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

use durably_engine::{LocalActivityOptions, LocalActivityResolution};
use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::WorkflowContext;
use super::activity_future::fail_task;
use super::timer::summary_metadata;
use crate::activity::{ActivityCancellationType, ActivityOptions, HasTimeout, MissingTimeout};
use crate::definition::ActivityDefinition;
use crate::failure::{ApplicationFailure, Failure, RetryPolicy};
use crate::payload::{Arguments, FromPayload, Payload, PayloadError, value_from_result};

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
    arguments: Result<Vec<Payload>, PayloadError>,
    options: LocalActivityOptions,
    retry_policy: Option<RetryPolicy>,
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
            arguments,
            options: LocalActivityOptions {
                activity_type: name,
                activity_id: defaults.activity_id.unwrap_or_default(),
                start_to_close_timeout: defaults.start_to_close_timeout,
                schedule_to_close_timeout: defaults.schedule_to_close_timeout,
                schedule_to_start_timeout: defaults.schedule_to_start_timeout,
                cancellation_type: defaults.cancellation_type.unwrap_or_default(),
                metadata: defaults.summary.as_deref().and_then(metadata),
                ..LocalActivityOptions::default()
            },
            retry_policy: defaults.retry_policy,
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
        self.retry_policy = Some(policy);
        self
    }

    /// The longest wait between two attempts that keeps the workflow task open, a minute unless
    /// said. For longer ones the workflow waits by a timer.
    pub fn local_retry_threshold(mut self, threshold: Duration) -> Self {
        self.options.local_retry_threshold = Some(threshold);
        self
    }

    /// What canceling means for the code that waits.
    pub fn cancellation_type(mut self, cancellation_type: ActivityCancellationType) -> Self {
        self.options.cancellation_type = cancellation_type;
        self
    }

    /// Its id; a number unless said.
    pub fn activity_id(mut self, activity_id: impl Into<String>) -> Self {
        self.options.activity_id = activity_id.into();
        self
    }

    /// A line that the web UI shows beside it.
    pub fn summary(mut self, summary: impl AsRef<str>) -> Self {
        self.options.metadata = metadata(summary.as_ref());
        self
    }

    /// Whether the marker keeps the arguments too, for who reads the history.
    pub fn include_arguments_in_marker(mut self, include: bool) -> Self {
        self.options.include_arguments_in_marker = include;
        self
    }

    fn with_timeout(self) -> LocalActivityCall<T, HasTimeout> {
        LocalActivityCall {
            context: self.context,
            arguments: self.arguments,
            options: self.options,
            retry_policy: self.retry_policy,
            place: self.place,
            output: PhantomData,
        }
    }
}

impl<T: FromPayload + 'static> IntoFuture for LocalActivityCall<T, HasTimeout> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output>>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            context,
            arguments,
            mut options,
            retry_policy,
            place,
            ..
        } = self;
        let name = options.activity_type.clone();
        match arguments {
            Ok(arguments) => {
                options.arguments = arguments;
                options.header = context.outgoing_header();
                options.groups = context.current_group_markers();
            }
            Err(error) => {
                let what = format!("the arguments of local activity \"{name}\" cannot be encoded");
                fail_task(&context, &what, &error, Some(place));
                return Box::pin(std::future::pending());
            }
        }
        match retry_policy.as_ref().map(RetryPolicy::to_proto).transpose() {
            Ok(policy) => options.retry_policy = policy,
            Err(error) => {
                // A mistake of the code: the task fails until it is mended.
                let message = format!("{place}: local activity \"{name}\": {error}");
                let failure = ApplicationFailure::new(message).with_type("InvalidRetryPolicy");
                context.engine.fail_task(failure.into(), Some(place));
                return Box::pin(std::future::pending());
            }
        }
        let first = context
            .engine
            .schedule_local_activity(options.clone(), place);
        Box::pin(async move {
            let mut operation = first;
            loop {
                match operation.await {
                    LocalActivityResolution::Completed(result) => {
                        let payload = result.as_ref().and_then(|result| result.payloads.first());
                        match value_from_result(payload) {
                            Ok(value) => return Ok(value),
                            Err(error) => {
                                let what = "a local activity's result cannot be read";
                                fail_task(&context, what, &error, Some(place));
                                return std::future::pending().await;
                            }
                        }
                    }
                    LocalActivityResolution::Failed(failure) => {
                        return Err(Failure::from(*failure));
                    }
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
        })
    }
}

fn metadata(summary: &str) -> Option<Box<UserMetadata>> {
    summary_metadata(summary).map(Box::new)
}

impl<T, Timeout> fmt::Debug for LocalActivityCall<T, Timeout> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LocalActivityCall")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
