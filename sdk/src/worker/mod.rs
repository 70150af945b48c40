//! Running workflows and activities: a process that polls task queues.
//!
//! ```text
//! Worker::run
//!  |- workflow thread 0..n   one connection, one runtime, one thread each
//!  |    shard: pollers -> cached runs -> engine -> answers
//!  |- activities             on the runtime that called `run`
//!  |- watch                  finds workflow code that blocks its thread
//! ```
//!
//! A worker that is killed loses nothing: the server gives its tasks to another worker when
//! their timeouts have passed, and that one rebuilds every run from its history.

mod activity;
mod build_error;
mod builder;
mod codec_failure;
mod deployment;
mod options;
mod panic_hook;
mod poll;
mod run;
mod session;
mod shard;
mod shutdown;
mod threads;
mod workflow_worker;

pub use build_error::BuildError;
pub use builder::WorkerBuilder;
pub(crate) use codec_failure::{CODEC_ERROR, without_payloads};
pub use deployment::{VersioningBehavior, WorkerDeployment};
pub use options::WorkerOptions;
pub use poll::{PollError, Polled};
pub use run::{Worker, WorkerError};
pub use shutdown::ShutdownHandle;
pub(crate) use threads::WorkflowThreads;
