//! A server with workflows, and the command run against it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use durably::client::{Client, ConnectOptions};
use durably::prelude::*;
use durably::worker::ShutdownHandle;
use durably_test::server::{Listening, TestServer};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) article: String,
    pub(crate) cents: u64,
    pub(crate) is_gift: bool,
}

#[activity(start_to_close_timeout = "10s")]
async fn charge(order: Order) -> ActivityResult<Order> {
    if order.article == "nothing" {
        return Err(ApplicationFailure::new("no-such-article")
            .non_retryable()
            .into());
    }
    Ok(order)
}

#[activity(start_to_close_timeout = "10s")]
async fn fee(cents: u64) -> ActivityResult<u64> {
    Ok(cents / 10)
}

/// Has every kind of marker.
#[workflow]
pub(crate) async fn buy(ctx: &WorkflowContext, order: Order) -> WorkflowResult<Order> {
    let shard = ctx.side_effect(|| 1_234_567_u64);
    ctx.local_activity(fee, order.cents + shard).await?;
    if ctx.patched("pause") {
        ctx.sleep(Duration::from_secs(3600)).await?;
    }
    ctx.version("rates", 1, 2);
    Ok(ctx.activity(charge, &order).await?)
}

/// What the command came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) address: String,
    folder: TempDir,
    shutdown: ShutdownHandle,
    worker: tokio::task::JoinHandle<()>,
    _listening: Listening,
}

impl Session {
    pub(crate) async fn start() -> Self {
        let server = TestServer::start();
        let listening = server.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listening.address().to_string();
        let client = Client::connect(ConnectOptions::new(&address))
            .await
            .unwrap();
        let worker = Worker::builder(&client, "orders")
            .workflow(buy)
            .activity(charge)
            .activity(fee)
            .build()
            .unwrap();
        let shutdown = worker.shutdown_handle();
        let worker = tokio::spawn(async move { worker.run().await.unwrap() });
        Self {
            client,
            address,
            folder: tempfile::tempdir().unwrap(),
            shutdown,
            worker,
            _listening: listening,
        }
    }

    /// Buys, to the end; whether it succeeds.
    pub(crate) async fn buy(&self, workflow_id: &str, article: &str) -> bool {
        let order = Order {
            article: article.to_owned(),
            cents: 4_200_042,
            is_gift: true,
        };
        let started = self.client.start(buy, &order).workflow_id(workflow_id);
        let handle = started.task_queue("orders").await.unwrap();
        handle.result().await.is_ok()
    }

    /// Starts a workflow that nobody works on.
    pub(crate) async fn leave_open(&self, workflow_id: &str) {
        let started = self.client.start_by_name("Waiting", Vec::new());
        started
            .workflow_id(workflow_id)
            .task_queue("nobody")
            .await
            .unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command with the server's address.
    pub(crate) fn run(&self, line: &str, more: &[&str]) -> Ran {
        let words: Vec<&str> = line.split(' ').chain(more.iter().copied()).collect();
        let words = [&words[..], &["--address", &self.address]].concat();
        run(&words, self.folder.path())
    }

    pub(crate) async fn end(self) {
        self.shutdown.initiate();
        self.worker.await.unwrap();
    }
}

/// Runs the command in a folder.
pub(crate) fn run(words: &[&str], folder: &Path) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-durably"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TEMPORAL_") {
            command.env_remove(name);
        }
    }
    // No profile of whoever runs the tests.
    command
        .env("XDG_CONFIG_HOME", folder)
        .env("APPDATA", folder)
        .env("HOME", folder);
    let output = command
        .arg("durably")
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ran {
        code: output.status.code().unwrap(),
        output: text(&output.stdout),
        errors: text(&output.stderr),
    }
}

/// The names in a folder, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
