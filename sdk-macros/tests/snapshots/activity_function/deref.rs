#[automatically_derived]
impl ::durably::__private::Deref for charge {
    type Target = for<'a> fn(
        &'a ::durably::__private::ActivityContext,
        Order,
        Cents,
    ) -> ::durably::__private::BoxFuture<'a, ActivityResult<Payment>>;
    fn deref(&self) -> &Self::Target {
        &((|__context, __parameter_0, __parameter_1| ::durably::__private::activity_future(
            charge(__context, __parameter_0, __parameter_1),
        ))
            as for<'a> fn(
                &'a ::durably::__private::ActivityContext,
                Order,
                Cents,
            ) -> ::durably::__private::BoxFuture<'a, ActivityResult<Payment>>)
    }
}
