#[automatically_derived]
impl ::durably::__private::Deref for greet {
    type Target = for<'a> fn(
        &'a ::durably::__private::WorkflowContext,
        String,
    ) -> ::durably::__private::LocalBoxFuture<'a, WorkflowResult<String>>;
    fn deref(&self) -> &Self::Target {
        &((|__context, __parameter_0| ::durably::__private::Box::pin(
            __greet(__context, __parameter_0),
        ))
            as for<'a> fn(
                &'a ::durably::__private::WorkflowContext,
                String,
            ) -> ::durably::__private::LocalBoxFuture<'a, WorkflowResult<String>>)
    }
}
