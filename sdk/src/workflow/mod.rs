//! What workflow code touches: the context, calls, timers, conditions, state, cancellation.
//!
//! A workflow is an `async` function that is run again from the beginning whenever a worker does
//! not have it in memory. Everything it learns from the world comes through its
//! [`WorkflowContext`], which gives on each of these replays what it gave the first time.
//!
//! | what | how |
//! |---|---|
//! | run an activity | [`ctx.activity(charge, &order).await`](WorkflowContext::activity) |
//! | wait for some time | [`ctx.sleep(duration).await`](WorkflowContext::sleep) |
//! | wait until state is such | [`ctx.wait_until(\|\| ..).await`](WorkflowContext::wait_until) |
//! | the time, a random number | [`ctx.now()`](WorkflowContext::now), [`ctx.random()`](WorkflowContext::random) |
//! | do two things at once | [`ctx.spawn(future)`](WorkflowContext::spawn), futures combinators |
//! | start over with a fresh history | [`ctx.continue_as_new(input)`](WorkflowContext::continue_as_new) |
//! | clean up after a cancellation | [`ctx.shield(future)`](WorkflowContext::shield) |

mod activity_call;
mod activity_future;
mod bridge;
mod cancellation;
mod context;
mod continue_as_new;
mod info;
mod instance;
mod outcome;
mod registry;
mod state;
mod timer;
mod wait_until;

pub use activity_call::ActivityCall;
pub use activity_future::{ActivityFuture, ActivityHandle};
pub use cancellation::{CancelScope, Scoped};
pub use context::WorkflowContext;
pub use durably_engine::{JoinHandle, WorkflowRandom};
pub use info::WorkflowInfo;
pub use registry::{DuplicateWorkflow, WorkflowRegistry};
pub use state::State;
pub use timer::{Timer, TimerCall};
pub use wait_until::{WaitUntil, WaitUntilTimeout};

pub(crate) use cancellation::canceled;
