//! What answers show of the time that a run skips.

use durably_protos::temporal::api::common::v1::{TimeSkippingFastForwardInfo, TimeSkippingInfo};

use super::super::Run;
use crate::server::time::Time;

/// A fast-forward as those who wait for its end see it.
#[derive(Debug, Clone)]
pub(crate) struct FastForwardState {
    /// `None` without a fast-forward.
    pub(crate) info: Option<TimeSkippingFastForwardInfo>,
    pub(crate) skips_time: bool,
    /// No run follows that could come to the target.
    pub(crate) has_ended: bool,
}

impl Run {
    /// For `DescribeWorkflowExecution`, at this time of the server's clock.
    pub(in crate::server::run) fn time_skipping_info(
        &self,
        server: Time,
    ) -> Option<TimeSkippingInfo> {
        let state = self.time_skipping.as_ref()?;
        Some(TimeSkippingInfo {
            current_time: Some(self.now(server).timestamp()),
            effective_config: self.options.time_skipping_config.clone(),
            fast_forward_info: self.fast_forward_info(),
            current_session_skip_count: state.skips,
        })
    }

    pub(crate) fn fast_forward_state(&self) -> FastForwardState {
        FastForwardState {
            info: self.fast_forward_info(),
            skips_time: self.skips_time(),
            has_ended: !self.is_open() && self.next_run_id.is_none(),
        }
    }

    fn fast_forward_info(&self) -> Option<TimeSkippingFastForwardInfo> {
        let fast_forward = self.time_skipping.as_ref()?.fast_forward.as_ref()?;
        let config = self.options.time_skipping_config.as_ref()?;
        let config = config.fast_forward_config.clone().unwrap_or_default();
        Some(TimeSkippingFastForwardInfo {
            fast_forward_duration: config.duration,
            fast_forward_id: config.id,
            target_time: Some(fast_forward.target.timestamp()),
            has_completed: fast_forward.reached,
        })
    }
}
