#[automatically_derived]
impl ::durably::__private::WorkflowInit for OrderSaga_run<OrderSaga> {
    fn init(
        __context: &::durably::__private::WorkflowContext,
        __parameters: &Self::Parameters,
    ) -> ::durably::__private::WorkflowResult<Self::State> {
        ::durably::__private::Ok(<OrderSaga>::new(__context, &__parameters.0))
    }
}
