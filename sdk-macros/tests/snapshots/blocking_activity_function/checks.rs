const _: () = vendored::durably::__private::check_parameter::<PathBuf>();
const _: () = vendored::durably::__private::check_result::<
    <io::Result<u64> as vendored::durably::__private::NamedResult>::Output,
>();
