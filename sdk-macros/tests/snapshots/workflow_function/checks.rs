const _: () = ::durably::__private::check_parameter::<String>();
const _: () = ::durably::__private::check_result::<
    <WorkflowResult<String> as ::durably::__private::NamedResult>::Output,
>();
