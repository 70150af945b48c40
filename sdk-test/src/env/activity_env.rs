//! One activity alone: no server, no worker, a context that the test makes up.

use std::sync::Arc;
use std::time::Duration;

use durably::activity::{
    ActivityCanceled, ActivityCancellationReason, ActivityContext, ActivityInfo, TestAttempt,
};
use durably::definition::{
    ActivityDefinition, ActivityExecution, ActivityImplementation, ActivityMethod,
};
use durably::failure::{ActivityError, ActivityResult};
use durably::payload::{
    Argument, Arguments, FromPayload, HeaderKey, Parameters, Payload, PayloadError, ToPayload,
};

/// What surrounds one attempt of an activity.
///
/// ```
/// use durably::activity::ActivityCancellationReason;
/// use durably::prelude::*;
/// use durably_test::ActivityEnv;
///
/// #[activity(start_to_close_timeout = "1m")]
/// async fn import(ctx: &ActivityContext, rows: u32) -> ActivityResult<u32> {
///     let done: u32 = ctx.heartbeat_details()?.unwrap_or(0);
///     for row in done..rows {
///         ctx.heartbeat(&(row + 1))?;
///     }
///     Ok(rows - done)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let second = ActivityEnv::new().attempt(2).heartbeat_details(&7_u32);
/// let run = second.run(import, 10_u32).await;
/// assert_eq!(run.result.unwrap(), 3);
///
/// let canceled = ActivityEnv::new().cancel_at_heartbeat(2, ActivityCancellationReason::Canceled);
/// let run = canceled.run(import, 10_u32).await;
/// assert_eq!(run.heartbeats_as::<u32>().unwrap(), [1, 2]);
/// assert!(run.is_canceled());
/// # }
/// ```
#[derive(Debug, Default)]
#[must_use = "nothing runs until an activity is run in it"]
pub struct ActivityEnv {
    info: ActivityInfo,
    cancel: Option<Cancel>,
    worker_shuts_down: bool,
    mistake: Option<PayloadError>,
}

#[derive(Debug, Clone, Copy)]
enum Cancel {
    AtHeartbeat(usize, ActivityCancellationReason),
    After(Duration, ActivityCancellationReason),
}

/// An attempt that has ended.
#[derive(Debug)]
pub struct ActivityRun<T> {
    /// What the activity returned.
    pub result: ActivityResult<T>,
    /// The details of its heartbeats, as they would go over the wire.
    pub heartbeats: Vec<Vec<Payload>>,
    /// Why it was told to stop, if it was.
    pub cancellation: Option<ActivityCanceled>,
}

impl ActivityEnv {
    /// The first attempt of an activity of the workflow `test`.
    pub fn new() -> Self {
        let mut info = ActivityInfo::default();
        info.attempt = 1;
        info.activity_id = "1".to_owned();
        info.namespace = "default".to_owned();
        info.task_queue = "test".to_owned();
        info.workflow_id = "test".to_owned();
        info.workflow_type = "test".to_owned();
        info.run_id = "00000000-0000-0000-0000-000000000001".to_owned();
        info.task_token = "test".into();
        Self {
            info,
            ..Self::default()
        }
    }

    /// Which attempt this is, counted from 1.
    pub fn attempt(self, attempt: u32) -> Self {
        self.info(|info| info.attempt = attempt)
    }

    /// What an earlier attempt reported last.
    pub fn heartbeat_details<T: ToPayload>(mut self, details: &T) -> Self {
        match details.to_payload() {
            Ok(details) => self.info.heartbeat_details = vec![details],
            Err(error) => self.mistake = self.mistake.or(Some(error)),
        }
        self
    }

    /// A header that the caller sent along.
    pub fn header<T>(mut self, key: &HeaderKey<T>, value: impl Argument<T>) -> Self {
        if let Err(error) = self.info.headers.insert(key, value) {
            self.mistake = self.mistake.or(Some(error));
        }
        self
    }

    /// Changes what the activity is told about itself.
    pub fn info(mut self, change: impl FnOnce(&mut ActivityInfo)) -> Self {
        change(&mut self.info);
        self
    }

    /// Cancels the attempt when it reports its `number`th heartbeat, counted from 1. Without heartbeats
    /// it hears nothing of it, as on a real server.
    pub fn cancel_at_heartbeat(
        mut self,
        number: usize,
        reason: ActivityCancellationReason,
    ) -> Self {
        self.cancel = Some(Cancel::AtHeartbeat(number, reason));
        self
    }

    /// Cancels the attempt after some time; at once if it is zero.
    pub fn cancel_after(mut self, time: Duration, reason: ActivityCancellationReason) -> Self {
        self.cancel = Some(Cancel::After(time, reason));
        self
    }

    /// The worker has begun to shut down.
    pub fn worker_shuts_down(mut self) -> Self {
        self.worker_shuts_down = true;
        self
    }

