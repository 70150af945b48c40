#[automatically_derived]
impl ::durably::__private::WorkflowImplementation for Inbox_run<Inbox> {
    type State = Inbox;
    const PLACE: ::durably::__private::Option<
        &'static ::durably::__private::Location<'static>,
    > = {
        use ::durably::__private::Location as __Location;
        ::durably::__private::Some(__Location::caller())
    };
    fn run(
        __state: ::durably::__private::Rc<Self::State>,
        __context: ::durably::__private::WorkflowContext,
        (): Self::Parameters,
    ) -> impl ::durably::__private::Future<
        Output = ::durably::__private::WorkflowResult<
            <WorkflowResult<()> as ::durably::__private::NamedResult>::Output,
        >,
    > + 'static {
        async move {
            ::durably::__private::workflow_result(
                <Inbox as Inbox_workflow>::run(&__state, &__context).await,
            )
        }
    }
    const DYNAMIC_SIGNAL: ::durably::__private::Option<
        ::durably::__private::DynamicSignalHandler<Self::State>,
    > = ::durably::__private::Some(::durably::__private::DynamicSignalHandler {
        description: "Takes every signal.",
        abandon_unfinished: true,
        call: |__state, __context, __parameter_0, __parameter_1| {
            let __parameter_0: String = __parameter_0;
            let __parameter_1: Vec<Payload> = __parameter_1;
            ::durably::__private::SignalExecution::Running(
                ::durably::__private::Box::pin(async move {
                    ::durably::__private::Ok(
                        <Inbox>::any_signal(
                                &__state,
                                &__context,
                                __parameter_0,
                                __parameter_1,
                            )
                            .await,
                    )
                }),
            )
        },
    });
    #[cfg(feature = "queries")]
    const DYNAMIC_QUERY: ::durably::__private::Option<
        ::durably::__private::DynamicQueryHandler<Self::State>,
    > = ::durably::__private::Some(::durably::__private::DynamicQueryHandler {
        description: "",
        call: |__state, _, __parameter_0, __parameter_1| {
            let __parameter_0: String = __parameter_0;
            let __parameter_1: Vec<Payload> = __parameter_1;
            ::durably::__private::query_answer(
                ::durably::__private::Ok(
                    <Inbox>::any_query(__state, __parameter_0, __parameter_1),
                ),
            )
        },
    });
    const DYNAMIC_UPDATE: ::durably::__private::Option<
        ::durably::__private::DynamicUpdateHandler<Self::State>,
    > = ::durably::__private::Some(::durably::__private::DynamicUpdateHandler {
        description: "",
        abandon_unfinished: false,
        validate: ::durably::__private::Some(|__state, _, __parameter_0, __parameter_1| ::durably::__private::workflow_result(
            <Inbox>::check_update(__state, __parameter_0, __parameter_1),
        )),
        call: |__state, _, __parameter_0, __parameter_1| {
            let __parameter_0: String = __parameter_0;
            let __parameter_1: Vec<Payload> = __parameter_1;
            ::durably::__private::UpdateExecution::Done(
                ::durably::__private::update_outcome(
                    ::durably::__private::workflow_result(
                        <Inbox>::any_update(__state, __parameter_0, __parameter_1),
                    ),
                ),
            )
        },
    });
}
