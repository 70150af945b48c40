//! The starter's command line.

use super::StarterError;
use crate::arguments::{OptionValues, namespace};

/// What the starter is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Wait until the server answers, and until the task queue, if one is given, is polled.
    Ready {
        /// `--address`: the server, as `http://HOST:PORT`.
        address: String,
        /// `--namespace`; `default` unless given.
        namespace: String,
        /// `--task-queue`.
        task_queue: Option<String>,
    },
    /// Run workflows.
    Run(RunArguments),
}

/// Which workflows to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunArguments {
    /// `--address`: the server, as `http://HOST:PORT`.
    pub address: String,
    /// `--namespace`; `default` unless given.
    pub namespace: String,
    /// `--task-queue`.
    pub task_queue: String,
    /// `--workflow`: their type.
    pub workflow: String,
    /// `--count`: how many.
    pub count: u64,
    /// `--input`: the argument of each.
    pub input: u64,
    /// `--in-flight`: how many at a time.
    pub in_flight: usize,
}

impl Command {
    /// Reads the command line.
    ///
    /// # Errors
    /// The line cannot be used; the error names what is wrong.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, StarterError> {
        let mut arguments = arguments.into_iter();
        let command = arguments.next().unwrap_or_default();
        match command.as_str() {
            "ready" => {
                let known = ["--address", "--namespace", "--task-queue"];
                let options = OptionValues::read(&known, arguments)?;
                Ok(Self::Ready {
                    address: options.text("--address")?,
                    namespace: namespace(&options),
                    task_queue: options.optional_text("--task-queue"),
                })
            }
            "run" => RunArguments::parse(arguments).map(Self::Run),
            _ => Err(StarterError::Command(command)),
        }
    }
}

impl RunArguments {
    fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, StarterError> {
        let known = [
            "--address",
            "--namespace",
            "--task-queue",
            "--workflow",
            "--count",
            "--input",
            "--in-flight",
        ];
        let options = OptionValues::read(&known, arguments)?;
        let in_flight: usize = options.value("--in-flight", "a whole number of at least 1")?;
        Ok(Self {
            address: options.text("--address")?,
            namespace: namespace(&options),
            task_queue: options.text("--task-queue")?,
            workflow: options.text("--workflow")?,
            count: options.value("--count", "a whole number")?,
            input: options.value("--input", "a whole number")?,
            in_flight: in_flight.max(1),
        })
    }

    /// What each workflow returns, by its type's definition in the [crate's docs](crate).
    pub(super) fn expected_result(&self) -> u64 {
        match self.workflow.as_str() {
            "idle" => 0,
            // The numbers 0 to n - 1 are sent.
            "signals" => self.input * self.input.saturating_sub(1) / 2,
            _ => self.input,
        }
    }
}
