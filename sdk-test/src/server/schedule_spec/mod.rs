//! When a schedule acts.
//!
//! A [`ScheduleSpec`](durably_protos::temporal::api::schedule::v1::ScheduleSpec) comes in three notations:
//! calendars of texts, cron strings, and structured calendars with intervals. [`canonicalize`] checks it and brings
//! it to the third, which is what `DescribeSchedule` shows; [`CompiledSpec`] finds the times.
//!
//! ```text
//!   ScheduleSpec --canonicalize--> ScheduleSpec --compile--> CompiledSpec --next_time--> NextTime
//!     calendar_text, cron_text       canonical                 calendar, interval, zone
//!     range_text                                               exclusion, jitter
//! ```
//!
//! All times have a resolution of one second, before jitter is added.

mod calendar;
mod calendar_text;
mod canonical;
mod compiled;
mod cron_text;
mod error;
mod exclusion;
mod interval;
mod jitter;
mod range_text;
#[cfg(test)]
mod tests;
mod zone;

pub(crate) use calendar::{Calendar, DayRule, Fields};
pub(crate) use canonical::canonicalize;
pub(crate) use compiled::{CompiledSpec, TooManyExclusions};
pub(crate) use error::ScheduleSpecError;
pub(crate) use zone::{earliest, floor_seconds, load_zone, proto_timestamp, timestamp_of};
