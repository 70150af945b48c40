//! The client against a server in this process whose answers each test sets.

mod activities;
mod calls;
mod connecting;
mod interceptors;
mod messages;
mod results;
mod server;
mod starts;
#[cfg(feature = "tls")]
mod tls;
mod update_with_start;
mod updates;

use server::{TestServer, not_found, status};
