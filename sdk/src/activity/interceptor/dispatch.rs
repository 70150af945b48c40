//! Interceptors whose types are forgotten.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::{ActivityInterceptor, ExecuteActivity, RecordHeartbeat};
use crate::activity::{ActivityContext, HeartbeatError};
use crate::failure::ActivityResult;
use crate::payload::Payload;

/// A future whose type is forgotten.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An [`ActivityInterceptor`] of any type.
pub(crate) trait AnyActivityInterceptor: Send + Sync {
    fn execute_activity<'a, 'next: 'a>(
        &'a self,
        ctx: &'a ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'next>,
    ) -> BoxFuture<'a, ActivityResult<Option<Payload>>>;

    fn record_heartbeat(
        &self,
        ctx: &ActivityContext,
        details: Vec<Payload>,
        next: RecordHeartbeat<'_>,
    ) -> Result<(), HeartbeatError>;
}

impl<I: ActivityInterceptor> AnyActivityInterceptor for I {
    fn execute_activity<'a, 'next: 'a>(
        &'a self,
        ctx: &'a ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'next>,
    ) -> BoxFuture<'a, ActivityResult<Option<Payload>>> {
        Box::pin(ActivityInterceptor::execute_activity(
            self, ctx, arguments, next,
        ))
    }

    fn record_heartbeat(
        &self,
        ctx: &ActivityContext,
        details: Vec<Payload>,
        next: RecordHeartbeat<'_>,
    ) -> Result<(), HeartbeatError> {
        ActivityInterceptor::record_heartbeat(self, ctx, details, next)
    }
}

/// The interceptors of a worker's activities, outermost first.
#[derive(Default)]
pub(crate) struct ActivityInterceptors(Vec<Arc<dyn AnyActivityInterceptor>>);

impl ActivityInterceptors {
    pub(crate) fn add(&mut self, interceptor: impl ActivityInterceptor) {
        self.0.push(Arc::new(interceptor));
    }

    pub(crate) fn as_slice(&self) -> &[Arc<dyn AnyActivityInterceptor>] {
        &self.0
    }
}

impl fmt::Debug for ActivityInterceptors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.len())
    }
}
