//! The result for `cargo durably replay`. An exit code does not tell whether the program that it ran
//! is one that replays: a service ends with 0 too, and so does a test that replays a folder of its own.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// The variable that names the file.
pub(super) const RESULT_FILE: &str = "DURABLY_REPLAY_RESULT";

/// Adds an exit code to the file, a line for each call: a test program may replay in several tests.
/// Gives the exit code of the program.
pub(super) fn record(path: Option<&OsStr>, exit_code: u8) -> u8 {
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        return exit_code;
    };
    match append(Path::new(path), exit_code) {
        Ok(()) => exit_code,
        Err(error) => {
            let path = path.to_string_lossy();
            eprintln!("error: cannot write the result to {path} ({RESULT_FILE}): {error}");
            2
        }
    }
}

fn append(path: &Path, exit_code: u8) -> io::Result<()> {
    let mut file = File::options().create(true).append(true).open(path)?;
    // One write, since tests run at the same time.
    file.write_all(format!("{exit_code}\n").as_bytes())
}
