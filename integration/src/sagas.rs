//! Sagas of the example `order_saga`, run by processes of their own that can be killed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use durably::client::{Client, HistoryError};
use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::{Events, fetch};

/// The sagas of one run, and the program that works on them.
#[derive(Debug)]
pub struct Sagas {
    program: PathBuf,
    address: String,
    task_queue: String,
    batch: String,
    count: usize,
}

/// What the histories of all sagas tell.
#[derive(Debug, Default)]
pub struct Figures {
    /// Events in all.
    pub events: usize,
    /// Activities that were scheduled.
    pub activities: usize,
    /// Attempts beyond the first.
    pub retries: u32,
    /// Workflow tasks that timed out: their worker was killed.
    pub timed_out_tasks: usize,
    /// What should not be.
    pub problems: Vec<String>,
}

impl Sagas {
    /// Builds the example.
    ///
    /// # Errors
    /// It cannot be built.
    pub async fn build(address: String, count: usize) -> io::Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args([
            "build",
            "--quiet",
            "--package",
            "durably-examples",
            "--example",
            "order_saga",
        ]);
        let own = std::env::current_exe()?;
        let folder = own
            .parent()
            .ok_or_else(|| io::Error::other("this program is in no folder"))?;
        if folder.ends_with("release") {
            command.arg("--release");
        }
        if !command.status().await?.success() {
            return Err(io::Error::other("the example order_saga cannot be built"));
        }
        let id = uuid::Uuid::new_v4();
        Ok(Self {
            program: folder.join("examples/order_saga"),
            address,
            task_queue: format!("sagas-{id}"),
            batch: format!("saga-{id}"),
            count,
        })
    }

    /// Starts the process that starts all sagas and waits for their ends.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(&self) -> io::Result<Child> {
        let mut command = self.command();
        command
            .args(["--starter-only", "--count", &self.count.to_string()])
            .spawn()
    }

    /// Starts a worker process.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn worker(&self) -> io::Result<Child> {
        self.command()
            .arg("--worker-only")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env("TEMPORAL_ADDRESS", &self.address)
            .kill_on_drop(true)
            .stdin(Stdio::null());
        command.args(["--task-queue", &self.task_queue, "--batch", &self.batch]);
        command
    }

    /// Looks through the histories of all sagas.
    ///
    /// # Errors
    /// A history cannot be fetched, or the example's file not be read.
    pub async fn figures(&self, client: &Client) -> Result<Figures, Box<dyn std::error::Error>> {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/orders.json");
        let scenarios: Vec<Value> = serde_json::from_str(&fs::read_to_string(file)?)?;
        let mut figures = Figures::default();
        for (index, scenario) in scenarios.iter().cycle().take(self.count).enumerate() {
            let order = scenario["order"]["id"]
                .as_str()
                .ok_or("an order without an id")?;
            let workflow_id = format!("{}-{}-{order}", self.batch, index + 1);
            let expected = scenario["expected"]
                .as_str()
                .ok_or("an order without an end")?;
            let events = self.events(client, &workflow_id).await?;
            figures.add(&workflow_id, expected, &events);
        }
        Ok(figures)
    }

    async fn events(&self, client: &Client, workflow_id: &str) -> Result<Events, HistoryError> {
        fetch(&client.untyped_workflow_handle(workflow_id)).await
    }
}

impl Figures {
    fn add(&mut self, workflow_id: &str, expected: &str, events: &Events) {
        let mut wrong = |problem: String| {
            self.problems
                .push(format!("{workflow_id}: {problem}\n{events:?}"));
        };
        for failed in events.broken_tasks() {
            wrong(format!("a workflow task failed: {:?}", failed.cause()));
        }
        let Some(receipt) = result(events) else {
            return wrong("it did not complete".to_owned());
        };
        if receipt["end"] != expected {
            wrong(format!("it ended with {}, not {expected}", receipt["end"]));
        }
        // What an activity returned must be what the saga got, once, whatever was killed meanwhile.
        let charged = charged(events);
        if receipt["payment"] != charged.clone().unwrap_or(Value::Null) {
            wrong(format!(
                "it has payment {}, and {charged:?} was charged",
                receipt["payment"]
            ));
        }
        let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
        for scheduled in events.scheduled_activities() {
            *calls
                .entry(
                    scheduled
                        .activity_type
                        .as_ref()
                        .map_or("", |kind| &kind.name),
                )
                .or_default() += 1;
        }
        if let Some((activity, times)) = calls.iter().find(|(_, times)| **times > 1) {
            wrong(format!("it called {activity} {times} times"));
        }
        let ended = [
            EventType::ActivityTaskCompleted,
            EventType::ActivityTaskFailed,
        ];
        let ended: usize = ended.iter().map(|end| events.count(*end)).sum();
        if ended != calls.len() {
            wrong(format!(
                "it called {} activities, and {ended} ended",
                calls.len()
            ));
        }
        self.events += events.iter().count();
        self.activities += calls.len();
        self.timed_out_tasks += events.count(EventType::WorkflowTaskTimedOut);
        self.retries += events.attributes().map(retries).sum::<u32>();
    }
}

/// The saga's receipt.
fn result(events: &Events) -> Option<Value> {
    events.attributes().find_map(|attributes| match attributes {
        Attributes::WorkflowExecutionCompletedEventAttributes(completed) => {
            value(completed.result.as_ref()?.payloads.first()?)
        }
        _ => None,
    })
}

/// What the activity `charge` returned.
fn charged(events: &Events) -> Option<Value> {
    let scheduled = events.iter().find(|event| {
        matches!(&event.attributes, Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled))
            if scheduled.activity_type.as_ref().is_some_and(|kind| kind.name == "charge"))
    })?;
    events.attributes().find_map(|attributes| match attributes {
        Attributes::ActivityTaskCompletedEventAttributes(completed)
            if completed.scheduled_event_id == scheduled.event_id =>
        {
            value(completed.result.as_ref()?.payloads.first()?)
        }
        _ => None,
    })
}

fn retries(attributes: &Attributes) -> u32 {
    match attributes {
        Attributes::ActivityTaskStartedEventAttributes(started) => {
            u32::try_from(started.attempt - 1).unwrap_or(0)
        }
        _ => 0,
    }
}

fn value(payload: &Payload) -> Option<Value> {
    serde_json::from_slice(&payload.data).ok()
}
