//! The policies of a schedule with their defaults.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::enums::v1::ScheduleOverlapPolicy;
use durably_protos::temporal::api::schedule::v1::{Schedule, SchedulePolicies};
use jiff::SignedDuration;

const DEFAULT_CATCHUP_WINDOW: SignedDuration = SignedDuration::from_hours(365 * 24);
const MIN_CATCHUP_WINDOW: SignedDuration = SignedDuration::from_secs(10);

/// Fills in what `DescribeSchedule` shows for policies that are not set: overlapping starts are skipped, the catchup
/// window is a year. A shorter window than 10 s becomes 10 s.
pub(super) fn fill(schedule: &mut Schedule) {
    let policies = schedule
        .policies
        .get_or_insert_with(SchedulePolicies::default);
    if policies.overlap_policy() == ScheduleOverlapPolicy::Unspecified {
        policies.set_overlap_policy(ScheduleOverlapPolicy::Skip);
    }
    let window = match &policies.catchup_window {
        None => DEFAULT_CATCHUP_WINDOW,
        Some(window) => length(window).max(MIN_CATCHUP_WINDOW),
    };
    policies.catchup_window = Some(Duration {
        seconds: window.as_secs(),
        nanos: window.subsec_nanos(),
    });
    schedule.state.get_or_insert_default();
    schedule.spec.get_or_insert_default();
    schedule.action.get_or_insert_default();
}

/// A duration of a message; one that is not valid is the nearest.
pub(super) fn length(duration: &Duration) -> SignedDuration {
    let nanos = i64::from(duration.nanos);
    SignedDuration::from_secs(duration.seconds)
        .checked_add(SignedDuration::from_nanos(nanos))
        .unwrap_or(SignedDuration::MAX)
}
