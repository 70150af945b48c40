//! What follows an interceptor around an attempt.

use std::fmt;
use std::sync::Arc;

use super::{AnyActivityInterceptor, BoxFuture};
use crate::activity::ActivityContext;
use crate::failure::ActivityResult;
use crate::payload::Payload;

type Body<'a> = dyn Fn(ActivityContext, Vec<Payload>) -> BoxFuture<'a, ActivityResult<Option<Payload>>>
    + Send
    + Sync
    + 'a;

/// What follows an interceptor around an attempt: the next interceptor, or the activity itself.
///
/// It may be run more than once: the activity then runs again in the same attempt.
#[derive(Clone, Copy)]
pub struct ExecuteActivity<'a> {
    interceptors: &'a [Arc<dyn AnyActivityInterceptor>],
    body: &'a Body<'a>,
}

impl<'a> ExecuteActivity<'a> {
    pub(crate) fn new(
        interceptors: &'a [Arc<dyn AnyActivityInterceptor>],
        body: &'a Body<'a>,
    ) -> Self {
        Self { interceptors, body }
    }

    /// Goes on with the attempt. The activity gets this context: one
    /// [with other headers](ActivityContext::with_headers), say.
    ///
    /// # Errors
    /// What the activity returned. A panic of the activity, arguments that it cannot read and a type
    /// that the worker does not know are failures too.
    pub async fn run(
        self,
        ctx: &ActivityContext,
        arguments: Vec<Payload>,
    ) -> ActivityResult<Option<Payload>> {
        match self.interceptors.split_first() {
            Some((first, rest)) => {
                let next = ExecuteActivity::new(rest, self.body);
                first.execute_activity(ctx, arguments, next).await
            }
            None => (self.body)(ctx.clone(), arguments).await,
        }
    }
}

impl fmt::Debug for ExecuteActivity<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ExecuteActivity")
            .field("interceptors", &self.interceptors.len())
            .finish_non_exhaustive()
    }
}
