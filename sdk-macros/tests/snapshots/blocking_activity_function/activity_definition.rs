#[automatically_derived]
impl vendored::durably::__private::ActivityDefinition for checksum {
    type Parameters = (PathBuf,);
    type Output = <io::Result<u64> as vendored::durably::__private::NamedResult>::Output;
    type Timeout = vendored::durably::__private::MissingTimeout;
    const NAME: &'static str = "checksum";
    fn defaults() -> vendored::durably::__private::ActivityOptions {
        vendored::durably::__private::Default::default()
    }
}
