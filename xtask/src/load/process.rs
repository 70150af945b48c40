//! What the operating system says of a process: processor time and memory.

use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

use super::LoadError;
use super::child::Process;

/// A process counts as quiet when it uses less than this in a period.
const QUIET: Duration = Duration::from_micros(500);
const PERIOD: Duration = Duration::from_millis(200);
const QUIET_LIMIT: Duration = Duration::from_secs(10);

/// The processor time that a process has used so far, in user and kernel mode, with all its
/// threads.
///
/// It is the sum of `utime` and `stime` in `/proc/PID/stat`, read from the process's clock
/// instead, which counts nanoseconds and not ticks of 10 ms.
pub(super) fn processor_time(process: &Process) -> Result<Duration, LoadError> {
    let pid = Pid::from_raw(process.id().cast_signed());
    let time = clock_getcpuclockid(pid).and_then(ClockId::now);
    time.map(Duration::from)
        .map_err(|error| LoadError::Process {
            what: "processor time",
            program: process.name().to_owned(),
            reason: error.to_string(),
        })
}

/// `VmRSS` of `/proc/PID/status`, in bytes.
pub(super) fn resident_memory(process: &Process) -> Result<u64, LoadError> {
    let failed = |reason: String| LoadError::Process {
        what: "memory",
        program: process.name().to_owned(),
        reason,
    };
    let path = format!("/proc/{}/status", process.id());
    let status =
        std::fs::read_to_string(&path).map_err(|error| failed(format!("{path}: {error}")))?;
    vm_rss(&status).ok_or_else(|| failed(format!("{path} has no VmRSS")))
}

fn vm_rss(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Waits until a process has nothing more to do, for some seconds at most.
pub(super) fn wait_until_quiet(process: &Process) -> Result<(), LoadError> {
    let give_up = Instant::now() + QUIET_LIMIT;
    let mut before = processor_time(process)?;
    loop {
        sleep(PERIOD);
        let now = processor_time(process)?;
        if now.saturating_sub(before) < QUIET || Instant::now() >= give_up {
            return Ok(());
        }
        before = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vm_rss_is_found() {
        let status = "Name:\tworker\nVmHWM:\t    9000 kB\nVmRSS:\t    8000 kB\nThreads:\t1\n";
        assert_eq!(vm_rss(status), Some(8000 * 1024));
        assert_eq!(vm_rss("Name:\tworker\n"), None);
    }
}
