//! What clients and workers can see of a Temporal server, one statement a test, spoken call by call without an SDK.
//!
//! The statements hold of the real server and of the embedded one: with `TEMPORAL_ADDRESS` set, the same
//! tests run against the server there.

mod activities;
mod activity_answers;
mod bad_answers;
mod batches;
mod bench;
mod chains;
mod children;
mod commands;
mod events;
mod longest_times;
mod messages;
mod queries;
mod reads;
mod run;
mod signals;
mod starting;
mod time;
mod updates;
mod worker_versions;
mod workflow_tasks;
