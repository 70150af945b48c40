//! The starter: starts workflows, signals them, waits for their results and checks these.
//!
//! ```text
//! starter ready --address A [--namespace N] [--task-queue Q]
//! starter run   --address A [--namespace N] --task-queue Q --workflow TYPE --count C --input N --in-flight F
//! ```
//!
//! `ready` waits until the server answers and, given a task queue, until somebody polls it.
//!
//! `run` keeps `F` workflows going until `C` have ended, and prints
//! `done seconds=1.234 events=22000`: the time from the first start to the last result, and the
//! length of all histories together. Workflows of type `idle` are treated otherwise: once `C` of
//! them wait, `holding` is printed; a line on standard input (or its end) makes the starter finish
//! them.

mod arguments;
mod await_result;
mod error;
mod execute;
mod readiness;
mod run;
mod service;

pub use arguments::{Command, RunArguments};
pub use error::StarterError;
pub use execute::execute;
