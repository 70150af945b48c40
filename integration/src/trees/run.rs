//! One plan on a server: its result, its messages, and the replay of its histories.

use std::ops::AddAssign;
use std::time::Duration;

use durably::client::{HistoryError, UpdateError};
use durably::prelude::*;
use durably::replay::Replayer;
use durably_protos::temporal::api::history::v1::History;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::perform::TASK_TIMEOUT;
use super::{Pace, Random, Tree};

/// How long a plan may take, on a busy machine.
const LONGEST: Duration = Duration::from_secs(300);

/// What came of a plan.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    /// How many histories were replayed.
    pub histories: usize,
    /// How many events they have.
    pub events: usize,
    /// How many updates were completed.
    pub updates: usize,
    /// How many updates were refused.
    pub refused: usize,
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.events += other.events;
        self.updates += other.updates;
        self.refused += other.refused;
    }
}

/// Runs the plan of a seed; `pace` is that of the messages to it.
///
/// # Errors
/// The result is another than it should be, a history cannot be replayed, or a call fails.
pub async fn run(
    client: &Client,
    task_queue: &str,
    pace: &Pace,
    seed: u64,
) -> Result<Outcome, String> {
    let plan = Random::new(seed).plan();
    let said = |error: &dyn std::fmt::Display| format!("seed {seed}: {error}\n{plan:?}");
    let handle = client
        .start(Tree::run, &plan)
        .workflow_id(format!("{task_queue}-{seed}"))
        .task_queue(task_queue)
        .workflow_task_timeout(TASK_TIMEOUT)
        .await
        .map_err(|error| said(&error))?;
    let mut pause = Duration::from_millis(150);
    let signals = async {
        loop {
            // The workflow may have ended.
            let _ = handle.signal(Tree::step, ()).await;
            pace.sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    };
    let mut outcome = Outcome::default();
    let updates = update(&handle, pace, seed, &mut outcome);
    let result = async {
        tokio::select! {
            result = tokio::time::timeout(LONGEST, handle.result()) => result,
            () = signals => unreachable!("signals are sent for ever"),
        }
    };
    let (result, updated) = tokio::join!(result, updates);
    updated.map_err(|error| said(&error))?;
    let result = result
        .map_err(|_| said(&"no result in time"))?
        .map_err(|error| said(&error))?;
    let expected = plan.expected();
    if result != expected {
        return Err(said(&format!("{result} instead of {expected}")));
    }
    replay_all(client, handle.workflow_id(), &mut outcome)
        .await
        .map_err(|error| said(&error))?;
    Ok(outcome)
}

async fn update<W>(
    handle: &durably::client::WorkflowHandle<W>,
    pace: &Pace,
    seed: u64,
    outcome: &mut Outcome,
) -> Result<(), String>
where
    W: durably::definition::WorkflowDefinition<Owner = Tree>,
{
    let mut random = Random::new(seed ^ 0x5eed);
    for _ in 0..random.below(4) {
        pace.sleep(Duration::from_millis(random.below(200))).await;
        let value = random.below(100);
        match handle.update(Tree::add, value).await {
            Ok(added) if added == value + 1 && !value.is_multiple_of(13) => outcome.updates += 1,
            Ok(added) => return Err(format!("update {value} gave {added}")),
            Err(UpdateError::Failed(failure)) if value.is_multiple_of(13) => {
                let refused = failure.to_string().contains("not that one");
                // Or the run ended, or went on as a new one, before it was asked.
                outcome.refused += usize::from(refused);
            }
            // The run ended, or went on as a new one, meanwhile.
            Err(
                UpdateError::NotFound { .. }
                | UpdateError::WorkflowClosed { .. }
                | UpdateError::NotReady { .. }
                | UpdateError::TimedOut { .. },
            ) => {}
            Err(error) => return Err(format!("update {value}: {error}")),
        }
    }
    Ok(())
}

/// Replays the histories of a workflow's runs, and of its children's.
async fn replay_all(client: &Client, root: &str, outcome: &mut Outcome) -> Result<(), String> {
    let replayer = Replayer::new()
        .workflow(Tree::run)
        .map_err(|error| error.to_string())?;
    // The last run's first event names the first.
    let last = history(client, root, None).await?;
    let mut left = vec![(root.to_owned(), first_run(&last))];
    while let Some((workflow_id, run_id)) = left.pop() {
        let history = history(client, &workflow_id, run_id.as_deref()).await?;
        left.extend(next_runs(&workflow_id, &history));
        outcome.histories += 1;
        outcome.events += history.events.len();
        replayer.replay_from_every_task(&history).map_err(|error| {
            let kept = keep(&workflow_id, &history);
            format!("replay of {workflow_id} {run_id:?}: {error}\n{kept}")
        })?;
    }
    Ok(())
}

/// Writes a history that does not replay to a file; says where.
fn keep(workflow_id: &str, history: &History) -> String {
    let file = std::env::temp_dir().join(format!("{workflow_id}.json"));
    let written = serde_json::to_vec(history)
        .map_err(|error| error.to_string())
        .and_then(|json| std::fs::write(&file, json).map_err(|error| error.to_string()));
    match written {
        Ok(()) => format!("its history is in {}", file.display()),
        Err(error) => format!("its history could not be written: {error}"),
    }
}

async fn history(
    client: &Client,
    workflow_id: &str,
    run_id: Option<&str>,
) -> Result<History, String> {
    let mut handle = client.workflow_handle(Tree::run, workflow_id);
    if let Some(run_id) = run_id {
        handle = handle.with_run_id(run_id);
    }
    let history: Result<History, HistoryError> = handle.fetch_history().into_history().await;
    history.map_err(|error| format!("history of {workflow_id}: {error}"))
}

fn first_run(history: &History) -> Option<String> {
    let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) =
        &history.events.first()?.attributes
    else {
        return None;
    };
    Some(started.first_execution_run_id.clone()).filter(|id| !id.is_empty())
}

/// The run that follows, and the children.
fn next_runs(workflow_id: &str, history: &History) -> Vec<(String, Option<String>)> {
    let next = |attributes: &Attributes| match attributes {
        Attributes::WorkflowExecutionContinuedAsNewEventAttributes(ended) => Some((
            workflow_id.to_owned(),
            Some(ended.new_execution_run_id.clone()),
        )),
        Attributes::ChildWorkflowExecutionStartedEventAttributes(started) => {
            let child = started.workflow_execution.clone()?;
            Some((child.workflow_id, Some(child.run_id)))
        }
        _ => None,
    };
    let attributes = history
        .events
        .iter()
        .filter_map(|event| event.attributes.as_ref());
    attributes.filter_map(next).collect()
}
