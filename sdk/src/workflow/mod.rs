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
//! | run a short activity right here | [`ctx.local_activity(price, "lamp").await`](WorkflowContext::local_activity) |
//! | run another workflow | [`ctx.child(ship, &order).await`](WorkflowContext::child) |
//! | talk to another workflow | [`ctx.external(Order::run, id).signal(..)`](WorkflowContext::external) |
//! | change the code of running workflows | [`ctx.patched("id")`](WorkflowContext::patched) |
//! | do two things at once | [`ctx.spawn(future)`](WorkflowContext::spawn), futures combinators |
//! | start over with a fresh history | [`ctx.continue_as_new(input)`](WorkflowContext::continue_as_new) |
//! | clean up after a cancellation | [`ctx.shield(future)`](WorkflowContext::shield) |

mod activity_call;
mod activity_future;
mod bridge;
mod built_in_queries;
mod cancellation;
mod child_call;
mod child_handle;
mod context;
mod continue_as_new;
mod dynamic_handlers;
mod external;
mod info;
mod instance;
mod local_activity_call;
mod metadata;
mod nexus_call;
mod outcome;
mod registry;
mod side_effect;
mod state;
mod timer;
mod versioning;
mod wait_until;

pub use activity_call::ActivityCall;
pub use activity_future::{ActivityFuture, ActivityHandle};
pub use cancellation::{CancelScope, Scoped};
pub use child_call::{ChildCall, ChildCancellationType, ChildOptions};
pub use child_handle::ChildHandle;
pub use context::WorkflowContext;
pub use durably_engine::{JoinHandle, UpdateIdentity, WorkflowRandom};
pub use external::{ExternalFuture, ExternalWorkflow};
pub use info::WorkflowInfo;
pub use local_activity_call::LocalActivityCall;
pub use nexus_call::{NexusCall, NexusCancellationType, NexusHandle};
pub use registry::{DuplicateWorkflow, WorkflowRegistry};
pub use state::State;
pub use timer::{Timer, TimerCall};
pub use wait_until::{WaitUntil, WaitUntilTimeout};

pub(crate) use cancellation::canceled;
