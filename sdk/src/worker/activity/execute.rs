//! One attempt: from the task to its outcome.

use std::sync::Arc;

use durably_protos::temporal::api::workflowservice::v1::PollActivityTaskQueueResponse;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::outcome::own_failure;
use super::panic::{catch, catch_async};
use super::runner::ActivityRunner;
use crate::activity::{ActivityContext, ActivityInfo, ActivityRegistry, Attempt};
use crate::definition::ActivityExecution;
use crate::failure::{ActivityError, ActivityResult};
use crate::payload::{Payload, PayloadError};

impl ActivityRunner {
    /// Runs a task in a slot of its own.
    pub(super) fn spawn(
        self: &Arc<Self>,
        task: PollActivityTaskQueueResponse,
        slot: OwnedSemaphorePermit,
    ) {
        let runner = Arc::clone(self);
        self.runtime.spawn(async move {
            tokio::select! {
                biased;
                () = runner.execute(task) => {}
                () = runner.phases.stopped.cancelled() => {}
            }
            drop(slot);
        });
    }

    async fn execute(self: &Arc<Self>, task: PollActivityTaskQueueResponse) {
        let received = Instant::now();
        let (info, input) = ActivityInfo::from_task(task, &self.options.task_queue);
        let span = tracing::info_span!(
            "activity",
            activity_type = info.activity_type,
            activity_id = info.activity_id,
            workflow_id = info.workflow_id,
            run_id = info.run_id,
            attempt = info.attempt,
        );
        let attempt = Attempt::new(info, Arc::clone(self) as _);
        async {
            let result = self.run(&attempt, input, received).await;
            self.conclude(&attempt, result).await;
        }
        .instrument(span)
        .await;
    }

    async fn run(
        &self,
        attempt: &Arc<Attempt>,
        input: Vec<Payload>,
        received: Instant,
    ) -> ActivityResult<Option<Payload>> {
        let context = ActivityContext::new(Arc::clone(attempt));
        let body = catch_async(body(&self.registry, context, input));
        tokio::select! {
            biased;
            result = body => result?,
            never = self.watch(attempt, received) => match never {},
        }
    }
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
