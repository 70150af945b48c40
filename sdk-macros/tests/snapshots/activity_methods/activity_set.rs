#[automatically_derived]
impl ::durably::__private::ActivitySet for Inventory
where
    Inventory: ::durably::__private::SharedReceiver,
{
    fn register(
        self: ::durably::__private::Arc<Self>,
        __registry: &mut ::durably::__private::ActivityRegistry,
    ) {
        __registry
            .method::<
                Inventory_reserve<Inventory>,
            >(::durably::__private::Arc::clone(&self));
        #[cfg(feature = "checksum")]
        __registry
            .method::<
                Inventory_checksum<Inventory>,
            >(::durably::__private::Arc::clone(&self));
    }
}
