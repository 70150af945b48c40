//! The embedded server.
//!
//! `world` is all that a server knows, behind one lock; `run` is one run of a workflow; `rpc` answers the
//! calls; [`TestServer`] is what its owner holds.

// Old clients and histories have the deprecated fields too.
#![allow(deprecated)]

mod audit;
mod batches;
mod blockers;
mod clock;
mod commands;
mod cron;
mod ids;
mod limits;
mod namespaces;
mod nexus;
mod nexus_handlers;
mod observe;
mod queues;
mod refusal;
mod rpc;
mod run;
mod schedule_policy;
mod schedule_spec;
mod search_attributes;
mod shared;
mod test_server;
mod text;
mod time;
mod timers;
mod token;
mod validate;
mod visibility;
mod waiters;
mod workers;
mod world;

pub use blockers::{Blocker, UnpolledQueue};
pub use clock::ClockMode;
pub(crate) use nexus_handlers::OperationEnding;
pub(crate) use observe::Alarm;
pub use observe::RecordedRun;
pub use test_server::{
    Listening, ServiceFuture, SkippingPaused, TestServer, TestServerBuilder, TestService,
};
pub(crate) use waiters::Presence;
pub(crate) use world::TaskFailure;
