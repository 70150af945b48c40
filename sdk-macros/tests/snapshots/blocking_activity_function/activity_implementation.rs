#[automatically_derived]
impl vendored::durably::__private::ActivityImplementation for checksum {
    fn execute(
        _: vendored::durably::__private::ActivityContext,
        (__parameter_0,): Self::Parameters,
    ) -> vendored::durably::__private::ActivityExecution<
        <io::Result<u64> as vendored::durably::__private::NamedResult>::Output,
    > {
        vendored::durably::__private::ActivityExecution::Blocking(
            vendored::durably::__private::Box::new(move || vendored::durably::__private::activity_result(
                checksum(__parameter_0),
            )),
        )
    }
}
