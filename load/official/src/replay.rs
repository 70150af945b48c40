//! Replays one history file and measures the processor time.

use std::io;
use std::path::Path;
use std::time::Duration;

use prost::Message;
use temporalio_common::protos::temporal::api::enums::v1::EventType;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_common::protos::temporal::api::history::v1::{History, HistoryEvent};
use temporalio_sdk::WorkflowRegistrationError;
use temporalio_sdk::workflow_replayer::{
    WorkflowReplayError, WorkflowReplayer, WorkflowReplayerOptions,
};

use crate::processor_time::process_cpu_time;
use crate::recorded::{RecordedFanout, RecordedLocalSeq, RecordedOneActivity, RecordedSeq};
use crate::workflows::{Idle, Signals, Timers};

/// Why a history was not replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file could not be read.
    #[error("cannot read it: {0}")]
    Read(io::Error),
    /// The file is no binary `temporal.api.history.v1.History`.
    #[error("not a binary temporal.api.history.v1.History: {0}")]
    Decode(#[from] prost::DecodeError),
    /// The history does not begin as every run's history does.
    #[error(
        "its first event is not a WorkflowExecutionStarted that names its run \
         (original_execution_run_id) and task queue; record the history from its first event on"
    )]
    NotFromStart,
    /// No workflow task was completed: there is nothing to replay.
    #[error("it holds no WorkflowTaskCompleted; record the history after the workflow has begun")]
    NotBegun,
    /// The processor time could not be read.
    #[error("cannot read this process's processor time: {0}")]
    ProcessorTime(io::Error),
    /// The replay failed, or the workflow does not fit the history.
    #[error(transparent)]
    Replay(Box<WorkflowReplayError>),
}

/// What one replay took.
#[derive(Debug, Clone, Copy)]
pub struct ReplayFigures {
    /// Events in the history.
    pub events: usize,
    /// User and system time of all threads during the replay, decoding of the file left out.
    pub cpu: Duration,
}

impl ReplayFigures {
    /// Events replayed per second of processor time.
    pub fn events_per_cpu_second(&self) -> f64 {
        self.events as f64 / self.cpu.as_secs_f64()
    }
}

/// Knows all workflow types of the comparison. Its settings are the SDK's defaults.
pub fn replayer() -> Result<WorkflowReplayer, ReplayerError> {
    let options = WorkflowReplayerOptions::new()
        .register_workflow::<RecordedOneActivity>()?
        .register_workflow::<RecordedSeq>()?
        .register_workflow::<RecordedFanout>()?
        .register_workflow::<RecordedLocalSeq>()?
        .register_workflow::<Timers>()?
        .register_workflow::<Signals>()?
        .register_workflow::<Idle>()?
        .build();
    Ok(WorkflowReplayer::new(options).map_err(Box::new)?)
}

/// Why the replayer was not built.
#[derive(Debug, thiserror::Error)]
pub enum ReplayerError {
    /// A workflow was not registered.
    #[error(transparent)]
    Registration(#[from] WorkflowRegistrationError),
    /// The SDK refused the options.
    #[error(transparent)]
    Options(#[from] Box<WorkflowReplayError>),
}

/// Decodes the file, replays its history, and measures the replay alone.
pub async fn replay_file(
    replayer: &WorkflowReplayer,
    path: &Path,
) -> Result<ReplayFigures, ReplayError> {
    let bytes = std::fs::read(path).map_err(ReplayError::Read)?;
    replay_history(replayer, decode(&bytes)?).await
}

/// Replays every binary file of a folder, one after the other. Reading and decoding them counts.
pub async fn replay_folder(
    replayer: &WorkflowReplayer,
    folder: &Path,
) -> Result<ReplayFigures, ReplayError> {
    let mut events = 0;
    let before = process_cpu_time().map_err(ReplayError::ProcessorTime)?;
    for entry in std::fs::read_dir(folder).map_err(ReplayError::Read)? {
        let path = entry.map_err(ReplayError::Read)?.path();
        if path.extension().is_some_and(|extension| extension == "pb") {
            events += replay_file(replayer, &path).await?.events;
        }
    }
    let after = process_cpu_time().map_err(ReplayError::ProcessorTime)?;
    Ok(ReplayFigures {
        events,
        cpu: after.saturating_sub(before),
    })
}

/// A history that does not begin with a named run on a named task queue makes the SDK panic; such
/// a history is refused here.
fn decode(bytes: &[u8]) -> Result<History, ReplayError> {
    let history = History::decode(bytes)?;
    if !begins_with_named_run(&history) {
        return Err(ReplayError::NotFromStart);
    }
    let begun = |event: &HistoryEvent| event.event_type() == EventType::WorkflowTaskCompleted;
    if !history.events.iter().any(begun) {
        return Err(ReplayError::NotBegun);
    }
    Ok(history)
}

fn begins_with_named_run(history: &History) -> bool {
    let first = history.events.first();
    matches!(
        first.and_then(|event| event.attributes.as_ref()),
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started))
            if !started.original_execution_run_id.is_empty() && started.task_queue.is_some()
    )
}

