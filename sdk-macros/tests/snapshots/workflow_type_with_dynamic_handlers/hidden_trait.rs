#[allow(non_camel_case_types)]
trait Inbox_workflow {
    async fn run(&self, __parameter_1: &WorkflowContext) -> WorkflowResult<()>;
}
impl Inbox_workflow for Inbox {
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        Ok(())
    }
}
