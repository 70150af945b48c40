#[automatically_derived]
impl ::durably::__private::ActivityDefinition for Inventory_reserve<Inventory> {
    type Parameters = ((Order, u32),);
    type Output = <ActivityResult<
        Inventory,
    > as ::durably::__private::NamedResult>::Output;
    type Timeout = ::durably::__private::HasTimeout;
    const NAME: &'static str = "reserve";
    fn defaults() -> ::durably::__private::ActivityOptions {
        let mut __options: ::durably::__private::ActivityOptions = ::durably::__private::Default::default();
        __options.start_to_close_timeout = ::durably::__private::Some(
            ::durably::__private::Duration::from_secs(10u64),
        );
        __options
    }
}
#[cfg(feature = "checksum")]
#[automatically_derived]
impl ::durably::__private::ActivityDefinition for Inventory_checksum<Inventory> {
    type Parameters = (Order,);
    type Output = <ActivityResult<u64> as ::durably::__private::NamedResult>::Output;
    type Timeout = ::durably::__private::MissingTimeout;
    const NAME: &'static str = "checksum";
    fn defaults() -> ::durably::__private::ActivityOptions {
        ::durably::__private::Default::default()
    }
}
