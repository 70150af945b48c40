//! The steps that every row of a handler table takes.

use crate::failure::WorkflowResult;
use crate::payload::{self, FromPayload, Payload, PayloadError, ToPayload, result_payload};

/// Reads the parameter at this place, of so many.
pub fn parameter<T: FromPayload>(
    payloads: &[Payload],
    index: usize,
    count: usize,
) -> Result<T, PayloadError> {
    payload::parameter(payloads, index, count)
}

/// Encodes the answer of a query, which always has a payload.
pub fn query_answer<T: ToPayload>(answer: WorkflowResult<T>) -> WorkflowResult<Payload> {
    Ok(answer?.to_payload()?)
}

/// Encodes the outcome of an update, which has no payload for `()`.
pub fn update_outcome<T: ToPayload + 'static>(
    outcome: WorkflowResult<T>,
) -> WorkflowResult<Option<Payload>> {
    Ok(result_payload(&outcome?)?)
}
