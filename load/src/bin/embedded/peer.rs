//! The same figures of a server in a process of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::time::{Duration, Instant};

use durably::prelude::*;
use durably_load::resident_bytes_of;
use tokio::process::{Child, Command};

use crate::table;
use crate::workflows::{QUEUE, greeted, greets, slept, worker};

/// A server that may be installed here.
pub(crate) struct Peer {
    /// Its name in the table.
    pub(crate) name: &'static str,
    program: &'static str,
    /// Its arguments for a port.
    arguments: fn(u16) -> Vec<String>,
    /// Workflows ask it to skip time; otherwise it does so unasked.
    is_asked_to_skip: bool,
}

/// The server of the `temporal` command.
pub(crate) const DEV_SERVER: Peer = Peer {
    name: "dev server",
    program: "temporal",
    arguments: |port| {
        let port = port.to_string();
        let skipping = "frontend.WorkflowTimeSkippingEnabled=true";
        let words = ["server", "start-dev", "--headless", "--ip", "127.0.0.1"];
        let rest = ["--port", &port, "--log-level", "error"];
        let last = ["--dynamic-config-value", skipping];
        words
            .into_iter()
            .chain(rest)
            .chain(last)
            .map(str::to_owned)
            .collect()
    },
    is_asked_to_skip: true,
};

/// The time-skipping server of the Java SDK.
pub(crate) const JAVA_TEST_SERVER: Peer = Peer {
    name: "Java test server",
    program: "temporal-test-server",
    arguments: |port| vec![port.to_string(), "--enable-time-skipping".to_owned()],
    is_asked_to_skip: false,
};

impl Peer {
    /// Measures it, or says that it is not here.
    pub(crate) async fn measure(&self) {
        let mut starts = Vec::new();
        for _ in 0..5 {
            let began = Instant::now();
            let Some((mut server, port)) = self.start() else {
                println!("-- {}: no `{}` on PATH", self.name, self.program);
                return;
            };
            first_start(port).await;
            starts.push(began.elapsed());
            stop(&mut server).await;
        }
        println!("-- {}", self.name);
        table::times("from nothing to the first started workflow", starts);
        let Some((mut server, port)) = self.start() else {
            return;
        };
        let client = first_start(port).await;
        if let Some(id) = server.id() {
            table::bytes("memory of an idle instance", resident_bytes_of(id));
        }
        let worker = worker(&client);
        let mut warm = Vec::new();
        for number in 0..120 {
            let began = Instant::now();
            greeted(&client).await;
            // The first ones warm up.
            if number >= 20 {
                warm.push(began.elapsed());
            }
        }
        table::times("one workflow with one activity, warm", warm);
        let mut sleeps = Vec::new();
        for _ in 0..10 {
            let began = Instant::now();
            slept(&client, self.is_asked_to_skip).await;
            sleeps.push(began.elapsed());
        }
        table::times("a workflow that sleeps for 30 days", sleeps);
        worker.abort();
        stop(&mut server).await;
    }

    fn start(&self) -> Option<(Child, u16)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
        let port = listener.local_addr().ok()?.port();
        drop(listener);
        let child = Command::new(self.program)
            .args((self.arguments)(port))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        Some((child.ok()?, port))
    }
}

async fn stop(server: &mut Child) {
    server.kill().await.expect("the server can be killed");
}

/// A client, as soon as a workflow can be started.
async fn first_start(port: u16) -> Client {
    loop {
        let options = ConnectOptions::new(format!("http://127.0.0.1:{port}"));
        if let Ok(client) = Client::connect(options).await {
            let start = client.start(greets, "first".to_owned()).task_queue(QUEUE);
            if start.await.is_ok() {
                return client;
            }
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
