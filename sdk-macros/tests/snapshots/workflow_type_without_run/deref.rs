#[automatically_derived]
impl ::durably::__private::Deref for OrderSaga_cancel<OrderSaga> {
    type Target = for<'a> fn(&'a OrderSaga) -> ();
    fn deref(&self) -> &Self::Target {
        &((|__receiver| <OrderSaga as OrderSaga_workflow>::cancel(__receiver))
            as for<'a> fn(&'a OrderSaga) -> ())
    }
}
