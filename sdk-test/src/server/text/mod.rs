//! Texts that requests carry in Go's notation: durations, times and numbers as the real server reads and prints them.

mod camel_case;
mod duration;
mod number;
mod rfc3339;

pub(crate) use camel_case::camel_case;
pub(crate) use duration::{DurationTextError, parse_duration, parse_hours_minutes_seconds};
pub(crate) use number::float_text;
pub(crate) use rfc3339::{parse_rfc3339, seconds_text};
