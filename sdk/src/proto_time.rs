//! Durations and points in time between Rust and protobuf.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durably_protos::google::protobuf;

/// The protobuf form; durations past what it can hold are cut to the longest it can.
pub(crate) fn proto_duration(duration: Duration) -> protobuf::Duration {
    protobuf::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).expect("less than a second in nanoseconds"),
    }
}

/// The Rust form; negative durations, which mean nothing to Temporal, give zero.
pub(crate) fn std_duration(duration: &protobuf::Duration) -> Duration {
    let nanos = u32::try_from(duration.nanos).unwrap_or(0).min(999_999_999);
    u64::try_from(duration.seconds).map_or(Duration::ZERO, |seconds| Duration::new(seconds, nanos))
}

/// The protobuf form of a point in time.
pub(crate) fn proto_timestamp(time: SystemTime) -> protobuf::Timestamp {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => {
            let protobuf::Duration { seconds, nanos } = proto_duration(after);
            protobuf::Timestamp { seconds, nanos }
        }
        // Nanoseconds count forward from the second, also before the epoch.
        Err(before) => {
            let protobuf::Duration { seconds, nanos } = proto_duration(before.duration());
            protobuf::Timestamp {
                seconds: -seconds - i64::from(nanos > 0),
                nanos: if nanos > 0 { 1_000_000_000 - nanos } else { 0 },
            }
        }
    }
}

/// The Rust form of a point in time; `None` where the platform's clock cannot tell it.
pub(crate) fn system_time(timestamp: &protobuf::Timestamp) -> Option<SystemTime> {
    let nanos = u32::try_from(timestamp.nanos).unwrap_or(0).min(999_999_999);
    let second = if let Ok(after) = u64::try_from(timestamp.seconds) {
        UNIX_EPOCH.checked_add(Duration::from_secs(after))?
    } else {
        UNIX_EPOCH.checked_sub(Duration::from_secs(timestamp.seconds.unsigned_abs()))?
    };
    second.checked_add(Duration::from_nanos(u64::from(nanos)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_around_the_epoch_round_trip() {
        for nanos in [0, 1, 1_500_000_000, 2_000_000_000] {
            let distance = Duration::from_nanos(nanos);
            for time in [UNIX_EPOCH + distance, UNIX_EPOCH - distance] {
                assert_eq!(system_time(&proto_timestamp(time)), Some(time));
            }
        }
    }

    #[test]
    fn odd_values_from_outside_do_not_panic() {
        let duration = |seconds, nanos| std_duration(&protobuf::Duration { seconds, nanos });
        assert_eq!(duration(-1, 5), Duration::ZERO);
        assert_eq!(duration(1, -5), Duration::from_secs(1));
        assert_eq!(duration(i64::MAX, i32::MAX).subsec_nanos(), 999_999_999);
        assert_eq!(proto_duration(Duration::MAX).seconds, i64::MAX);
        for seconds in [i64::MIN, i64::MAX] {
            let _ = system_time(&protobuf::Timestamp { seconds, nanos: -1 });
        }
    }
}
