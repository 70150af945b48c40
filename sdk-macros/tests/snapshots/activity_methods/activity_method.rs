#[automatically_derived]
impl ::durably::__private::ActivityMethod for Inventory_reserve<Inventory>
where
    Inventory: ::durably::__private::SharedReceiver,
{
    type Receiver = Inventory;
    fn execute(
        __receiver: ::durably::__private::Arc<Self::Receiver>,
        __context: ::durably::__private::ActivityContext,
        (__parameter_0,): Self::Parameters,
    ) -> ::durably::__private::ActivityExecution<
        <ActivityResult<Inventory> as ::durably::__private::NamedResult>::Output,
    > {
        ::durably::__private::ActivityExecution::Async(
            ::durably::__private::Box::pin(async move {
                ::durably::__private::activity_result(
                    (<Inventory>::reserve)(&__receiver, &__context, __parameter_0).await,
                )
            }),
        )
    }
}
#[cfg(feature = "checksum")]
#[automatically_derived]
impl ::durably::__private::ActivityMethod for Inventory_checksum<Inventory>
where
    Inventory: ::durably::__private::SharedReceiver,
{
    type Receiver = Inventory;
    fn execute(
        __receiver: ::durably::__private::Arc<Self::Receiver>,
        _: ::durably::__private::ActivityContext,
        (__parameter_0,): Self::Parameters,
    ) -> ::durably::__private::ActivityExecution<
        <ActivityResult<u64> as ::durably::__private::NamedResult>::Output,
    > {
        ::durably::__private::ActivityExecution::Blocking(
            ::durably::__private::Box::new(move || ::durably::__private::activity_result(
                <Inventory as Inventory_activities>::checksum(__receiver, __parameter_0),
            )),
        )
    }
}
