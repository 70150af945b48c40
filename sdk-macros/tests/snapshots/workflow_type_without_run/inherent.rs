impl OrderSaga {
    #[allow(non_upper_case_globals)]
    pub const run: OrderSaga_run<OrderSaga> = OrderSaga_run(
        ::durably::__private::PhantomData,
    );
    #[allow(non_upper_case_globals)]
    const cancel: OrderSaga_cancel<OrderSaga> = OrderSaga_cancel(
        ::durably::__private::PhantomData,
    );
}
