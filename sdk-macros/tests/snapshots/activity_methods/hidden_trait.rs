#[allow(non_camel_case_types)]
trait Inventory_activities {
    async fn reserve(
        &self,
        __parameter_1: &ActivityContext,
        __parameter_2: (Order, u32),
    ) -> ActivityResult<Inventory>;
    #[cfg(feature = "checksum")]
    fn checksum(self: Arc<Self>, __parameter_1: Order) -> ActivityResult<u64>;
}
impl Inventory_activities for Inventory {
    async fn reserve(
        &self,
        ctx: &ActivityContext,
        (order, count): (Order, u32),
    ) -> ActivityResult<Self> {
        self.checksum(order)
    }
    #[cfg(feature = "checksum")]
    fn checksum(self: Arc<Self>, order: Order) -> ActivityResult<u64> {
        Ok(0)
    }
}
