#[automatically_derived]
impl ::durably::__private::Deref for Inventory_reserve<Inventory>
where
    Inventory: ::durably::__private::SharedReceiver,
{
    type Target = for<'a> fn(
        &'a Inventory,
        &'a ::durably::__private::ActivityContext,
        (Order, u32),
    ) -> ::durably::__private::BoxFuture<'a, ActivityResult<Inventory>>;
    fn deref(&self) -> &Self::Target {
        &((|__receiver, __context, __parameter_0| ::durably::__private::activity_future(
            <Inventory as Inventory_activities>::reserve(
                __receiver,
                __context,
                __parameter_0,
            ),
        ))
            as for<'a> fn(
                &'a Inventory,
                &'a ::durably::__private::ActivityContext,
                (Order, u32),
            ) -> ::durably::__private::BoxFuture<'a, ActivityResult<Inventory>>)
    }
}
#[cfg(feature = "checksum")]
#[automatically_derived]
impl ::durably::__private::Deref for Inventory_checksum<Inventory>
where
    Inventory: ::durably::__private::SharedReceiver,
{
    type Target = fn(::durably::__private::Arc<Inventory>, Order) -> ActivityResult<u64>;
    fn deref(&self) -> &Self::Target {
        &((|__receiver, __parameter_0| <Inventory as Inventory_activities>::checksum(
            __receiver,
            __parameter_0,
        )) as fn(::durably::__private::Arc<Inventory>, Order) -> ActivityResult<u64>)
    }
}
