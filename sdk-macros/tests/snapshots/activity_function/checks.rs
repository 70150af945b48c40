const _: () = ::durably::__private::check_parameter::<Order>();
const _: () = ::durably::__private::check_parameter::<Cents>();
const _: () = ::durably::__private::check_result::<
    <ActivityResult<Payment> as ::durably::__private::NamedResult>::Output,
>();
