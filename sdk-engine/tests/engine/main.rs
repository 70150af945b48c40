//! Tests of the engine from outside: histories in, commands out.

#[path = "../../benches/load/mod.rs"]
mod load;
mod support;

mod activities;
mod attempts;
mod broken_history;
mod cancellation;
mod children;
mod ends;
mod eviction;
mod external;
mod foreign_wakes;
mod local_activities;
mod local_activity_cancellation;
mod markers;
mod metadata;
mod nexus;
mod nondeterminism;
mod other_sdks;
mod queries;
mod random;
mod recorded;
mod scopes;
mod signals;
mod sticky;
mod tasks;
mod timers;
mod traces;
mod updates;
mod waits;
mod wakers;
