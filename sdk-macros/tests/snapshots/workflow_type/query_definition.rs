#[automatically_derived]
impl ::durably::__private::QueryDefinition for OrderSaga_status<OrderSaga> {
    type Workflow = OrderSaga;
    type Parameters = ();
    type Output = Status;
    const NAME: &'static str = "status";
}
#[automatically_derived]
impl ::durably::__private::QueryDefinition for OrderSaga_total<OrderSaga> {
    type Workflow = OrderSaga;
    type Parameters = (Currency,);
    type Output = <Result<u64, Unknown> as ::durably::__private::NamedResult>::Output;
    const NAME: &'static str = "total";
}
