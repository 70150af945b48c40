impl Inventory {
    const LIMIT: u32 = 5;
    fn helper(&self) {}
}
impl Inventory {
    /// Reserves.
    #[allow(non_upper_case_globals)]
    pub const reserve: Inventory_reserve<Inventory> = Inventory_reserve(
        ::durably::__private::PhantomData,
    );
}
impl Inventory {
    #[cfg(feature = "checksum")]
    #[allow(non_upper_case_globals)]
    const checksum: Inventory_checksum<Inventory> = Inventory_checksum(
        ::durably::__private::PhantomData,
    );
}
