#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
pub struct OrderSaga_run<T = OrderSaga>(::durably::__private::PhantomData<fn() -> T>);
#[automatically_derived]
impl ::durably::__private::Clone for OrderSaga_run<OrderSaga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::durably::__private::Copy for OrderSaga_run<OrderSaga> {}
#[automatically_derived]
impl ::durably::__private::Debug for OrderSaga_run<OrderSaga> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("OrderSaga::run")
    }
}
#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
struct OrderSaga_cancel<T = OrderSaga>(::durably::__private::PhantomData<fn() -> T>);
#[automatically_derived]
impl ::durably::__private::Clone for OrderSaga_cancel<OrderSaga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::durably::__private::Copy for OrderSaga_cancel<OrderSaga> {}
#[automatically_derived]
impl ::durably::__private::Debug for OrderSaga_cancel<OrderSaga> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("OrderSaga::cancel")
    }
}
