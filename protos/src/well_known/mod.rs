//! What the types of `google.protobuf` can do beyond being messages.

mod any;
mod duration;
mod timestamp;

pub use any::UnpackError;
pub use duration::DurationError;
pub use timestamp::TimestampError;

const NANOS_PER_SECOND: i32 = 1_000_000_000;
