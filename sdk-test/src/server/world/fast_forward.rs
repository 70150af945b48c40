//! Callers that wait for the end of a fast-forward. They follow the chain of runs: they wait for a
//! workflow id.

use durably_protos::temporal::api::common::v1::TimeSkippingFastForwardInfo;
use durably_protos::temporal::api::enums::v1::FastForwardPollingResult as Polled;
use durably_protos::temporal::api::workflowservice::v1::PollWorkflowExecutionTimeSkippingResponse;

use super::{RunIndex, World};
use crate::server::run::FastForwardState;
use crate::server::waiters::{Waiter, Waiting};

const OTHER_ID: &str =
    "the requested fast_forward_id does not match the execution's current fast-forward";
const RESET: &str = "the fast-forward was reset";
const ENDED: &str = "the execution ended before the fast-forward completed";
const DISABLED: &str = "time skipping was disabled before the fast-forward completed";

/// A caller, and the fast-forward it waits for.
#[derive(Debug)]
pub(crate) struct FastForwardWait {
    info: TimeSkippingFastForwardInfo,
    waiter: Waiter<PollWorkflowExecutionTimeSkippingResponse>,
}

/// What a caller that asks for the end of a fast-forward gets.
pub(crate) enum FastForwardPoll {
    Over(PollWorkflowExecutionTimeSkippingResponse),
    /// It is under way; the answer if nothing comes of it in time.
    Pending(
        Waiting<PollWorkflowExecutionTimeSkippingResponse>,
        PollWorkflowExecutionTimeSkippingResponse,
    ),
}

impl World {
    /// Asks for the end of a fast-forward.
    pub(crate) fn poll_fast_forward(
        &mut self,
        index: RunIndex,
        id: &str,
    ) -> Option<FastForwardPoll> {
        let run = self.run(index)?;
        let key = (run.namespace.name.as_str().into(), run.workflow_id.clone());
        let state = run.fast_forward_state();
        let info = match outcome(&state, id, None) {
            Ok(over) => return Some(FastForwardPoll::Over(over)),
            Err(info) => info,
        };
        let nothing = response(Some(info.clone()), Polled::PollTimeout, "");
        let (waiter, waiting) = self.waiters.pair();
        let waits = self.fast_forward_waits.entry(key).or_default();
        waits.retain(|wait| !wait.waiter.is_gone());
        waits.push(FastForwardWait { info, waiter });
        Some(FastForwardPoll::Pending(waiting, nothing))
    }

    /// Tells the callers whose wait is over.
    pub(super) fn fast_forward_changed(&mut self, index: RunIndex) {
        if self.fast_forward_waits.is_empty() {
            return;
        }
        let Some(run) = self.runs.get(&index) else {
            return;
        };
        let key = (run.namespace.name.as_str().into(), run.workflow_id.clone());
        let Some(waits) = self.fast_forward_waits.remove(&key) else {
            return;
        };
        let state = run.fast_forward_state();
        let mut left = Vec::new();
        for wait in waits {
            let id = &wait.info.fast_forward_id;
            match outcome(&state, id, Some(&wait.info)) {
                Ok(over) => wait.waiter.tell(over),
                Err(_) => left.push(wait),
            }
        }
        if !left.is_empty() {
            self.fast_forward_waits.insert(key, left);
        }
    }
}

/// How a fast-forward has ended, or what is known of it while it is under way. `awaited` is what the
/// caller has seen of it before.
fn outcome(
    state: &FastForwardState,
    id: &str,
    awaited: Option<&TimeSkippingFastForwardInfo>,
) -> Result<PollWorkflowExecutionTimeSkippingResponse, TimeSkippingFastForwardInfo> {
    let failed = |reason| {
        Ok(response(
            state.info.clone(),
            Polled::FastForwardFailed,
            reason,
        ))
    };
    let info = state.info.clone();
    let Some(info) = info.filter(|info| info.fast_forward_id == id) else {
        return failed(OTHER_ID);
    };
    if awaited.is_some_and(|awaited| awaited.target_time != info.target_time) {
        return failed(RESET);
    }
    if info.has_completed {
        return Ok(response(Some(info), Polled::FastForwardCompleted, ""));
    }
    if state.has_ended {
        return failed(ENDED);
    }
    if !state.skips_time {
        return failed(DISABLED);
    }
    Err(info)
}

fn response(
    info: Option<TimeSkippingFastForwardInfo>,
    result: Polled,
    failed_reason: &str,
) -> PollWorkflowExecutionTimeSkippingResponse {
    PollWorkflowExecutionTimeSkippingResponse {
        fast_forward_polling_result: result.into(),
        failed_reason: failed_reason.to_owned(),
        fast_forward_info: info,
    }
}
