#[automatically_derived]
impl ::durably::__private::ActivityDefinition for charge {
    type Parameters = ::durably::__private::InvalidParameters;
    type Output = <ActivityResult<Payment> as ::durably::__private::NamedResult>::Output;
    type Timeout = ::durably::__private::HasTimeout;
    const NAME: &'static str = "charge";
    fn defaults() -> ::durably::__private::ActivityOptions {
        ::durably::__private::Default::default()
    }
}
