//! Locks, permits and channels between the tasks and handlers of one run.
//!
//! A run's code is polled piece by piece on one thread, so most state needs none of this: a
//! [`State`](super::State) does. What is here is for what stretches over several `.await`s.
//!
//! | to | use |
//! |---|---|
//! | keep others out over several waits | [`Mutex`] |
//! | limit how many do something at a time | [`Semaphore`] |
//! | hand work from signal handlers to `run` | [`Queue`] |
//! | hand work from task to task, with an end | [`channel`], [`unbounded_channel`] |
//!
//! Whoever waits longest is served first. Nothing is recorded: a replay waits in the same order.
//! Queries and validators may not use them, as they may not write a `State`.
//!
//! No cancellation reaches these waits by itself:
//! [`ctx.until_canceled(..)`](super::WorkflowContext::until_canceled) lets one.

mod channel;
mod line;
mod mutex;
mod queue;
mod semaphore;
mod store;

pub use channel::{Receiver, SendError, Sender, TrySendError, channel, unbounded_channel};
pub use mutex::{Mutex, MutexGuard};
pub use queue::Queue;
pub use semaphore::{Semaphore, SemaphorePermit};
