//! The state machines, one file each: what the code asked for and what history says of it.
//!
//! A machine's file has its table on top. `next` is the whole machine; a test compares it
//! with the table for every pair of state and input.

mod activity;
mod activity_failure;
#[cfg(test)]
mod table;
mod timer;

pub(crate) use activity::{Activities, ActivityInput};
pub use activity::{ActivityCancellationType, ActivityResolution};
pub(crate) use activity_failure::{ActivityIdentity, activity_canceled, activity_failed};
pub(crate) use timer::{TimerEnd, TimerInput, Timers};
