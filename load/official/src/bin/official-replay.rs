//! Replays the history files named on its command line and prints what each replay took.

use std::panic;
use std::path::PathBuf;
use std::process::{self, ExitCode};

use load_official::replay::{replay_folder, replay_file, replayer};

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if paths.is_empty() {
        eprintln!("official-replay: name one or more files, each a binary History (.pb)");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("official-replay: cannot start the tokio threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    if runtime.block_on(replay_all(&paths)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Replays every file, also after one that failed; tells whether all succeeded.
async fn replay_all(paths: &[PathBuf]) -> bool {
    let replayer = match replayer() {
        Ok(replayer) => replayer,
        Err(error) => {
            eprintln!("official-replay: {error}");
            return false;
        }
    };
    let mut all_replayed = true;
    for path in paths {
        end_process_on_panic(path.clone());
        let (replayed, what) = if path.is_dir() {
            (replay_folder(&replayer, path).await, " parse+replay")
        } else {
            (replay_file(&replayer, path).await, "")
        };
        match replayed {
            Ok(figures) => println!(
                "{}{what} events={} cpu_seconds={:.4} events_per_cpu_second={:.0}",
                path.file_stem().unwrap_or(path.as_os_str()).display(),
                figures.events,
                figures.cpu.as_secs_f64(),
                figures.events_per_cpu_second(),
            ),
            Err(error) => {
                eprintln!("official-replay: {}: {error}", path.display());
                all_replayed = false;
            }
        }
    }
    all_replayed
}

/// A malformed history can make the SDK panic in a task of its own, after which its replay waits
/// for ever. The process ends instead, naming the file.
fn end_process_on_panic(path: PathBuf) {
    panic::set_hook(Box::new(move |panicked| {
        eprintln!(
            "official-replay: {}: the SDK cannot replay this history: {panicked}",
            path.display()
        );
        process::exit(1);
    }));
}
