/// What is in stock.
impl Inventory {
    /// Reserves.
    #[allow(non_upper_case_globals, dead_code)]
    pub const reserve: Inventory_reserve<Inventory> = Inventory_reserve(
        ::durably::__private::PhantomData,
    );
    #[cfg(feature = "checksum")]
    #[allow(non_upper_case_globals, dead_code)]
    const checksum: Inventory_checksum<Inventory> = Inventory_checksum(
        ::durably::__private::PhantomData,
    );
    const LIMIT: u32 = 5;
    fn helper(&self) {}
}
