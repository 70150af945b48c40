//! Durations and points in time between Rust and protobuf, where a value out of range is no error.

use std::time::{Duration, SystemTime};

use durably_protos::google::protobuf;

/// The protobuf form; a duration past what it can hold is cut to the longest it can (292 billion
/// years).
pub(crate) fn proto_duration(duration: Duration) -> protobuf::Duration {
    duration.try_into().unwrap_or(protobuf::Duration {
        seconds: i64::MAX,
        nanos: 0,
    })
}

/// The Rust form; negative durations, which mean nothing to Temporal, give zero.
pub(crate) fn std_duration(duration: &protobuf::Duration) -> Duration {
    (*duration).try_into().unwrap_or_default()
}

/// The Rust form of a point in time; `None` where the platform's clock cannot tell it.
pub(crate) fn system_time(timestamp: &protobuf::Timestamp) -> Option<SystemTime> {
    (*timestamp).try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_values_from_outside_do_not_panic() {
        let duration = |seconds, nanos| std_duration(&protobuf::Duration { seconds, nanos });
        assert_eq!(duration(-1, 5), Duration::ZERO);
        assert_eq!(duration(1, 500_000_000), Duration::from_millis(1500));
        let _ = duration(i64::MAX, i32::MAX);
        assert_eq!(
            proto_duration(Duration::from_millis(1500)).nanos,
            500_000_000
        );
        assert_eq!(proto_duration(Duration::MAX).seconds, i64::MAX);
        for seconds in [i64::MIN, i64::MAX] {
            let _ = system_time(&protobuf::Timestamp { seconds, nanos: -1 });
        }
    }
}
