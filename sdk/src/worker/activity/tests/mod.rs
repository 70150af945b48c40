//! The activity side of a worker against a server in this process, with paused time.

mod cancellation;
mod eager;
mod execution;
mod heartbeats;
mod interceptors;
mod polling;
mod server;
mod shutdown;
mod worker;

use server::{FakeServer, Report, task};
use worker::TestWorker;
