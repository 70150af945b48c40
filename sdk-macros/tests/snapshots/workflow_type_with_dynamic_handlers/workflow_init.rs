#[automatically_derived]
impl<S: ::durably::__private::DefaultState> ::durably::__private::WorkflowInit
for Inbox_run<S>
where
    Self: ::durably::__private::WorkflowImplementation<State = S>,
{
    fn init(
        _: &::durably::__private::WorkflowContext,
        _: &Self::Parameters,
    ) -> ::durably::__private::WorkflowResult<S> {
        ::durably::__private::Ok(S::default_state())
    }
}
