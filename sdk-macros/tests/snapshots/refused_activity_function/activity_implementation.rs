#[automatically_derived]
impl ::durably::__private::ActivityImplementation for charge {
    fn execute(
        _: ::durably::__private::ActivityContext,
        _: Self::Parameters,
    ) -> ::durably::__private::ActivityExecution<
        <ActivityResult<Payment> as ::durably::__private::NamedResult>::Output,
    > {
        ::durably::__private::refused()
    }
}
