//! Code around what clients and workers do.
//!
//! | trait | around | registered by |
//! |---|---|---|
//! | [`ClientInterceptor`] | every operation of a client and its handles | [`ConnectOptions::interceptor`](crate::client::ConnectOptions::interceptor) |
//! | [`ActivityInterceptor`] | the attempts of a worker's activities, and their heartbeats | [`WorkerBuilder::activity_interceptor`](crate::worker::WorkerBuilder::activity_interceptor) |

pub use crate::activity::interceptor::{ActivityInterceptor, ExecuteActivity, RecordHeartbeat};
pub use crate::client::interceptor::{
    ClientCall, ClientInterceptor, ClientNext, ClientRequest, HasHeaders, messages,
};
