//! Whether a workflow skips the time in which nothing is under way.

use std::time::Duration;

use durably_protos::temporal::api::common::v1::{FastForwardConfig, TimeSkippingConfig};

use crate::proto_time::{proto_duration, std_duration};

/// Whether, and how far, a workflow skips the time in which it only waits for timers, retries or its
/// timeouts. It then has a clock of its own, ahead of the server's, which its children and the runs that
/// follow it begin with.
///
/// This is for tests. A server must allow it: the one of `durably-test` does, Temporal's with
/// `--dynamic-config-value frontend.WorkflowTimeSkippingEnabled=true`.
///
/// ```
/// # use std::time::Duration;
/// # use durably::options::TimeSkipping;
/// const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// let skipping = TimeSkipping::enabled().fast_forward("first-day", DAY);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSkipping {
    enabled: bool,
    fast_forward: Option<(String, Duration)>,
    propagates: bool,
    max_skips: u32,
}

impl TimeSkipping {
    /// Time is skipped whenever nothing is under way, to the end of the workflow.
    pub fn enabled() -> Self {
        Self {
            enabled: true,
            fast_forward: None,
            propagates: true,
            max_skips: 0,
        }
    }

    /// No time is skipped. A workflow that has skipped some keeps what it has.
    pub fn disabled() -> Self {
        Self {
            enabled: false,
            ..Self::enabled()
        }
    }

    /// Skips only so much, as reckoned from the start of the workflow or from the change of its options;
    /// then time skipping is disabled. The id is for
    /// [`wait_for_fast_forward`](crate::client::WorkflowHandle::wait_for_fast_forward). Servers refuse one
    /// that is blank, and a duration of zero.
    #[must_use]
    pub fn fast_forward(mut self, id: impl Into<String>, duration: Duration) -> Self {
        self.fast_forward = Some((id.into(), duration));
        self
    }

    /// Leaves it to the children whether they skip time; they do as their parent does otherwise. They
    /// begin at the parent's time in any case.
    #[must_use]
    pub fn without_propagation(mut self) -> Self {
        self.propagates = false;
        self
    }

    /// Sets how often time may be skipped, before time skipping is disabled; the server's default (200)
    /// otherwise, or if this is zero.
    #[must_use]
    pub fn max_skips(mut self, skips: u32) -> Self {
        self.max_skips = skips;
        self
    }

    pub(crate) fn from_proto(proto: TimeSkippingConfig) -> Self {
        let fast_forward = proto.fast_forward_config.map(|config| {
            let duration = config.duration.as_ref();
            (config.id, duration.map(std_duration).unwrap_or_default())
        });
        Self {
            enabled: proto.enabled,
            fast_forward,
            propagates: !proto.disable_propagation,
            max_skips: u32::try_from(proto.max_session_skip_count).unwrap_or(0),
        }
    }
}

impl From<TimeSkipping> for TimeSkippingConfig {
    fn from(skipping: TimeSkipping) -> Self {
        let fast_forward = skipping.fast_forward;
        Self {
            enabled: skipping.enabled,
            fast_forward_config: fast_forward.map(|(id, duration)| FastForwardConfig {
                id,
                duration: Some(proto_duration(duration)),
            }),
            disable_propagation: !skipping.propagates,
            max_session_skip_count: i32::try_from(skipping.max_skips).unwrap_or(i32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_round_trip() {
        let skipping = TimeSkipping::enabled()
            .fast_forward("a", Duration::from_millis(1500))
            .without_propagation()
            .max_skips(3);
        for skipping in [skipping, TimeSkipping::enabled(), TimeSkipping::disabled()] {
            let proto = TimeSkippingConfig::from(skipping.clone());
            assert_eq!(TimeSkipping::from_proto(proto), skipping);
        }
    }
}
