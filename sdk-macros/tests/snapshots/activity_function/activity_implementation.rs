#[automatically_derived]
impl ::durably::__private::ActivityImplementation for charge {
    fn execute(
        __context: ::durably::__private::ActivityContext,
        (__parameter_0, __parameter_1): Self::Parameters,
    ) -> ::durably::__private::ActivityExecution<
        <ActivityResult<Payment> as ::durably::__private::NamedResult>::Output,
    > {
        ::durably::__private::ActivityExecution::Async(
            ::durably::__private::Box::pin(async move {
                ::durably::__private::activity_result(
                    (charge {})(&__context, __parameter_0, __parameter_1).await,
                )
            }),
        )
    }
}
