impl OrderSaga {
    #[allow(non_upper_case_globals, dead_code)]
    pub const run: OrderSaga_run<OrderSaga> = OrderSaga_run(
        ::durably::__private::PhantomData,
    );
    #[allow(non_upper_case_globals, dead_code)]
    const cancel: OrderSaga_cancel<OrderSaga> = OrderSaga_cancel(
        ::durably::__private::PhantomData,
    );
}
