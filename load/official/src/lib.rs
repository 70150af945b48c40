//! The peer of Durably's load and replay comparison: the same workflows, written with Temporal's
//! own Rust SDK (`temporalio-sdk` 1.1.1).
//!
//! Two programs use this library: `official-worker` serves a task queue of a real server, and
//! `official-replay` replays recorded histories and measures the processor time that takes.
//! Nothing of Durably depends on this package.

pub mod activities;
pub mod arguments;
pub mod processor_time;
pub mod readiness;
pub mod recorded;
pub mod replay;
pub mod stop;
pub mod worker;
pub mod workflows;
