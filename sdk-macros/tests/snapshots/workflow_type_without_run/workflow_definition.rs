impl ::durably::__private::WorkflowDefinition for OrderSaga_run<OrderSaga> {
    type Owner = OrderSaga;
    type Parameters = ::durably::__private::InvalidParameters;
    type Output = ();
    const NAME: &'static str = "OrderSaga";
}