async fn replay_history(
    replayer: &WorkflowReplayer,
    history: History,
) -> Result<ReplayFigures, ReplayError> {
    let events = history.events.len();
    let before = process_cpu_time().map_err(ReplayError::ProcessorTime)?;
    replayer
        .replay_workflow(history.into())
        .await
        .map_err(|error| ReplayError::Replay(Box::new(error)))?;
    let after = process_cpu_time().map_err(ReplayError::ProcessorTime)?;
    Ok(ReplayFigures {
        events,
        cpu: after.saturating_sub(before),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::protos::temporal::api::common::v1::{Payload, Payloads, WorkflowType};
    use temporalio_common::protos::temporal::api::history::v1::{
        TimerStartedEventAttributes, WorkflowExecutionCompletedEventAttributes,
        WorkflowExecutionStartedEventAttributes, WorkflowTaskCompletedEventAttributes,
        WorkflowTaskScheduledEventAttributes, WorkflowTaskStartedEventAttributes,
    };
    use temporalio_common::protos::temporal::api::taskqueue::v1::TaskQueue;

    fn number(digits: &[u8]) -> Payloads {
        Payloads {
            payloads: vec![Payload {
                metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
                data: digits.to_vec(),
                ..Payload::default()
            }],
        }
    }

    fn history(attributes: Vec<(EventType, Attributes)>) -> History {
        let events = (1..)
            .zip(attributes)
            .map(|(event_id, (event_type, attributes))| HistoryEvent {
                event_id,
                event_type: event_type.into(),
                event_time: Some(Default::default()),
                attributes: Some(attributes),
                ..HistoryEvent::default()
            });
        History {
            events: events.collect(),
        }
    }

    fn first_task_of(workflow_type: &str) -> Vec<(EventType, Attributes)> {
        vec![
            (
                EventType::WorkflowExecutionStarted,
                Attributes::WorkflowExecutionStartedEventAttributes(
                    WorkflowExecutionStartedEventAttributes {
                        workflow_type: Some(WorkflowType {
                            name: workflow_type.to_owned(),
                        }),
                        workflow_id: "replayed".to_owned(),
                        original_execution_run_id: "run".to_owned(),
                        task_queue: Some(TaskQueue::default()),
                        input: Some(number(b"0")),
                        ..WorkflowExecutionStartedEventAttributes::default()
                    },
                ),
            ),
            (
                EventType::WorkflowTaskScheduled,
                Attributes::WorkflowTaskScheduledEventAttributes(
                    WorkflowTaskScheduledEventAttributes::default(),
                ),
            ),
            (
                EventType::WorkflowTaskStarted,
                Attributes::WorkflowTaskStartedEventAttributes(
                    WorkflowTaskStartedEventAttributes {
                        scheduled_event_id: 2,
                        ..WorkflowTaskStartedEventAttributes::default()
                    },
                ),
            ),
            (
                EventType::WorkflowTaskCompleted,
                Attributes::WorkflowTaskCompletedEventAttributes(
                    WorkflowTaskCompletedEventAttributes {
                        scheduled_event_id: 2,
                        started_event_id: 3,
                        ..WorkflowTaskCompletedEventAttributes::default()
                    },
                ),
            ),
        ]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_history_that_fits_is_replayed_and_one_that_does_not_is_refused() {
        let replayer = replayer().expect("the workflows register");

        let mut fitting = first_task_of("timers");
        fitting.push((
            EventType::WorkflowExecutionCompleted,
            Attributes::WorkflowExecutionCompletedEventAttributes(
                WorkflowExecutionCompletedEventAttributes {
                    result: Some(number(b"0")),
                    workflow_task_completed_event_id: 4,
                    ..WorkflowExecutionCompletedEventAttributes::default()
                },
            ),
        ));
        let figures = replay_history(&replayer, history(fitting))
            .await
            .expect("timers of none completes at once");
        assert_eq!(figures.events, 5);

        let mut diverging = first_task_of("timers");
        diverging.push((
            EventType::TimerStarted,
            Attributes::TimerStartedEventAttributes(TimerStartedEventAttributes {
                timer_id: "1".to_owned(),
                workflow_task_completed_event_id: 4,
                ..TimerStartedEventAttributes::default()
            }),
        ));
        let refused = replay_history(&replayer, history(diverging)).await;
        assert!(
            matches!(refused, Err(ReplayError::Replay(_))),
            "{refused:?}"
        );
    }

    #[test]
    fn bytes_that_hold_no_whole_history_are_refused() {
        assert!(matches!(decode(b"junk"), Err(ReplayError::Decode(_))));
        assert!(matches!(decode(b""), Err(ReplayError::NotFromStart)));
        let mut head = first_task_of("timers");
        head.truncate(3);
        assert!(matches!(
            decode(&history(head).encode_to_vec()),
            Err(ReplayError::NotBegun)
        ));
        let tail = history(first_task_of("timers").split_off(1));
        assert!(matches!(
            decode(&tail.encode_to_vec()),
            Err(ReplayError::NotFromStart)
        ));
    }
}
