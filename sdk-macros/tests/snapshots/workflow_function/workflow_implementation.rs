#[automatically_derived]
impl ::durably::__private::WorkflowImplementation for greet {
    type State = ();
    fn init(
        _: &::durably::__private::WorkflowContext,
        _: &Self::Parameters,
    ) -> ::durably::__private::WorkflowResult<Self::State> {
        ::durably::__private::Ok(())
    }
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
