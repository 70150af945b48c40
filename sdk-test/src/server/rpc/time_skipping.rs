//! `PollWorkflowExecutionTimeSkipping`, and the rules for a `TimeSkippingConfig`.

use std::sync::Arc;
use std::time::Duration;

use durably_protos::temporal::api::common::v1::TimeSkippingConfig;
use durably_protos::temporal::api::workflowservice::v1::{
    PollWorkflowExecutionTimeSkippingRequest, PollWorkflowExecutionTimeSkippingResponse,
};

use super::Deadline;
use crate::server::refusal::{Answer, invalid, workflow_not_found};
use crate::server::shared::Shared;
use crate::server::time::Span;
use crate::server::validate;
use crate::server::world::{FastForwardPoll, World};

/// How long a call waits, in real time.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How often a run skips time, unless its config says otherwise.
const MOST_SKIPS: i32 = 200;

pub(super) async fn poll(
    shared: Arc<Shared>,
    request: PollWorkflowExecutionTimeSkippingRequest,
    deadline: Deadline,
) -> Answer<PollWorkflowExecutionTimeSkippingResponse> {
    let (waiting, nothing) = match shared.with(|world| ask(world, &request))? {
        FastForwardPoll::Over(response) => return Ok(response),
        FastForwardPoll::Pending(waiting, nothing) => (waiting, nothing),
    };
    let told = tokio::time::timeout(deadline.wait(LONGEST_WAIT), waiting).await;
    Ok(told.ok().flatten().unwrap_or(nothing))
}

fn ask(
    world: &mut World,
    request: &PollWorkflowExecutionTimeSkippingRequest,
) -> Answer<FastForwardPoll> {
    let execution = request.workflow_execution.as_ref();
    validate::execution(&world.limits, execution)?;
    world.namespaces.get(&request.namespace)?;
    if request.fast_forward_id.trim().is_empty() {
        return Err(no_id());
    }
    let index = world.find(&request.namespace, execution)?;
    let poll = world.poll_fast_forward(index, &request.fast_forward_id);
    poll.ok_or_else(|| workflow_not_found(""))
}

/// Checks a config, and fills in what it leaves open.
pub(super) fn check(config: Option<&mut TimeSkippingConfig>) -> Answer<()> {
    let Some(config) = config else { return Ok(()) };
    if config.max_session_skip_count <= 0 {
        config.max_session_skip_count = MOST_SKIPS;
    }
    let Some(fast_forward) = &config.fast_forward_config else {
        return Ok(());
    };
    let duration = Span::of(fast_forward.duration.as_ref());
    if duration <= Span::ZERO {
        return Err(invalid(
            "Time skipping config invalid: fast_forward duration must be positive",
        ));
    }
    if fast_forward.id.trim().is_empty() {
        return Err(no_id());
    }
    if !config.enabled {
        return Err(invalid(
            "time_skipping_config: cannot set fast_forward when enabled is false",
        ));
    }
    Ok(())
}

fn no_id() -> tonic::Status {
    invalid("Time skipping config invalid: fast_forward_id must be set")
}
