const _: () = ::durably::__private::check_parameter::<Order>();
const _: () = ::durably::__private::check_result::<
    <WorkflowResult<Receipt> as ::durably::__private::NamedResult>::Output,
>();
