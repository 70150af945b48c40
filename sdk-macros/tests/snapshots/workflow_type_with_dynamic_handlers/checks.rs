const _: () = ::durably::__private::check_result::<
    <WorkflowResult<()> as ::durably::__private::NamedResult>::Output,
>();
