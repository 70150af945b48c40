#[automatically_derived]
impl ::durably::__private::Deref for Inbox_run<Inbox> {
    type Target = for<'a> fn(
        &'a Inbox,
        &'a ::durably::__private::WorkflowContext,
    ) -> ::durably::__private::LocalBoxFuture<'a, WorkflowResult<()>>;
    fn deref(&self) -> &Self::Target {
        &((|__receiver, __context| ::durably::__private::Box::pin(
            <Inbox as Inbox_workflow>::run(__receiver, __context),
        ))
            as for<'a> fn(
                &'a Inbox,
                &'a ::durably::__private::WorkflowContext,
            ) -> ::durably::__private::LocalBoxFuture<'a, WorkflowResult<()>>)
    }
}
