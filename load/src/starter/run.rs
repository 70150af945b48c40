//! Running a number of workflows, some at a time.

use std::sync::Arc;
use std::time::Instant;

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::task::JoinSet;

use super::RunArguments;
use super::error::StarterError;
use super::service::Service;
use crate::number::payloads;

/// Runs the workflows and prints the outcome.
pub(super) async fn run(arguments: RunArguments) -> Result<(), StarterError> {
    let service = Service::open(&arguments.address, &arguments.namespace).await?;
    let starter = Arc::new(Starter { service, arguments });
    let begun = Instant::now();
    let events = if starter.arguments.workflow == "idle" {
        starter.hold().await?
    } else {
        starter
            .clone()
            .each(Starter::run_one)
            .await?
            .into_iter()
            .sum()
    };
    let seconds = begun.elapsed().as_secs_f64();
    println!("done seconds={seconds:.3} events={events}");
    Ok(())
}

struct Starter {
    service: Service,
    arguments: RunArguments,
}

impl Starter {
    /// Does something for each workflow's number, for as many at a time as shall be in flight.
    async fn each<T, F, Fut>(self: Arc<Self>, act: F) -> Result<Vec<T>, StarterError>
    where
        F: Fn(Arc<Self>, u64) -> Fut,
        Fut: Future<Output = Result<T, StarterError>> + Send + 'static,
        T: Send + 'static,
    {
        let mut results = Vec::new();
        let mut running = JoinSet::new();
        for index in 0..self.arguments.count {
            if running.len() == self.arguments.in_flight
                && let Some(ended) = running.join_next().await
            {
                results.push(ended??);
            }
            running.spawn(act(self.clone(), index));
        }
        while let Some(ended) = running.join_next().await {
            results.push(ended??);
        }
        Ok(results)
    }

    async fn start(&self, index: u64) -> Result<WorkflowExecution, StarterError> {
        let workflow = &self.arguments.workflow;
        let workflow_id = format!("{workflow}-{}-{index}", std::process::id());
        self.service.start(&self.arguments, &workflow_id).await
    }

    async fn run_one(self: Arc<Self>, index: u64) -> Result<i64, StarterError> {
        let execution = self.start(index).await?;
        if self.arguments.workflow == "signals" {
            // One after the other, as a caller would.
            for number in 0..self.arguments.input {
                self.service
                    .signal(&execution, "add", payloads(number))
                    .await?;
            }
        }
        let expected = self.arguments.expected_result();
        self.service.result(&execution, expected).await
    }

    /// Starts all, waits for a line, finishes all.
    async fn hold(self: Arc<Self>) -> Result<i64, StarterError> {
        let executions = self.clone().each(Self::start_idle).await?;
        println!("holding");
        let mut line = String::new();
        BufReader::new(tokio::io::stdin())
            .read_line(&mut line)
            .await?;
        let executions = Arc::new(executions);
        let finish = |starter: Arc<Self>, index: u64| {
            let executions = executions.clone();
            async move { starter.finish(&executions[index as usize]).await }
        };
        Ok(self.clone().each(finish).await?.into_iter().sum())
    }

    async fn start_idle(self: Arc<Self>, index: u64) -> Result<WorkflowExecution, StarterError> {
        let execution = self.start(index).await?;
        self.service.first_task_completed(&execution).await?;
        Ok(execution)
    }

    async fn finish(&self, execution: &WorkflowExecution) -> Result<i64, StarterError> {
        self.service
            .signal(execution, "finish", payloads(0))
            .await?;
        let expected = self.arguments.expected_result();
        self.service.result(execution, expected).await
    }
}
