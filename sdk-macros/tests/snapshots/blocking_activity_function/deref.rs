#[automatically_derived]
impl vendored::durably::__private::Deref for checksum {
    type Target = fn(PathBuf) -> io::Result<u64>;
    fn deref(&self) -> &Self::Target {
        &((|__parameter_0| checksum(__parameter_0)) as fn(PathBuf) -> io::Result<u64>)
    }
}
