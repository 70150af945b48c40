#[allow(non_camel_case_types)]
trait OrderSaga_workflow {
    async fn run(
        &self,
        __parameter_1: &WorkflowContext,
        __parameter_2: Order,
    ) -> WorkflowResult<Receipt>;
    fn cancel(&self, __parameter_1: String);
    async fn delivered(
        self: Rc<Self>,
        __parameter_1: &WorkflowContext,
    ) -> WorkflowResult<()>;
    fn status(&self) -> Status;
    fn total(
        &self,
        __parameter_1: &WorkflowContext,
        __parameter_2: Currency,
    ) -> Result<u64, Unknown>;
    async fn change_address(&self, __parameter_1: Address) -> Result<Address, Unknown>;
    fn touch(&self);
}
impl OrderSaga_workflow for OrderSaga {
    async fn run(&self, ctx: &WorkflowContext, order: Order) -> WorkflowResult<Receipt> {
        Ok(Receipt)
    }
    fn cancel(&self, reason: String) {}
    async fn delivered(self: Rc<Self>, ctx: &WorkflowContext) -> WorkflowResult<()> {
        Ok(())
    }
    fn status(&self) -> Status {
        self.status.get()
    }
    fn total(&self, ctx: &WorkflowContext, currency: Currency) -> Result<u64, Unknown> {
        Err(Unknown)
    }
    async fn change_address(&self, to: Address) -> Result<Address, Unknown> {
        Ok(to)
    }
    fn touch(&self) {}
}
