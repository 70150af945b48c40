//! An embedded, time-skipping, Temporal-compatible server, and the test environment of Durably.

pub mod server;
