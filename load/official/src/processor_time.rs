//! Processor time of this process.

use std::io;
use std::time::Duration;

/// User and system time that all threads of this process have used so far.
///
/// # Errors
///
/// The error of `getrusage(2)`.
pub fn process_cpu_time() -> io::Result<Duration> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: `getrusage` writes a whole `rusage` to the pointer when it returns 0.
    let usage = unsafe {
        if libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        usage.assume_init()
    };
    Ok(duration(usage.ru_utime) + duration(usage.ru_stime))
}

fn duration(time: libc::timeval) -> Duration {
    // The kernel reports no negative time and fewer than a million microseconds.
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_usec.unsigned_abs() as u32 * 1_000,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_adds_processor_time() {
        let before = process_cpu_time().expect("getrusage works");
        while process_cpu_time().expect("getrusage works") < before + Duration::from_millis(20) {
            std::hint::spin_loop();
        }
    }
}
