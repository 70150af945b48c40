#[automatically_derived]
impl ::durably::__private::WorkflowInit for OrderSaga_run<OrderSaga> {
    fn init(
        _: &::durably::__private::WorkflowContext,
        _: &Self::Parameters,
    ) -> ::durably::__private::WorkflowResult<Self::State> {
        ::durably::__private::refused()
    }
}
