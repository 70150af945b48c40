//! A worker and client SDK for Temporal-compatible servers.

pub mod activity;
pub mod definition;
pub mod failure;
pub mod payload;
pub mod workflow;

mod proto_time;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;

pub use durably_macros::{activities, activity, workflow};
