//! The null worker: a worker's RPCs with prepared answers, and as little else as possible.
//!
//! It makes the calls that a real worker makes, in the same shape: one poll of the task queue and
//! four of a sticky queue, five polls for activities, completions that ask for the next task and
//! for eager activities. It runs no workflow code: a few counters for each run say which of the
//! prepared answers is due. What it costs is what tonic, hyper, protobuf and the kernel cost; the
//! distance of a real worker to it is the price of that worker.
//!
//! A measurement is worth nothing when calls fail, so unlike a real worker this one ends with an
//! error when one does.
//!
//! ```text
//! answer    poll -> history -> progress -> prepared commands -> completion -> next task
//! activity  poll -> completion with the input as the result
//! ```

mod activity;
mod answer;
mod error;
mod history;
mod prepared;
mod progress;
mod shard;
#[cfg(test)]
mod tests;
mod worker;

pub use error::NullError;
pub use worker::serve;
