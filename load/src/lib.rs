//! The programs of Durably's load comparison. `cargo xtask load` builds, starts and measures them.
//!
//! | program | what it is |
//! |---|---|
//! | `null-worker` | a bare loop of a worker's RPCs with prepared answers: what no worker can undercut |
//! | `durably-worker` | the same workflows, written with `durably` |
//! | `starter` | starts workflows, sends signals, waits for results and checks them |
//! | `durably-replay` | replays histories, and records some to replay |
//! | `embedded` | measures the embedded server, and other test servers beside it |
//!
//! Each is a process of its own, so that the operating system accounts for each alone. A worker
//! prints the line `ready` and serves its task queue until SIGTERM, SIGINT or the end of its
//! standard input. The peer in `official/` keeps to the same contract.
//!
//! The workflows take one JSON number `n` and return one:
//!
//! | type | does | returns |
//! |---|---|---|
//! | `one_activity` | the activity `noop(n)` | its result |
//! | `seq` | `noop` `n` times, one after the other | `n` |
//! | `fanout` | `noop` `n` times, all at once | `n` |
//! | `timers` | `n` timers of 1 ms, all at once | `n` |
//! | `signals` | waits for `n` signals `add` | the sum of their numbers |
//! | `idle` | waits for the signal `finish` | 0 |

pub mod announce;
pub mod arguments;
pub mod connection;
mod memory;
pub mod null;
pub mod number;
pub mod starter;
pub mod stop;

pub use memory::{peak_resident_bytes, resident_bytes, resident_bytes_of};
