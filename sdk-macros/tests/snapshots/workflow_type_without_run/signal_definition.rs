#[automatically_derived]
impl ::durably::__private::SignalDefinition for OrderSaga_cancel<OrderSaga> {
    type Workflow = OrderSaga;
    type Parameters = ();
    const NAME: &'static str = "cancel";
}
