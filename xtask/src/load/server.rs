//! A development server, in memory and on a free port.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::LoadError;
use super::child::Process;
use crate::run_cargo::target_directory;

/// Lifts the development server's limits on requests per second: a limit would be measured
/// instead of a worker.
const LIMITS: [&str; 8] = [
    "frontend.rps",
    "frontend.namespaceRPS",
    "frontend.globalNamespaceRPS",
    "frontend.persistenceMaxQPS",
    "history.rps",
    "history.persistenceMaxQPS",
    "matching.rps",
    "matching.persistenceMaxQPS",
];

/// Ends the server when standard input ends, however the program at its other side ends: the
/// server itself would outlive that program.
const TIED_TO_INPUT: &str = r#"
exec 3<&0
"$@" 3<&- &
server=$!
{ cat <&3 >/dev/null; kill "$server"; } &
wait "$server"
"#;

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) process: Process,
    pub(super) address: String,
}

impl Server {
    /// Starts a server. It does not answer yet; the starter's command `ready` waits for that.
    pub(super) fn start(temporal: &Path) -> Result<Self, LoadError> {
        let port = free_port()?;
        let log = log_file();
        let mut command = Command::new("sh");
        command.args(["-c", TIED_TO_INPUT, "server"]);
        command.arg(temporal);
        command.args(["server", "start-dev", "--headless", "--log-level", "error"]);
        command.args(["--ip", "127.0.0.1", "--port", &port.to_string()]);
        for limit in LIMITS {
            command.args(["--dynamic-config-value", &format!("{limit}=1000000")]);
        }
        command.stderr(create(&log)?);
        Ok(Self {
            process: Process::start("temporal server", &mut command, Some(log))?,
            address: format!("http://127.0.0.1:{port}"),
        })
    }
}

fn free_port() -> Result<u16, LoadError> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(LoadError::Port)?;
    Ok(listener.local_addr().map_err(LoadError::Port)?.port())
}

fn log_file() -> PathBuf {
    target_directory().join("load-server.log")
}

fn create(log: &Path) -> Result<File, LoadError> {
    File::create(log).map_err(|source| LoadError::Write {
        path: log.to_owned(),
        source,
    })
}
