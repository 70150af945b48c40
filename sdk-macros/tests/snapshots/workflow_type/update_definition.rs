#[automatically_derived]
impl ::durably::__private::UpdateDefinition for OrderSaga_change_address<OrderSaga> {
    type Workflow = OrderSaga;
    type Parameters = (Address,);
    type Output = <Result<
        Address,
        Unknown,
    > as ::durably::__private::NamedResult>::Output;
    const NAME: &'static str = "change_address";
}
#[automatically_derived]
impl ::durably::__private::UpdateDefinition for OrderSaga_touch<OrderSaga> {
    type Workflow = OrderSaga;
    type Parameters = ();
    type Output = ();
    const NAME: &'static str = "touch";
}
