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
        __state: ::durably::__private::Rc<Self::State>,
        __context: ::durably::__private::WorkflowContext,
        (__parameter_0,): Self::Parameters,
    ) -> impl ::durably::__private::Future<
        Output = ::durably::__private::WorkflowResult<
            <WorkflowResult<Receipt> as ::durably::__private::NamedResult>::Output,
        >,
    > + 'static {
        async move {
            ::durably::__private::workflow_result(
                <OrderSaga as OrderSaga_workflow>::run(
                        &__state,
                        &__context,
                        __parameter_0,
                    )
                    .await,
            )
        }
    }
    const SIGNALS: &'static [::durably::__private::SignalHandler<Self::State>] = &[
        ::durably::__private::SignalHandler {
            name: "cancel",
            description: "Cancels the order, if it is not too late.",
            abandon_unfinished: false,
            call: |__state, _, __payloads| {
                let __parameter_0 = ::durably::__private::parameter::<
                    String,
                >(__payloads, 0usize, 1usize)?;
                ::durably::__private::Ok(
                    ::durably::__private::SignalExecution::Done(
                        ::durably::__private::Ok(
                            <OrderSaga as OrderSaga_workflow>::cancel(
                                &__state,
                                __parameter_0,
                            ),
                        ),
                    ),
                )
            },
        },
        ::durably::__private::SignalHandler {
            name: "Delivered",
            description: "The parcel came",
            abandon_unfinished: false,
            call: |__state, __context, _| {
                ::durably::__private::Ok(
                    ::durably::__private::SignalExecution::Running(
                        ::durably::__private::Box::pin(async move {
                            ::durably::__private::workflow_result(
                                <OrderSaga as OrderSaga_workflow>::delivered(
                                        __state,
                                        &__context,
                                    )
                                    .await,
                            )
                        }),
                    ),
                )
            },
        },
    ];
    const QUERIES: &'static [::durably::__private::QueryHandler<Self::State>] = &[
        ::durably::__private::QueryHandler {
            name: "status",
            description: "",
            call: |__state, _, _| {
                ::durably::__private::query_answer(
                    ::durably::__private::Ok(
                        <OrderSaga as OrderSaga_workflow>::status(__state),
                    ),
                )
            },
        },
        ::durably::__private::QueryHandler {
            name: "total",
            description: "",
            call: |__state, __context, __payloads| {
                let __parameter_0 = ::durably::__private::parameter::<
                    Currency,
                >(__payloads, 0usize, 1usize)?;
                ::durably::__private::query_answer(
                    ::durably::__private::workflow_result(
                        <OrderSaga as OrderSaga_workflow>::total(
                            __state,
                            __context,
                            __parameter_0,
                        ),
                    ),
                )
            },
        },
    ];
    const UPDATES: &'static [::durably::__private::UpdateHandler<Self::State>] = &[
        ::durably::__private::UpdateHandler {
            name: "change_address",
            description: "",
            abandon_unfinished: false,
            check: |__payloads| {
                let __parameter_0 = ::durably::__private::parameter::<
                    Address,
                >(__payloads, 0usize, 1usize)?;
                ::durably::__private::Ok(())
            },
            validate: ::durably::__private::Some(|__state, _, __payloads| {
                let __parameter_0 = ::durably::__private::parameter::<
                    Address,
                >(__payloads, 0usize, 1usize)?;
                ::durably::__private::workflow_result(
                    <OrderSaga>::check_address(__state, &__parameter_0),
                )
            }),
            call: |__state, _, __payloads| {
                let __parameter_0 = ::durably::__private::parameter::<
                    Address,
                >(__payloads, 0usize, 1usize)?;
                ::durably::__private::Ok(
                    ::durably::__private::UpdateExecution::Running(
                        ::durably::__private::Box::pin(async move {
                            ::durably::__private::update_outcome(
                                ::durably::__private::workflow_result(
                                    <OrderSaga as OrderSaga_workflow>::change_address(
                                            &__state,
                                            __parameter_0,
                                        )
                                        .await,
                                ),
                            )
                        }),
                    ),
                )
            },
        },
        ::durably::__private::UpdateHandler {
            name: "touch",
            description: "",
            abandon_unfinished: false,
            check: |_| { ::durably::__private::Ok(()) },
            validate: ::durably::__private::None,
            call: |__state, _, _| {
                ::durably::__private::Ok(
                    ::durably::__private::UpdateExecution::Done(
                        ::durably::__private::update_outcome(
                            ::durably::__private::Ok(
                                <OrderSaga as OrderSaga_workflow>::touch(&__state),
                            ),
                        ),
                    ),
                )
            },
        },
    ];
}
