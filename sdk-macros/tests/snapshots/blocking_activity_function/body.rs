fn checksum(path: PathBuf) -> io::Result<u64> {
    Ok(0)
}
