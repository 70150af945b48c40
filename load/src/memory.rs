//! The memory of processes.

/// The memory that this process has in use, in bytes; 0 where `/proc` does not tell.
#[must_use]
pub fn resident_bytes() -> u64 {
    read("/proc/self/status", "VmRSS:")
}

/// The most memory that this process has had in use, in bytes; 0 where `/proc` does not tell.
#[must_use]
pub fn peak_resident_bytes() -> u64 {
    read("/proc/self/status", "VmHWM:")
}

/// The memory that a process has in use, in bytes; 0 where `/proc` does not tell.
#[must_use]
pub fn resident_bytes_of(process_id: u32) -> u64 {
    read(&format!("/proc/{process_id}/status"), "VmRSS:")
}

fn read(status: &str, field: &str) -> u64 {
    let status = std::fs::read_to_string(status).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
        * 1024
}
