//! One attempt: from the task to its report.

use std::sync::Arc;

use durably_protos::temporal::api::workflowservice::v1::PollActivityTaskQueueResponse;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tracing::Instrument;

use super::body::run_body;
use super::outcome::own_failure;
use super::runner::ActivityRunner;
use crate::activity::{ActivityContext, ActivityInfo, Attempt};
use crate::failure::ActivityResult;
use crate::payload::Payload;
use crate::payload::codec::PayloadCodecError;
use crate::worker::CODEC_ERROR;

impl ActivityRunner {
    /// Runs a task in a slot of its own.
    pub(super) fn spawn(
        self: &Arc<Self>,
        task: PollActivityTaskQueueResponse,
        slot: OwnedSemaphorePermit,
    ) {
        let received = Instant::now();
        let runner = Arc::clone(self);
        let attempt = async move {
            runner.execute_task(task, received).await;
            drop(slot);
        };
        self.runtime.spawn(attempt);
    }

    async fn execute_task(
        self: &Arc<Self>,
        mut task: PollActivityTaskQueueResponse,
        received: Instant,
    ) {
        let decoded = self.client.rpc().edge().decode(&mut task).await;
        let (info, input) = ActivityInfo::from_task(task, &self.options.task_queue);
        // Of the level of the warnings, which mean little without it; and not part of whatever handed the
        // task over, such as a workflow task.
        let span = tracing::warn_span!(
            parent: None,
            "activity",
            activity_type = info.activity_type,
            activity_id = info.activity_id,
            workflow_id = info.workflow_id,
            run_id = info.run_id,
            attempt = info.attempt,
        );
        let attempt = Attempt::new(info, Arc::clone(self) as _);
        let execution = async {
            tokio::select! {
                biased;
                () = self.execute(&attempt, decoded.map(|()| input), received) => {}
                () = self.phases.stopped.cancelled() => {}
            }
        };
        execution.instrument(span).await;
    }

    async fn execute(
        &self,
        attempt: &Arc<Attempt>,
        input: Result<Vec<Payload>, PayloadCodecError>,
        received: Instant,
    ) {
        let result = match input {
            Ok(input) => self.run(attempt, input, received).await,
            Err(error) => Err(own_failure(error.to_string(), CODEC_ERROR).into()),
        };
        // Boxed, so that attempts which wait for long do not hold room for their report.
        Box::pin(self.conclude(attempt, result)).await;
    }

    async fn run(
        &self,
        attempt: &Arc<Attempt>,
        input: Vec<Payload>,
        received: Instant,
    ) -> ActivityResult<Option<Payload>> {
        let context = ActivityContext::new(Arc::clone(attempt));
        let body = run_body(&self.registry, context, input);
        tokio::select! {
            biased;
            result = body => result,
            never = self.watch(attempt, received) => match never {},
        }
    }
}
