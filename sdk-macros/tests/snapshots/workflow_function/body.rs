async fn __greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    ctx.activity(compose, &name).await
}