    /// Runs an activity that is a free function. Arguments and heartbeats are written and read as
    /// payloads, so that what cannot be is found here.
    ///
    /// # Panics
    /// The activity panics; or what the test gave (arguments, header, heartbeat details) cannot be written
    /// or read.
    pub async fn run<A>(
        self,
        activity: A,
        arguments: impl Arguments<A::Parameters>,
    ) -> ActivityRun<A::Output>
    where
        A: ActivityImplementation,
        A::Parameters: Parameters,
        A::Output: Send,
    {
        let _ = activity;
        let parameters = read::<A, _>(&arguments);
        self.execute::<A, _>(|context| A::execute(context, parameters))
            .await
    }

    /// As [`run`](Self::run), for a method of a value that attempts share.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub async fn run_method<A>(
        self,
        activity: A,
        receiver: impl Into<Arc<A::Receiver>>,
        arguments: impl Arguments<A::Parameters>,
    ) -> ActivityRun<A::Output>
    where
        A: ActivityMethod,
        A::Parameters: Parameters,
        A::Output: Send,
    {
        let _ = activity;
        let parameters = read::<A, _>(&arguments);
        let receiver = receiver.into();
        self.execute::<A, _>(|context| A::execute(receiver, context, parameters))
            .await
    }

    /// A context and its other side, to call a function with by hand.
    ///
    /// # Panics
    /// A header, or the heartbeat details, cannot be written.
    #[must_use]
    #[track_caller]
    pub fn context(self) -> (ActivityContext, TestAttempt) {
        if let Some(error) = self.mistake {
            panic!("the activity's surroundings cannot be written: {error}");
        }
        let (context, attempt) = ActivityContext::for_tests(self.info);
        if self.worker_shuts_down {
            attempt.shut_worker_down();
        }
        match self.cancel {
            Some(Cancel::AtHeartbeat(number, reason)) => {
                attempt.cancel_at_heartbeat(number, reason);
            }
            Some(Cancel::After(time, reason)) if time.is_zero() => attempt.cancel(reason),
            Some(Cancel::After(..)) | None => {}
        }
        (context, attempt)
    }

    async fn execute<A, F>(mut self, start: F) -> ActivityRun<A::Output>
    where
        A: ActivityDefinition,
        A::Output: Send,
        F: FnOnce(ActivityContext) -> ActivityExecution<A::Output>,
    {
        A::NAME.clone_into(&mut self.info.activity_type);
        let cancel = self.cancel;
        let (context, attempt) = self.context();
        let told = context.clone();
        let body = async {
            match start(context) {
                ActivityExecution::Async(body) => body.await,
                ActivityExecution::Blocking(body) => {
                    match tokio::task::spawn_blocking(body).await {
                        Ok(result) => result,
                        Err(error) => match error.try_into_panic() {
                            Ok(panic) => std::panic::resume_unwind(panic),
                            Err(error) => panic!("the activity was not run: {error}"),
                        },
                    }
                }
            }
        };
        let canceling = async {
            match cancel {
                Some(Cancel::After(time, reason)) if !time.is_zero() => {
                    tokio::time::sleep(time).await;
                    attempt.cancel(reason);
                }
                _ => {}
            }
            std::future::pending::<()>().await;
        };
        let result = tokio::select! {
            biased;
            result = body => result,
            () = canceling => unreachable!("it never ends"),
        };
        attempt.end();
        ActivityRun {
            result,
            heartbeats: attempt.heartbeats(),
            cancellation: told.cancellation(),
        }
    }
}

#[track_caller]
fn read<A, P>(arguments: &P) -> A::Parameters
where
    A: ActivityDefinition,
    A::Parameters: Parameters,
    P: Arguments<A::Parameters>,
{
    let parameters = arguments.to_payloads();
    match parameters.and_then(|payloads| A::Parameters::from_payloads(&payloads)) {
        Ok(parameters) => parameters,
        Err(error) => panic!("the arguments of activity `{}`: {error}", A::NAME),
    }
}

impl<T> ActivityRun<T> {
    /// The details of all heartbeats that have some.
    ///
    /// # Errors
    /// Some cannot be read as this type.
    pub fn heartbeats_as<D: FromPayload>(&self) -> Result<Vec<D>, PayloadError> {
        let details = self.heartbeats.iter().filter_map(|details| details.first());
        details.map(D::from_payload).collect()
    }

    /// Whether a worker would report the attempt as canceled: it was, and said so by its error. After a
    /// pause, say, or in a worker that shuts down, the same error is a failure that is retried.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        let told = self.cancellation.as_ref();
        let was_canceled = told.is_some_and(|told| told.details().is_canceled);
        was_canceled && matches!(self.result, Err(ActivityError::Canceled(_)))
    }
}
