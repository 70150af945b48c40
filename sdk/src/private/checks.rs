//! Bounds that an expansion asserts on a type the user wrote, so that the error stands at that type
//! and says what to do about it.

use crate::payload::{FromPayload, ToPayload};

/// Does nothing; its bound is the check that a worker can read the parameter.
pub const fn check_parameter<T: FromPayload + 'static>() {}

/// Does nothing; its bound is the check that a worker can send the result.
pub const fn check_result<T: ToPayload + 'static>() {}

/// A type whose methods can be activities: attempts on several threads share the value.
pub trait SharedReceiver: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> SharedReceiver for T {}

/// A workflow's state that can be made without a look at the parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[init]` method and does not implement `Default`",
    label = "how does its state begin?",
    note = "derive `Default`, or write `#[init] fn new(order: &Order) -> Self` with the parameters of `#[run]` by reference",
    note = "or register it with what makes the state: `.workflow_with(OrderSaga::run, |ctx, (order,)| ..)`"
)]
pub trait DefaultState: Sized {
    /// The state at the start of a run.
    fn default_state() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> DefaultState for T {
    fn default_state() -> Self {
        T::default()
    }
}
