//! The embedded server.
//!
//! `world` is all that a server knows, behind one lock; `run` is one run of a workflow; `rpc` answers the
//! calls; `service` is the gRPC surface.

mod blockers;
mod clock;
mod commands;
mod cron;
mod ids;
mod limits;
mod namespaces;
mod queues;
mod refusal;
mod rpc;
mod run;
#[allow(dead_code)]
mod schedule_spec;
mod search_attributes;
mod shared;
mod test_server;
mod text;
mod time;
mod timers;
mod token;
mod validate;
mod waiters;
mod world;

pub use blockers::{Blocker, UnpolledQueue};
pub use clock::ClockMode;
pub use test_server::{Listening, SkippingPaused, TestServer, TestServerBuilder, TestService};
