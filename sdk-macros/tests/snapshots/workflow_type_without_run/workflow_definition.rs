#[automatically_derived]
impl ::durably::__private::WorkflowDefinition for OrderSaga_run<OrderSaga> {
    type Owner = OrderSaga;
    type Parameters = ::durably::__private::InvalidParameters;
    type Output = ::durably::__private::Invalid;
    const NAME: &'static str = "OrderSaga";
}
#[automatically_derived]
impl ::durably::__private::WorkflowDefinition for OrderSaga {
    type Owner = OrderSaga;
    type Parameters = ::durably::__private::InvalidParameters;
    type Output = ::durably::__private::Invalid;
    const NAME: &'static str = "OrderSaga";
}
