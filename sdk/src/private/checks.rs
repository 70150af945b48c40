//! Bounds that an expansion asserts on a type the user wrote, so that the error stands at that type
//! and says what to do about it.
//!
//! Each is a trait of its own over the real bound: the compiler would otherwise report the innermost
//! bound that fails, deep inside serde.

use crate::failure::WorkflowResult;
use crate::payload::{
    FromPayload, Payload, PayloadError, ToPayload, parameter as read_parameter, result_payload,
};

/// A type that a worker can read from a payload.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter: it cannot be read from a payload",
    label = "does not implement `FromPayload`",
    note = "each parameter is one payload: derive `serde::Deserialize` (and `serde::Serialize`, for the callers)"
)]
pub trait ParameterType: Sized {
    /// Reads the parameter at this place, of so many.
    fn read(payloads: &[Payload], index: usize, count: usize) -> Result<Self, PayloadError>;
}

#[diagnostic::do_not_recommend]
impl<T: FromPayload + 'static> ParameterType for T {
    fn read(payloads: &[Payload], index: usize, count: usize) -> Result<Self, PayloadError> {
        read_parameter(payloads, index, count)
    }
}

/// Does nothing; its bound is the check.
pub const fn check_parameter<T: ParameterType>() {}

/// Reads one parameter of a handler.
pub fn parameter<T: ParameterType>(
    payloads: &[Payload],
    index: usize,
    count: usize,
) -> Result<T, PayloadError> {
    T::read(payloads, index, count)
}

/// A type that a worker can send as a result.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a result: it cannot be made into a payload",
    label = "does not implement `ToPayload`",
    note = "the result is one payload: derive `serde::Serialize` (and `serde::Deserialize`, for the callers)"
)]
pub trait ResultType {
    /// As the answer of a query, which always has a payload.
    fn answer(&self) -> Result<Payload, PayloadError>;

    /// As the result of an update, which has no payload for `()`.
    fn outcome(&self) -> Result<Option<Payload>, PayloadError>;
}

#[diagnostic::do_not_recommend]
impl<T: ToPayload + 'static> ResultType for T {
    fn answer(&self) -> Result<Payload, PayloadError> {
        self.to_payload()
    }

    fn outcome(&self) -> Result<Option<Payload>, PayloadError> {
        result_payload(self)
    }
}

/// Does nothing; its bound is the check.
pub const fn check_result<T: ResultType>() {}

/// Encodes the answer of a query.
pub fn query_answer<T: ResultType>(answer: WorkflowResult<T>) -> WorkflowResult<Payload> {
    Ok(answer?.answer()?)
}

/// Encodes the outcome of an update.
pub fn update_outcome<T: ResultType>(
    outcome: WorkflowResult<T>,
) -> WorkflowResult<Option<Payload>> {
    Ok(outcome?.outcome()?)
}

/// A type whose methods can be activities.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared by activities: it is not `Send + Sync + 'static`",
    label = "attempts on several threads use this value at the same time",
    note = "hold shared data in an `Arc`, and data that changes in a `Mutex` or an atomic"
)]
pub trait SharedReceiver {}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> SharedReceiver for T {}

/// Does nothing; its bound is the check.
pub const fn check_receiver<T: SharedReceiver>() {}

/// A workflow's state that can be made without a look at the parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[init]` method and does not implement `Default`",
    label = "how does its state begin?",
    note = "derive `Default`, or write `#[init] fn new(order: &Order) -> Self` with the parameters of `#[run]` by reference"
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

/// The state at the start of a run of a workflow without `#[init]`.
pub fn default_state<T: DefaultState>() -> T {
    T::default_state()
}
