//! Code around what clients and workers do.
//!
//! | trait | around | registered by |
//! |---|---|---|
//! | [`ClientInterceptor`] | every operation of a client and its handles | [`ConnectOptions::interceptor`](crate::client::ConnectOptions::interceptor) |

pub use crate::client::interceptor::{
    ClientCall, ClientInterceptor, ClientNext, ClientRequest, HasHeaders, messages,
};
