/// Greets.
#[allow(non_camel_case_types)]
#[derive(
    ::durably::__private::Clone,
    ::durably::__private::Copy,
    ::durably::__private::Debug
)]
pub struct greet;
