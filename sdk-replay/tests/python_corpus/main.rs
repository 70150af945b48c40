//! Histories that the Python SDK recorded (`tests/corpus/python`), replayed with workflows of the
//! same behaviour.

mod activities;
mod calls;
mod canceled;
mod children;
mod corpus;
mod ends;
mod external;
mod local;
mod nexus;
#[expect(unreachable_pub, reason = "the integration tests' crate offers them")]
#[path = "../../../integration/src/pass_on.rs"]
mod pass_on;
mod patches;
mod refused;
mod replays;
mod signals;
mod tasks;
mod timers;
mod updates;
