#[automatically_derived]
impl ::durably::__private::WorkflowDefinition for Inbox_run<Inbox> {
    type Owner = Inbox;
    type Parameters = ();
    type Output = <WorkflowResult<()> as ::durably::__private::NamedResult>::Output;
    const NAME: &'static str = "Inbox";
}
#[automatically_derived]
impl ::durably::__private::WorkflowDefinition for Inbox {
    type Owner = Inbox;
    type Parameters = ();
    type Output = <WorkflowResult<()> as ::durably::__private::NamedResult>::Output;
    const NAME: &'static str = "Inbox";
}
