//! The body of an attempt: what was registered, with its input.

use std::sync::Arc;

use tracing::Span;

use super::outcome::own_failure;
use super::panic::{catch, catch_async};
use crate::activity::interceptor::{AnyActivityInterceptor, BoxFuture, ExecuteActivity};
use crate::activity::{ActivityContext, ActivityInfo, ActivityRegistry};
use crate::definition::ActivityExecution;
use crate::failure::{ActivityError, ActivityResult};
use crate::payload::{Payload, PayloadError};

/// Runs the activity that the context's info names, to its end. Whatever goes wrong in code of the
/// user's is an error of this attempt.
pub(super) async fn run_body(
    registry: &ActivityRegistry,
    context: ActivityContext,
    input: Vec<Payload>,
) -> ActivityResult<Option<Payload>> {
    let interceptors = registry.interceptors(&context.info().activity_type);
    if interceptors.is_empty() {
        return catch_async(body(registry, context, input)).await?;
    }
    let attempt = intercepted(registry, interceptors, context, input);
    catch_async(Box::pin(attempt)).await?
}

async fn intercepted(
    registry: &ActivityRegistry,
    interceptors: &[Arc<dyn AnyActivityInterceptor>],
    context: ActivityContext,
    input: Vec<Payload>,
) -> ActivityResult<Option<Payload>> {
    let body = |context, input| -> BoxFuture<'_, _> {
        // Interceptors see a panic of the body as the failure that it becomes.
        Box::pin(async move { catch_async(body(registry, context, input)).await? })
    };
    let chain = ExecuteActivity::new(interceptors, &body);
    chain.run(&context, input).await
}

async fn body(
    registry: &ActivityRegistry,
    context: ActivityContext,
    input: Vec<Payload>,
) -> ActivityResult<Option<Payload>> {
    let info = context.info();
    let Some(handler) = registry.handler(&info.activity_type) else {
        return Err(unknown_type(registry, info));
    };
    if let Some(parameters) = handler.parameters()
        && input.len() > parameters
    {
        tracing::warn!(
            "the activity was called with {} arguments and takes {parameters}; the others are ignored",
            input.len()
        );
    }
    let execution = handler
        .start(context.clone(), input)
        .map_err(|error| undecodable(context.info(), error))?;
    match execution {
        ActivityExecution::Async(body) => body.await,
        ActivityExecution::Blocking(body) => {
            let span = Span::current();
            let called = move || span.in_scope(|| catch(body));
            match tokio::task::spawn_blocking(called).await {
                Ok(result) => result?,
                Err(_) => Err("the worker's runtime ended before the activity began".into()),
            }
        }
    }
}

/// Retryable: the task may have come to an older worker than the one that knows the type.
fn unknown_type(registry: &ActivityRegistry, info: &ActivityInfo) -> ActivityError {
    let known: Vec<_> = registry.names().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "activity type `{}` is not registered with this worker of task queue `{}`; it knows: {}",
        info.activity_type,
        info.task_queue,
        known.join(", "),
    );
    own_failure(message, "NotFoundError").into()
}

fn undecodable(info: &ActivityInfo, error: PayloadError) -> ActivityError {
    let message = format!(
        "cannot read the input of activity `{}`: {error}",
        info.activity_type
    );
    own_failure(message, "PayloadError")
        .with_cause(error)
        .into()
}
