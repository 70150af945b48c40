#[automatically_derived]
impl ::durably::__private::WorkflowDefinition for OrderSaga_run<OrderSaga> {
    type Owner = OrderSaga;
    type Parameters = (Order,);
    type Output = <WorkflowResult<Receipt> as ::durably::__private::NamedResult>::Output;
    const NAME: &'static str = "OrderSaga";
}
#[automatically_derived]
impl ::durably::__private::WorkflowDefinition for OrderSaga {
    type Owner = OrderSaga;
    type Parameters = (Order,);
    type Output = <WorkflowResult<Receipt> as ::durably::__private::NamedResult>::Output;
    const NAME: &'static str = "OrderSaga";
}
