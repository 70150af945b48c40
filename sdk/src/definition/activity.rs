//! Activities: what a caller must know, and what a worker runs.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::activity::{ActivityContext, ActivityOptions};
use crate::failure::ActivityResult;

/// An activity that workflows can call.
///
/// Made by [`#[activity]`](macro@crate::activity); write it by hand for an activity that another program runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an activity definition",
    label = "expected the name of a function marked `#[activity]`",
    note = "mark the function with `#[activity]` (inside an impl, mark the impl with `#[activities]` as well) and name it \
            without calling it: `ctx.activity(charge, &order)`"
)]
pub trait ActivityDefinition: 'static {
    /// The parameters as a tuple, one payload for each element. A single parameter is a tuple of one.
    type Parameters: 'static;
    /// What the activity returns when it succeeds.
    type Output: 'static;
    /// [`HasTimeout`](crate::activity::HasTimeout) when [`defaults`](Self::defaults) sets a start-to-close or a
    /// schedule-to-close timeout, else [`MissingTimeout`](crate::activity::MissingTimeout): a call must then give one.
    type Timeout;
    /// The activity type on the wire.
    const NAME: &'static str;

    /// The options that hold for every call which does not override them.
    fn defaults() -> ActivityOptions;
}

/// An activity that needs no shared state: a free function, or an associated function of an `#[activities]` impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be registered as a single activity",
    label = "expected a free function marked `#[activity]`",
    note = "register the methods of an `#[activities]` impl together, with the value they share: \
            `.activities(Inventory {{ .. }})`"
)]
pub trait ActivityImplementation: ActivityDefinition {
    /// One attempt of the activity. Nothing of the body has run when this returns.
    fn execute(
        context: ActivityContext,
        parameters: Self::Parameters,
    ) -> ActivityExecution<Self::Output>;
}

/// An activity that is a method of a value which all attempts share.
pub trait ActivityMethod: ActivityDefinition {
    /// The type whose method this is.
    type Receiver: Send + Sync + 'static;

    /// One attempt of the activity. Nothing of the body has run when this returns.
    fn execute(
        receiver: Arc<Self::Receiver>,
        context: ActivityContext,
        parameters: Self::Parameters,
    ) -> ActivityExecution<Self::Output>;
}

/// How the body of one attempt wants to be run.
pub enum ActivityExecution<T> {
    /// An `async fn`: polled on the worker's activity runtime.
    Async(Pin<Box<dyn Future<Output = ActivityResult<T>> + Send>>),
    /// A plain `fn`: called on the blocking pool.
    Blocking(Box<dyn FnOnce() -> ActivityResult<T> + Send>),
}

impl<T> fmt::Debug for ActivityExecution<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Async(_) => "Async(..)",
            Self::Blocking(_) => "Blocking(..)",
        })
    }
}
