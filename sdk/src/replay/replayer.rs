//! Replays histories with a set of workflows.

use durably_engine::{Completion, Run, RunError, WorkflowTask};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use prost::Message;

use super::{PayloadDecoder, ReplayError, TracedReplay};
use crate::client::Client;
use crate::definition::{WorkflowImplementation, WorkflowInit};
use crate::interceptor::WorkflowInterceptor;
use crate::payload::codec::PayloadCodec;
use crate::payload::{Parameters, ToPayload};
use crate::workflow::{DuplicateWorkflow, WorkflowContext, WorkflowRegistry};

/// Replays histories against the workflows that are registered with it.
#[derive(Debug, Default, Clone)]
pub struct Replayer {
    workflows: WorkflowRegistry,
    decoder: Option<PayloadDecoder>,
}

/// What a replay went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// How many events the code followed.
    pub events: i64,
}

impl Replayer {
    /// A replayer that knows no workflow yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A replayer that knows the workflows of a registry, and decodes what their client encodes.
    pub(crate) fn of(workflows: WorkflowRegistry, client: &Client) -> Self {
        let decoder = PayloadDecoder::of(client.rpc().edge());
        Self { workflows, decoder }
    }

    /// Decodes the payloads of histories before they are replayed, as the workers of their workflows did:
    /// see [`ConnectOptions::payload_codec`](crate::client::ConnectOptions::payload_codec).
    #[must_use]
    pub fn payload_codec(mut self, codec: impl PayloadCodec) -> Self {
        self.decoder = Some(PayloadDecoder::new(codec));
        self
    }

    /// Puts an interceptor around the workflows that are replayed, within those added before, as their
    /// workers do: see
    /// [`WorkerBuilder::workflow_interceptor`](crate::worker::WorkerBuilder::workflow_interceptor).
    #[must_use]
    pub fn workflow_interceptor<I: WorkflowInterceptor>(
        mut self,
        make: impl Fn(&WorkflowContext) -> I + Send + Sync + 'static,
    ) -> Self {
        self.workflows.intercept(make);
        self
    }

