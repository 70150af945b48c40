//! What workflow code touches: the context, calls, timers, conditions, state, cancellation.
//!
//! A workflow is an `async` function that is run again from the beginning whenever a worker does
//! not have it in memory. Everything it learns from the world comes through its
//! [`WorkflowContext`], which gives on each of these replays what it gave the first time.
//!
//! | what | how |
//! |---|---|
//! | run an activity | [`ctx.activity(charge, &order).await`](WorkflowContext::activity) |
//! | run several activities on one worker | [`ctx.session().execution_timeout(duration).await`](WorkflowContext::session) |
//! | wait for some time | [`ctx.sleep(duration).await`](WorkflowContext::sleep) |
//! | wait until state is such | [`ctx.wait_until(\|\| ..).await`](WorkflowContext::wait_until) |
//! | give up waiting after some time | [`ctx.timeout(duration, future)`](WorkflowContext::timeout) |
//! | do something every so often | [`ctx.ticker(period)`](WorkflowContext::ticker) |
//! | receive signals without a handler | [`ctx.signal_channel(name)`](WorkflowContext::signal_channel) |
//! | undo what was done | [`Saga`] |
//! | pass on who it is for, and which trace it belongs to | [`ctx.headers()`](WorkflowContext::headers) |
//! | keep others out, limit, hand over | [`Mutex`], [`Semaphore`], [`Queue`], [`channel`] |
//! | the time, a random number | [`ctx.now()`](WorkflowContext::now), [`ctx.random()`](WorkflowContext::random) |
//! | run a short activity right here | [`ctx.local_activity(price, "lamp").await`](WorkflowContext::local_activity) |
//! | run another workflow | [`ctx.child(ship, &order).await`](WorkflowContext::child) |
//! | talk to another workflow | [`ctx.external(Order::run, id).signal(..)`](WorkflowContext::external) |
//! | change the code of running workflows | [`ctx.patched("id")`](WorkflowContext::patched) |
//! | do two things at once | [`ctx.spawn(future)`](WorkflowContext::spawn), [`join!`](crate::join), [`join_all`], [`Unordered`] |
//! | wait for the first of several | [`select!`](crate::select) |
//! | start over with a fresh history | [`ctx.continue_as_new(input)`](WorkflowContext::continue_as_new) |
//! | clean up after a cancellation | [`ctx.shield(future)`](WorkflowContext::shield) |

mod activity_call;
mod activity_future;
mod bridge;
mod built_in_queries;
mod call;
mod cancellation;
mod child_call;
mod child_handle;
mod closure;
pub(crate) mod concurrency;
mod context;
mod continue_as_new;
mod dynamic_handlers;
mod event_group;
mod extension;
mod external;
mod handler_ends;
mod headers;
mod info;
mod instance;
pub(crate) mod interceptor;
mod local_activity_call;
mod metadata;
mod nexus_call;
mod outcome;
mod patch_activation;
mod registration;
mod registry;
mod saga;
mod session;
mod session_call;
mod set_up;
mod side_effect;
mod signal_channel;
mod signal_route;
mod start;
mod state;
mod sync;
#[cfg(test)]
mod testing;
mod ticker;
mod timeout;
mod timer;
mod until_canceled;
mod update_route;
mod versioning;
mod wait_until;

pub use crate::{join, select, try_join};
pub use activity_call::ActivityCall;
pub use activity_future::{ActivityFuture, ActivityHandle};
pub use cancellation::{CancelScope, Scoped};
pub use child_call::{ChildCall, ChildCancellationType, ChildOptions};
pub use child_handle::ChildHandle;
pub use concurrency::{JoinAll, Next, TryJoinAll, Unordered, join_all, try_join_all};
pub use context::WorkflowContext;
pub use durably_engine::{JoinHandle, UpdateIdentity, WorkflowRandom};
pub use event_group::EventGroup;
pub use external::{ExternalFuture, ExternalWorkflow};
pub use info::{ContinueAsNewReason, WorkflowInfo};
pub use local_activity_call::LocalActivityCall;
pub use nexus_call::{NexusCall, NexusCancellationType, NexusHandle};
pub use patch_activation::PatchActivation;
pub use registration::{QueryRegistration, SignalRegistration, UpdateRegistration};
pub use registry::{DuplicateWorkflow, WorkflowRegistry};
pub use saga::{CompensationsFailed, Saga};
pub use session::{Session, SessionToken};
pub use session_call::SessionCall;
pub use signal_channel::SignalChannel;
pub use state::State;
pub use sync::{
    Mutex, MutexGuard, Queue, Receiver, Semaphore, SemaphorePermit, SendError, Sender,
    TrySendError, channel, unbounded_channel,
};
pub use ticker::{Tick, Ticker};
pub use timeout::{TimedOut, Timeout, TimeoutFuture};
pub use timer::{Timer, TimerCall};
pub use wait_until::{WaitUntil, WaitUntilTimeout};

pub(crate) use cancellation::canceled;
