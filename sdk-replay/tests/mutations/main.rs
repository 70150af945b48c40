//! Workflows that were changed after their histories were recorded: each change that breaks running
//! workflows is found, with its event and its line, and no other one is.

mod activities;
mod check;
mod children;
mod continued;
mod events;
mod local;
mod markers;
mod parallel;
#[expect(unreachable_pub, reason = "the integration tests' crate offers them")]
#[path = "../../../integration/src/pass_on.rs"]
mod pass_on;
mod patches;
mod race;
mod recorded;
mod scopes;
mod sequence;
mod signals;
mod table;
mod updates;
