//! Interceptors of activities: code around attempts and their heartbeats.
//!
//! ```text
//! task --> first interceptor --> second --> body --heartbeat--> first --> second --> recorded
//!      <--                   <--        <--
//! ```
//!
//! An attempt costs a box for each interceptor; a worker without interceptors pays nothing.

mod dispatch;
mod execute;
mod heartbeat;
mod hooks;

pub use execute::ExecuteActivity;
pub use heartbeat::RecordHeartbeat;
pub use hooks::ActivityInterceptor;

pub(crate) use dispatch::{ActivityInterceptors, AnyActivityInterceptor, BoxFuture};
