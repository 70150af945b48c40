//! What authors of activities touch.
//!
//! An activity is a function that does what workflow code must not: I/O, clocks, randomness. The
//! worker calls it, the server retries it, and its workflow gets the result.
//!
//! * [`ActivityContext`] is what a running attempt knows and can do: its [`ActivityInfo`],
//!   heartbeats, cancellation.
//! * [`ActivityOptions`] is what a call of an activity can say: timeouts, retries, where to run.
//! * [`ActivityRegistry`] holds the activities a worker runs.

mod attempt;
mod cancellation;
mod context;
mod handler;
mod heartbeat;
mod info;
pub(crate) mod interceptor;
mod options;
mod registration_error;
mod registry;
mod test_attempt;

pub use cancellation::{ActivityCanceled, ActivityCancellationDetails, ActivityCancellationReason};
pub use context::ActivityContext;
pub use durably_engine::ActivityCancellationType;
pub use durably_protos::temporal::api::common::v1::Priority;
pub use heartbeat::HeartbeatError;
pub use info::ActivityInfo;
pub use options::{ActivityOptions, HasTimeout, MissingTimeout};
pub use registration_error::{RegistrationError, RegistrationProblem};
pub use registry::ActivityRegistry;
pub use test_attempt::TestAttempt;

pub(crate) use attempt::{Attempt, AttemptHost, Ended};
pub(crate) use handler::Handler;
