#[automatically_derived]
impl ::durably::__private::WorkflowDefinition for greet {
    type Owner = greet;
    type Parameters = (String,);
    type Output = <WorkflowResult<String> as ::durably::__private::NamedResult>::Output;
    const NAME: &'static str = "Greeting";
}
