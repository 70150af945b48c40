//! The hooks around attempts.

use std::sync::Arc;

use super::{ExecuteActivity, RecordHeartbeat};
use crate::activity::{ActivityContext, HeartbeatError};
use crate::failure::ActivityResult;
use crate::payload::Payload;

/// Code around the attempts of a worker's activities: opens spans and measures, checks and changes
/// what goes in and comes out.
///
/// Registered by
/// [`WorkerBuilder::activity_interceptor`](crate::worker::WorkerBuilder::activity_interceptor), for the
/// activities of the task queue, those of sessions, and local activities
/// ([`ActivityInfo::is_local`](crate::activity::ActivityInfo::is_local)). Values are payloads, after the
/// payload codec has decoded them and before it encodes them; what it could not decode fails before any
/// interceptor.
///
/// ```
/// use durably::activity::ActivityContext;
/// use durably::failure::{ActivityResult, ApplicationFailure};
/// use durably::interceptor::{ActivityInterceptor, ExecuteActivity};
/// use durably::payload::{HeaderKey, Payload};
///
/// const TENANT: HeaderKey<String> = HeaderKey::new("tenant");
///
/// struct Tenants(Vec<String>);
///
/// impl ActivityInterceptor for Tenants {
///     async fn execute_activity(
///         &self,
///         ctx: &ActivityContext,
///         arguments: Vec<Payload>,
///         next: ExecuteActivity<'_>,
///     ) -> ActivityResult<Option<Payload>> {
///         let tenant = ctx.header(&TENANT)?.unwrap_or_default();
///         if !self.0.contains(&tenant) {
///             let refused = ApplicationFailure::new(format!("no tenant `{tenant}`"));
///             return Err(refused.with_type("UnknownTenant").non_retryable().into());
///         }
///         let result = next.run(ctx, arguments).await;
///         println!("{} of {tenant}: {}", ctx.info().activity_type, result.is_ok());
///         result
///     }
/// }
/// ```
///
/// Interceptors are not around what Durably itself runs as activities to hold sessions open. A panic of
/// one fails the attempt, as one of the activity does.
pub trait ActivityInterceptor: Send + Sync + 'static {
    /// Around an attempt; a retry is another one.
    ///
    /// The error that it returns is the attempt's, and retried as such. The future is dropped where
    /// the activity's would be: when the worker stops, or a local activity's time is over. An activity
    /// that is [completed from elsewhere](crate::failure::ActivityError::CompleteAsynchronously) ends
    /// here with the error that says so.
    fn execute_activity(
        &self,
        ctx: &ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'_>,
    ) -> impl Future<Output = ActivityResult<Option<Payload>>> + Send {
        next.run(ctx, arguments)
    }

    /// Around each heartbeat that the attempt records, whether the worker then sends it or a newer one
    /// in its place. Called on the thread that records it; it must not block.
    ///
    /// `ctx` is the context by which it is recorded. A heartbeat that the hook records by it, in place
    /// of running `next`, comes back to the hook.
    ///
    /// # Errors
    /// The activity gets what this returns, in place of the heartbeat's own outcome.
    fn record_heartbeat(
        &self,
        ctx: &ActivityContext,
        details: Vec<Payload>,
        next: RecordHeartbeat<'_>,
    ) -> Result<(), HeartbeatError> {
        next.run(ctx, details)
    }
}

/// One that several workers, or the program itself, share.
impl<I: ActivityInterceptor> ActivityInterceptor for Arc<I> {
    fn execute_activity(
        &self,
        ctx: &ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'_>,
    ) -> impl Future<Output = ActivityResult<Option<Payload>>> + Send {
        (**self).execute_activity(ctx, arguments, next)
    }

    fn record_heartbeat(
        &self,
        ctx: &ActivityContext,
        details: Vec<Payload>,
        next: RecordHeartbeat<'_>,
    ) -> Result<(), HeartbeatError> {
        (**self).record_heartbeat(ctx, details, next)
    }
}
