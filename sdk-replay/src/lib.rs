//! Replays recorded histories against today's code, so that no deployment breaks a workflow that
//! is running.
//!
//! ```no_run
//! use durably::prelude::*;
//! use durably_replay::Replayer;
//!
//! # #[workflow]
//! # async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> { Ok(name) }
//! #[test]
//! fn recorded_histories_still_replay() {
//!     Replayer::new().workflow(greet).replay_dir("tests/histories").unwrap();
//! }
//! ```
//!
//! * Histories come from files of every form ([`durably_history`]), folders, glob patterns,
//!   iterators, streams, and from a server by a visibility query.
//! * Nothing is sent and nothing runs but workflow code. The history of a workflow that is still
//!   open is replayed as far as it goes.
//! * What does not replay is listed with all that is known of it ([`ReplaySummary`]); that nothing
//!   was replayed at all is an error too ([`ReplayFailure::NoHistory`]).

mod command_line;
mod display;
mod failure;
mod files;
mod pool;
mod query;
mod replayer;
mod source;
mod summary;
mod until;

pub mod report;

pub use command_line::{main, test};
pub use failure::ReplayFailure;
pub use replayer::Replayer;
pub use summary::{Outcome, Problem, ReplaySummary, ReplayedHistory, SkipReason};
