#[automatically_derived]
impl ::durably::__private::WorkflowImplementation for greet {
    type State = ();
    const PLACE: ::durably::__private::Option<
        &'static ::durably::__private::Location<'static>,
    > = {
        use ::durably::__private::Location as __Location;
        ::durably::__private::Some(__Location::caller())
    };
    fn run(
        _: ::durably::__private::Rc<Self::State>,
        __context: ::durably::__private::WorkflowContext,
        (__parameter_0,): Self::Parameters,
    ) -> impl ::durably::__private::Future<
        Output = ::durably::__private::WorkflowResult<
            <WorkflowResult<String> as ::durably::__private::NamedResult>::Output,
        >,
    > + 'static {
        async move {
            ::durably::__private::workflow_result(
                __greet(&__context, __parameter_0).await,
            )
        }
    }
}
