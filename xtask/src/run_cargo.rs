//! Running cargo for a chore.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why cargo did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CargoError {
    #[error("cannot run {command}: {source}")]
    Run { command: String, source: io::Error },
    #[error("{command} failed; its messages stand above")]
    Failed { command: String },
    #[error("{command} printed something that is not text")]
    NotText { command: String },
}

/// The workspace's folder.
pub(crate) fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the workspace")
}

/// Where cargo puts what it builds for the workspace.
pub(crate) fn target_directory() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => workspace_root().join(directory),
        None => workspace_root().join("target"),
    }
}

/// The cargo that runs this program, or the one on the PATH.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(workspace_root());
    command
}

/// Runs a cargo command to its end; its messages go to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<(), CargoError> {
    let name = describe(command);
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(CargoError::Failed { command: name }),
        Err(source) => Err(CargoError::Run {
            command: name,
            source,
        }),
    }
}

/// Runs a command and gives what it prints to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, CargoError> {
    let (text, success) = run_and_read(command)?;
    if success {
        return Ok(text);
    }
    Err(CargoError::Failed {
        command: describe(command),
    })
}

/// The same for a command that may have succeeded in part: an error only if it printed nothing.
pub(crate) fn printed(command: &mut Command) -> Result<String, CargoError> {
    let (text, success) = run_and_read(command)?;
    if success || !text.is_empty() {
        return Ok(text);
    }
    Err(CargoError::Failed {
        command: describe(command),
    })
}

fn run_and_read(command: &mut Command) -> Result<(String, bool), CargoError> {
    let command = command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(|source| CargoError::Run {
        command: describe(command),
        source,
    })?;
    let text = String::from_utf8(output.stdout).map_err(|_| CargoError::NotText {
        command: describe(command),
    })?;
    Ok((text, output.status.success()))
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    let words: Vec<_> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    format!("`{}`", words.join(" "))
}
