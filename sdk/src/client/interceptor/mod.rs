//! Interceptors of clients: code around every operation.
//!
//! ```text
//! WorkflowHandle::signal --> first interceptor --> second --> payload codec --> the call, with its retries
//!                        <--                   <--        <--               <--
//! ```
//!
//! A link of the chain costs one box; a client without interceptors none.

mod call;
mod dispatch;
mod headers;
mod hooks;
pub mod messages;
mod next;

pub use call::ClientCall;
pub use headers::HasHeaders;
pub use hooks::{ClientInterceptor, ClientRequest};
pub use next::ClientNext;

pub(super) use dispatch::Interceptors;
