//! Stand-ins in the definition of an item that a macro refused.
//!
//! The macro has reported the mistake. What uses the definition elsewhere in the program must not be
//! reported too, so the stand-ins accept whatever a call passes. None of this can run: the program
//! does not compile.

use crate::payload::{Arguments, FromPayload, Parameters, Payload, PayloadError, ToPayload};

/// The parameters of a refused definition.
#[derive(Debug)]
pub struct InvalidParameters;

/// The result of a refused definition whose own result type cannot be told.
#[derive(Debug)]
pub struct Invalid;

#[diagnostic::do_not_recommend]
impl<T> Arguments<InvalidParameters> for T {
    fn to_payloads(&self) -> Result<Vec<Payload>, PayloadError> {
        refused()
    }
}

impl Parameters for InvalidParameters {
    const COUNT: usize = 0;

    fn from_payloads(_: &[Payload]) -> Result<Self, PayloadError> {
        refused()
    }
}

impl ToPayload for Invalid {
    fn to_payload(&self) -> Result<Payload, PayloadError> {
        refused()
    }
}

impl FromPayload for Invalid {
    fn from_payload(_: &Payload) -> Result<Self, PayloadError> {
        refused()
    }

    fn from_missing() -> Result<Self, PayloadError> {
        refused()
    }
}

/// The body of a refused definition.
pub fn refused<T>() -> T {
    unreachable!("the macro reported this definition as an error, so this was never compiled")
}
