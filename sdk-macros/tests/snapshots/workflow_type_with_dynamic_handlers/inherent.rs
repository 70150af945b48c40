impl Inbox {
    #[allow(non_upper_case_globals, dead_code)]
    const run: Inbox_run<Inbox> = Inbox_run(::durably::__private::PhantomData);
    /// Takes every signal.
    async fn any_signal(
        &self,
        ctx: &WorkflowContext,
        name: String,
        arguments: Vec<Payload>,
    ) {}
    #[cfg(feature = "queries")]
    fn any_query(&self, name: String, arguments: Vec<Payload>) -> String {
        name
    }
    fn any_update(
        self: Rc<Self>,
        name: String,
        arguments: Vec<Payload>,
    ) -> Result<(), Unknown> {
        Ok(())
    }
    fn check_update(&self, name: &str, arguments: &[Payload]) -> Result<(), Unknown> {
        Ok(())
    }
}
