//! What a schedule does, and when.
//!
//! [`ScheduleState`] is one schedule: it is told what happens and answers with [`Decision`]s, which its caller carries
//! out in order and at once.
//!
//! ```text
//!   advance(now) ----------+                             +--> Start     -> record_started | record_failed
//!   patch, update ---------+--> times -> buffer -> overlap --> Cancel
//!   workflow_closed -------+                             +--> Terminate
//!   next_wake() <----------+
//! ```
//!
//! Times that have come become starts in the buffer; so do triggers and backfills. The overlap policy then decides
//! for each start in the buffer: start it, keep it until the running workflow closes, or skip it. A schedule tracks
//! the workflows that it started, except those of `ALLOW_ALL`.

mod action;
mod advance;
mod backfill;
mod describe;
mod outcome;
mod overlap;
mod patch;
mod policies;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use action::{CANCEL_REASON, Decision, StartAction, TERMINATE_REASON};
pub(crate) use outcome::WorkflowOutcome;
pub(crate) use state::{ScheduleState, ScheduleUpdateError};
