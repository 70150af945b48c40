//! What follows an interceptor around a heartbeat.

use std::fmt;
use std::sync::Arc;

use super::AnyActivityInterceptor;
use crate::activity::{ActivityContext, HeartbeatError};
use crate::payload::Payload;

/// What follows an interceptor around a heartbeat: the next interceptor, or the record of it, of which
/// the worker sends the newest.
#[derive(Clone, Copy)]
pub struct RecordHeartbeat<'a> {
    interceptors: &'a [Arc<dyn AnyActivityInterceptor>],
}

impl<'a> RecordHeartbeat<'a> {
    pub(crate) fn new(interceptors: &'a [Arc<dyn AnyActivityInterceptor>]) -> Self {
        Self { interceptors }
    }

    /// Records the heartbeat of the context's attempt.
    ///
    /// # Errors
    /// As [`ActivityContext::heartbeat`]: the attempt should stop, or nothing was recorded.
    pub fn run(self, ctx: &ActivityContext, details: Vec<Payload>) -> Result<(), HeartbeatError> {
        match self.interceptors.split_first() {
            Some((first, rest)) => first.record_heartbeat(ctx, details, Self::new(rest)),
            None => ctx.record_heartbeat(details),
        }
    }
}

impl fmt::Debug for RecordHeartbeat<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RecordHeartbeat")
            .field("interceptors", &self.interceptors.len())
            .finish()
    }
}
