//! Reads the files named on the command line some times each, and prints what the best time was:
//! `NAME events=E cpu_seconds=S events_per_cpu_second=R megabytes_per_cpu_second=M`.
//!
//! `cargo run --release -p durably-history --example read_speed -- FILE..`

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use durably_history::HistoryReader;
use nix::time::{ClockId, clock_gettime};

/// The first times fill the memory of the process.
const TIMES: usize = 8;

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for path in std::env::args_os().skip(1) {
        if let Err(error) = measure(Path::new(&path)) {
            eprintln!("read_speed: {error}");
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn measure(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut best = Duration::MAX;
    let mut events = 0;
    for _ in 0..TIMES {
        let before = processor_time()?;
        events = 0;
        for recorded in HistoryReader::open(path)? {
            events += recorded?.history.events.len();
        }
        best = best.min(processor_time()?.saturating_sub(before));
    }
    let seconds = best.as_secs_f64();
    let bytes = std::fs::metadata(path)?.len();
    println!(
        "{} events={events} cpu_seconds={seconds:.4} events_per_cpu_second={:.0} megabytes_per_cpu_second={:.0}",
        path.display(),
        events as f64 / seconds,
        bytes as f64 / seconds / 1e6,
    );
    Ok(())
}

fn processor_time() -> Result<Duration, nix::Error> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}
