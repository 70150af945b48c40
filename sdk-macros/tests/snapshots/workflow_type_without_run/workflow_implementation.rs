#[automatically_derived]
impl ::durably::__private::WorkflowImplementation for OrderSaga_run<OrderSaga> {
    type State = OrderSaga;
    const PLACE: ::durably::__private::Option<
        &'static ::durably::__private::Location<'static>,
    > = {
        use ::durably::__private::Location as __Location;
        ::durably::__private::Some(__Location::caller())
    };
    fn run(
        _: ::durably::__private::Rc<Self::State>,
        _: ::durably::__private::WorkflowContext,
        _: Self::Parameters,
    ) -> impl ::durably::__private::Future<
        Output = ::durably::__private::WorkflowResult<Self::Output>,
    > + 'static {
        async move { ::durably::__private::refused() }
    }
    const SIGNALS: &'static [::durably::__private::SignalHandler<Self::State>] = &[
        ::durably::__private::SignalHandler {
            name: "cancel",
            description: "",
            abandon_unfinished: false,
            call: |__state, _, _| {
                ::durably::__private::Ok(
                    ::durably::__private::SignalExecution::Done(
                        ::durably::__private::Ok(
                            <OrderSaga as OrderSaga_workflow>::cancel(&__state),
                        ),
                    ),
                )
            },
        },
    ];
}
