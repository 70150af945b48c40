//! What children and the next run of the chain take over.

use durably_protos::temporal::api::common::v1::{TimeSkippingConfig, TimeSkippingStatePropagation};

use super::super::Run;
use crate::server::time::Time;

impl Run {
    /// What the next run of the chain begins with, besides the config: everything.
    pub(in crate::server::run) fn time_skipping_of_next_run(
        &self,
    ) -> Option<TimeSkippingStatePropagation> {
        let state = self.time_skipping.as_ref()?;
        let fast_forward = state.fast_forward.as_ref();
        let propagated = TimeSkippingStatePropagation {
            initial_skipped_duration: state.skipped.unless_zero(),
            fast_forward_target_time: fast_forward
                .map(|fast_forward| fast_forward.target)
                .map(Time::timestamp),
            initial_skip_count: state.skips,
        };
        (propagated != TimeSkippingStatePropagation::default()).then_some(propagated)
    }

    /// What a child begins with: the clock, and the config unless it is not to be passed on. A
    /// fast-forward is for this workflow alone.
    pub(in crate::server::run) fn time_skipping_of_child(
        &self,
    ) -> (
        Option<TimeSkippingConfig>,
        Option<TimeSkippingStatePropagation>,
    ) {
        let skipped = self.skipped().unless_zero();
        let propagated = skipped.map(|skipped| TimeSkippingStatePropagation {
            initial_skipped_duration: Some(skipped),
            ..TimeSkippingStatePropagation::default()
        });
        let config = self.options.time_skipping_config.as_ref();
        let config = config.filter(|config| config.enabled && !config.disable_propagation);
        let config = config.map(|config| TimeSkippingConfig {
            fast_forward_config: None,
            ..config.clone()
        });
        (config, propagated)
    }
}
