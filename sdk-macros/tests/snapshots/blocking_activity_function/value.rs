#[allow(non_camel_case_types)]
#[derive(
    vendored::durably::__private::Clone,
    vendored::durably::__private::Copy,
    vendored::durably::__private::Debug
)]
struct checksum;
