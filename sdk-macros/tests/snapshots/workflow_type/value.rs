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
pub struct OrderSaga_cancel<T = OrderSaga>(::durably::__private::PhantomData<fn() -> T>);
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
#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
struct OrderSaga_delivered<T = OrderSaga>(::durably::__private::PhantomData<fn() -> T>);
#[automatically_derived]
impl ::durably::__private::Clone for OrderSaga_delivered<OrderSaga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::durably::__private::Copy for OrderSaga_delivered<OrderSaga> {}
#[automatically_derived]
impl ::durably::__private::Debug for OrderSaga_delivered<OrderSaga> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("OrderSaga::delivered")
    }
}
#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
struct OrderSaga_status<T = OrderSaga>(::durably::__private::PhantomData<fn() -> T>);
#[automatically_derived]
impl ::durably::__private::Clone for OrderSaga_status<OrderSaga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::durably::__private::Copy for OrderSaga_status<OrderSaga> {}
#[automatically_derived]
impl ::durably::__private::Debug for OrderSaga_status<OrderSaga> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("OrderSaga::status")
    }
}
#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
struct OrderSaga_total<T = OrderSaga>(::durably::__private::PhantomData<fn() -> T>);
#[automatically_derived]
impl ::durably::__private::Clone for OrderSaga_total<OrderSaga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::durably::__private::Copy for OrderSaga_total<OrderSaga> {}
#[automatically_derived]
impl ::durably::__private::Debug for OrderSaga_total<OrderSaga> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("OrderSaga::total")
    }
}
#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
struct OrderSaga_change_address<T = OrderSaga>(
    ::durably::__private::PhantomData<fn() -> T>,
);
#[automatically_derived]
impl ::durably::__private::Clone for OrderSaga_change_address<OrderSaga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::durably::__private::Copy for OrderSaga_change_address<OrderSaga> {}
#[automatically_derived]
impl ::durably::__private::Debug for OrderSaga_change_address<OrderSaga> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("OrderSaga::change_address")
    }
}
#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
struct OrderSaga_touch<T = OrderSaga>(::durably::__private::PhantomData<fn() -> T>);
#[automatically_derived]
impl ::durably::__private::Clone for OrderSaga_touch<OrderSaga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::durably::__private::Copy for OrderSaga_touch<OrderSaga> {}
#[automatically_derived]
impl ::durably::__private::Debug for OrderSaga_touch<OrderSaga> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("OrderSaga::touch")
    }
}
