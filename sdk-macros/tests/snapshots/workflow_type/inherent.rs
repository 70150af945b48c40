impl OrderSaga {
    /// Buys.
    #[allow(non_upper_case_globals, dead_code)]
    pub const run: OrderSaga_run<OrderSaga> = OrderSaga_run(
        ::durably::__private::PhantomData,
    );
    /// Cancels the order,
    /// if it is not too late.
    ///
    /// More about it.
    #[allow(non_upper_case_globals, dead_code)]
    pub const cancel: OrderSaga_cancel<OrderSaga> = OrderSaga_cancel(
        ::durably::__private::PhantomData,
    );
    #[allow(non_upper_case_globals, dead_code)]
    const delivered: OrderSaga_delivered<OrderSaga> = OrderSaga_delivered(
        ::durably::__private::PhantomData,
    );
    #[allow(non_upper_case_globals, dead_code)]
    const status: OrderSaga_status<OrderSaga> = OrderSaga_status(
        ::durably::__private::PhantomData,
    );
    #[allow(non_upper_case_globals, dead_code)]
    const total: OrderSaga_total<OrderSaga> = OrderSaga_total(
        ::durably::__private::PhantomData,
    );
    #[allow(non_upper_case_globals, dead_code)]
    const change_address: OrderSaga_change_address<OrderSaga> = OrderSaga_change_address(
        ::durably::__private::PhantomData,
    );
    #[allow(non_upper_case_globals, dead_code)]
    const touch: OrderSaga_touch<OrderSaga> = OrderSaga_touch(
        ::durably::__private::PhantomData,
    );
    fn new(ctx: &WorkflowContext, order: &Order) -> Self {
        Self::of(order)
    }
    fn check_address(&self, to: &Address) -> Result<(), Unknown> {
        Ok(())
    }
}
