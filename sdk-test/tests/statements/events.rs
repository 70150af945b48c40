//! What stands in events.

use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::history::v1::HistoryEvent;

/// The attributes of an event, which must be of that kind.
macro_rules! attributes {
    ($event:expr, $kind:ident) => {
        match $event.attributes.clone() {
            Some(durably_protos::temporal::api::history::v1::history_event::Attributes::$kind(
                attributes,
            )) => *attributes,
            other => panic!("{} expected, not {other:?}", stringify!($kind)),
        }
    };
}
pub(crate) use attributes;

/// The nanoseconds of an instant.
pub(crate) fn nanoseconds(time: Option<Timestamp>) -> i128 {
    let time = time.expect("the time is set");
    i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos)
}

/// When an event happened, in nanoseconds.
pub(crate) fn happened(event: &HistoryEvent) -> i128 {
    nanoseconds(event.event_time)
}