    /// The known workflow types, sorted.
    pub fn workflow_types(&self) -> impl Iterator<Item = &'static str> {
        self.workflows.names()
    }

    /// Adds a workflow.
    ///
    /// # Errors
    /// Another workflow has the same name.
    pub fn workflow<W>(mut self, workflow: W) -> Result<Self, DuplicateWorkflow>
    where
        W: WorkflowInit,
        W::Parameters: Parameters,
        W::Output: ToPayload,
    {
        self.workflows.add(workflow)?;
        Ok(self)
    }

    /// Adds a workflow whose state this function makes: see
    /// [`WorkerBuilder::workflow_with`](crate::worker::WorkerBuilder::workflow_with).
    ///
    /// # Errors
    /// Another workflow has the same name.
    pub fn workflow_with<W, F>(mut self, workflow: W, make: F) -> Result<Self, DuplicateWorkflow>
    where
        W: WorkflowImplementation,
        W::Parameters: Parameters,
        W::Output: ToPayload,
        F: Fn(&WorkflowContext, &W::Parameters) -> W::State + Send + Sync + 'static,
    {
        self.workflows.add_with(workflow, make)?;
        Ok(self)
    }

    /// Replays a history in its binary form.
    ///
    /// # Errors
    /// The bytes are not a history, or the code does not follow it.
    pub fn replay_bytes(&self, bytes: &[u8]) -> Result<Replayed, ReplayError> {
        let history =
            History::decode(bytes).map_err(|error| ReplayError::Unreadable(error.to_string()))?;
        self.replay(history)
    }

    /// Replays a history to its end.
    ///
    /// # Errors
    /// The code does not follow the history.
    pub fn replay(&self, mut history: History) -> Result<Replayed, ReplayError> {
        self.decode(&mut history)?;
        self.replay_decoded(history)
    }

    fn replay_decoded(&self, history: History) -> Result<Replayed, ReplayError> {
        let (mut run, workflow_type) = self.new_run(&history.events)?;
        run.begin(WorkflowTask::default());
        run.push_last_events(history.events);
        run.finish_replay()
            .map_err(|error| failed(&workflow_type, error))?;
        Ok(Replayed {
            events: run.last_event_id(),
        })
    }

    /// Replays a history and keeps what the code does, for a report: a few times the work of
    /// [`replay`](Self::replay), and words for every command.
    pub fn replay_traced(&self, mut history: History) -> TracedReplay {
        if let Err(error) = self.decode(&mut history) {
            return TracedReplay::of_error(error);
        }
        let (mut run, workflow_type) = match self.new_run(&history.events) {
            Ok(run) => run,
            Err(error) => return TracedReplay::of_error(error),
        };
        run.keep_trace();
        run.begin(WorkflowTask::default());
        run.push_last_events(history.events);
        let result = run.finish_replay();
        TracedReplay {
            tasks: run.trace(),
            waits: run.waits(),
            workflow_place: self.workflows.place(&workflow_type),
            result: match result {
                Ok(()) => Ok(Replayed {
                    events: run.last_event_id(),
                }),
                Err(error) => Err(failed(&workflow_type, error)),
            },
        }
    }

    /// Replays a history once for each of its workflow tasks: to the task, which is then executed
    /// as if live, with the commands compared with what was recorded. It shows that a worker that
    /// lost the run from memory at any moment goes on as the one that kept it. What a task had
    /// besides its events comes as it was recorded: the updates that it accepted, which validators
    /// see again, and the ends of local activities, which are not run. The work grows with the
    /// square of the history's length.
    ///
    /// # Errors
    /// The code does not follow the history.
    pub fn replay_from_every_task(&self, history: &History) -> Result<Replayed, ReplayError> {
        let mut history = history.clone();
        self.decode(&mut history)?;
        let events = &history.events;
        for started in completed_tasks(events) {
            let (mut run, workflow_type) = self.new_run(events)?;
            let position = events
                .iter()
                .position(|event| event.event_id == started)
                .map_or(0, |index| index + 1);
            let (before, rest) = events.split_at(position);
            let completion = run.execute_recorded(started, before.to_vec(), rest);
            if let Completion::Failed(failure) = completion {
                return Err(failed(&workflow_type, code_error(failure.failure)));
            }
            run.begin(WorkflowTask::default());
            run.push_last_events(rest.to_vec());
            run.finish_replay()
                .map_err(|error| failed(&workflow_type, error))?;
        }
        self.replay_decoded(history)
    }

    fn decode(&self, history: &mut History) -> Result<(), ReplayError> {
        let Some(decoder) = &self.decoder else {
            return Ok(());
        };
        decoder
            .decode(history)
            .map_err(|error| ReplayError::Undecodable {
                problem: error.to_string(),
            })
    }

    fn new_run(&self, events: &[HistoryEvent]) -> Result<(Run, String), ReplayError> {
        let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) =
            events.first().and_then(|event| event.attributes.as_ref())
        else {
            return Err(ReplayError::NoStart);
        };
        let workflow_type = started
            .workflow_type
            .as_ref()
            .ok_or(ReplayError::NoStart)?
            .name
            .clone();
        let Some(workflow) = self.workflows.make(&workflow_type) else {
            return Err(ReplayError::UnknownWorkflow { workflow_type });
        };
        Ok((Run::new(workflow, "", "", ""), workflow_type))
    }
}

fn failed(workflow_type: &str, error: RunError) -> ReplayError {
    ReplayError::Run {
        workflow_type: workflow_type.to_owned(),
        error,
    }
}

fn code_error(failure: Failure) -> RunError {
    RunError::Code {
        failure: Box::new(failure),
        place: None,
    }
}

/// The Started events of the tasks that were completed.
fn completed_tasks(events: &[HistoryEvent]) -> Vec<i64> {
    let completed = events.iter().filter_map(|event| match &event.attributes {
        Some(Attributes::WorkflowTaskCompletedEventAttributes(completed)) => {
            Some(completed.started_event_id)
        }
        _ => None,
    });
    completed.collect()
}

#[cfg(test)]
#[path = "replayer_tests.rs"]
mod tests;
