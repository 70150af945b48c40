//! The activity side of a worker, on the runtime that runs the worker.
//!
//! ```text
//! slot -> rate limit -> poll -> task -+                      +-> heartbeats (while there are any)
//!                                     +-> one tokio task: body, timers, report
//! workflow thread -> eager permit ----+                      +-> blocking pool (for a plain `fn`)
//! ```
//!
//! An attempt costs one spawned task and no channel. The task that sends heartbeats exists from a
//! heartbeat to the end of the first throttle interval without one.

mod body;
mod dispatch;
mod execute;
mod heartbeats;
mod limits;
mod local;
mod local_retry;
mod options;
mod outcome;
mod panic;
mod poller;
mod rate_limit;
mod report;
mod runner;
mod timeouts;
mod worker;

pub(crate) use dispatch::{ActivityDispatcher, EagerPermit};
pub(crate) use local::{LocalCaller, RunningLocalActivity};
pub(crate) use options::ActivityWorkerOptions;
pub(crate) use panic::note_panic;
pub(crate) use worker::ActivityWorker;

#[cfg(test)]
mod tests;
