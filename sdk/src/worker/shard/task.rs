//! One workflow task: from the poll's answer to the answer sent back.

use std::collections::BTreeMap;
use std::rc::Rc;

use durably_engine::{Completion, Query, Run, WorkflowTask, WorkflowTaskFailure};
use durably_protos::temporal::api::common::v1::{Payload, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use durably_protos::temporal::api::query::v1::WorkflowQuery;
use durably_protos::temporal::api::workflowservice::v1::PollWorkflowTaskQueueResponse;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tracing::Instrument;

use super::Shard;
use super::cache::RunSlot;
use super::history::{ReplayError, TaskHistory};
use super::local::CachedRun;
use super::progress::Step;
use crate::failure::ApplicationFailure;
use crate::payload::codec::PayloadCodecError;
use crate::worker::CODEC_ERROR;

/// The task without its history: what answering it needs.
#[derive(Debug)]
pub(super) struct TaskHeader {
    pub(super) task_token: bytes::Bytes,
    pub(super) execution: WorkflowExecution,
    pub(super) workflow_type: String,
    pub(super) attempt: i32,
    pub(super) previous_started_event_id: i64,
    /// The task carries one query and nothing else; it is answered by itself.
    pub(super) is_legacy_query: bool,
}

/// What is left of a run after its task.
pub(super) enum After {
    /// The run stays in memory, if the cache has room.
    Keep,
    /// The run stays in memory in any case: its local activities go on, and the next task comes
    /// with the answer.
    GoOn,
    /// The run is dropped: it ended, or the server does not have what it has.
    Evict,
}

/// What is left when a task has been answered.
#[derive(Default)]
struct Done {
    /// The task that came with the server's reply.
    next: Option<PollWorkflowTaskQueueResponse>,
    /// The place of the run, when it must stay until that task is there.
    held: Option<RunSlot>,
}

impl Shard {
    /// Handles a task and those that come back with its answer, in the slot it was polled with,
    /// unless the worker is stopped at once.
    pub(super) fn spawn(
        self: Rc<Self>,
        task: PollWorkflowTaskQueueResponse,
        slot: OwnedSemaphorePermit,
    ) {
        // In a box: the future has some thousand bytes, which the runtime would move four times.
        tokio::task::spawn_local(Box::pin(self.handle(task, slot)));
    }

    async fn handle(
        self: Rc<Self>,
        task: PollWorkflowTaskQueueResponse,
        slot: OwnedSemaphorePermit,
    ) {
        let mut shutdown = self.shutdown.clone();
        tokio::select! {
            biased;
            () = shutdown.stopping() => {}
            () = self.handle_all(task) => {}
        }
        drop(slot);
    }

    async fn handle_all(&self, task: PollWorkflowTaskQueueResponse) {
        let mut next = Some(task);
        // Keeps a run in memory from one of its tasks to the next.
        let mut held = None;
        while let Some(task) = next.take() {
            let done = self.handle_one(task).await;
            (next, held) = (done.next, done.held);
        }
        drop(held);
    }

    async fn handle_one(&self, mut task: PollWorkflowTaskQueueResponse) -> Done {
        let received = Instant::now();
        let decoded = self.rpc.edge().decode(&mut task).await;
        let Some((header, history, task)) = unpack(task) else {
            tracing::error!(
                task_queue = self.config.task_queue,
                "the server sent a workflow task without execution, type or history; it is dropped"
            );
            return Done::default();
        };
        let span = tracing::info_span!(
            "workflow_task",
            workflow_id = header.execution.workflow_id,
            run_id = header.execution.run_id,
            workflow_type = header.workflow_type,
            attempt = header.attempt,
        );
        let given = decoded.map(|()| (history, task));
        self.execute(header, given, received).instrument(span).await
    }

    async fn execute(
        &self,
        header: TaskHeader,
        given: Result<(TaskHistory, WorkflowTask), PayloadCodecError>,
        received: Instant,
    ) -> Done {
        if self.blocked.contains(&header.execution.run_id) {
            tracing::warn!("the workflow blocks another thread; its task is left to time out");
            return Done::default();
        }
        let slot = self.cache.claim(&header.execution.run_id);
        let mut place = slot.lock().await;
        let mut completion = match given {
            Ok((history, task)) => self.compute(&mut place, &header, history, task).await,
            Err(error) => {
                // The run in memory does not get this task's events: it would miss them.
                drop(place.take());
                Some(Completion::Failed(of_codec(&error)))
            }
        };
        if let Some(cached) = place.as_mut() {
            completion = match completion {
                Some(completion) => Some(
                    self.finish_local_activities(cached, &header, received, completion)
                        .await,
                ),
                None => None,
            };
        }
        let run = place.as_mut().map(|cached| &mut cached.run);
        let (after, next) = match completion {
            Some(completion) => self.respond(&header, run, completion).await,
            None => (After::Evict, None),
        };
        let keep = !self.progress.is_replaced()
            && match after {
                After::Keep => self.is_sticky(),
                After::GoOn => self.is_sticky() || next.is_some(),
                After::Evict => false,
            };
        let evicted = if keep { None } else { place.take() };
        let empty = place.is_none();
        drop(place);
        if empty {
            self.cache.release(&header.execution.run_id, &slot);
        }
        drop(evicted);
        let held = matches!(after, After::GoOn).then_some(slot);
        Done { next, held }
    }

    /// Brings the run up to the task and executes it. None when the task is left to time out.
    async fn compute(
        &self,
        place: &mut Option<CachedRun>,
        header: &TaskHeader,
        mut history: TaskHistory,
        task: WorkflowTask,
    ) -> Option<Completion> {
        let Some(workflow) = self.workflow(&header.workflow_type) else {
            return Some(Completion::Failed(self.unknown_type(&header.workflow_type)));
        };
        if !fits(place.as_ref().map(|cached| &cached.run), &history) {
            // Full history, or a stale run: what is in memory is not what the server has.
            drop(place.take());
        }
        let cached = place.get_or_insert_with(|| {
            let WorkflowExecution {
                workflow_id,
                run_id,
            } = &header.execution;
            history.from_start = history
                .events
                .first()
                .is_none_or(|event| event.event_id != 1);
            let namespace = &self.config.namespace;
            CachedRun::new(Run::new(workflow, namespace, workflow_id, run_id))
        });
        let run = &mut cached.run;
        let replay = header.is_legacy_query
            || header.previous_started_event_id > run.last_started_event_id();
        run.begin(task);
        match self.replay(run, header, history, replay).await {
            Ok(()) => {}
            Err(ReplayError::Run(error)) => {
                return Some(Completion::Failed(WorkflowTaskFailure {
                    cause: error.cause(),
                    failure: error.to_failure(),
                }));
            }
            Err(ReplayError::Fetch(error)) => return self.fetch_failed(header, &error),
        }
        Some(self.stepping(header, || run.finish()))
    }

    /// Runs workflow code under the eyes of the watch.
    pub(super) fn stepping<T>(&self, header: &TaskHeader, step: impl FnOnce() -> T) -> T {
        let WorkflowExecution {
            workflow_id,
            run_id,
        } = &header.execution;
        let described = Step::new(
            &header.workflow_type,
            workflow_id,
            run_id,
            &header.task_token,
            header.attempt,
        );
        let in_progress = self.progress.begin(described);
        let result = step();
        drop(in_progress);
        self.blocked.remove(run_id);
        result
    }

    fn unknown_type(&self, name: &str) -> WorkflowTaskFailure {
        let known: Vec<_> = self.registry.names().collect();
        let message = format!(
            "workflow type \"{name}\" is not registered with this worker of task queue \"{}\"; it knows: {}",
            self.config.task_queue,
            known.join(", ")
        );
        WorkflowTaskFailure {
            cause: WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
            failure: ApplicationFailure::new(message)
                .with_type("NotFoundError")
                .into(),
        }
    }

    /// History could not be fetched: a query is dropped, since the server asks again; a task fails
    /// (protocol 2.4).
    fn fetch_failed(
        &self,
        header: &TaskHeader,
        error: &crate::client::RpcError,
    ) -> Option<Completion> {
        tracing::warn!(%error, "cannot fetch the history of a workflow task");
        if header.is_legacy_query {
            return None;
        }
        let message = format!("the worker could not fetch the workflow's history: {error}");
        Some(Completion::Failed(WorkflowTaskFailure {
            cause: WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
            failure: ApplicationFailure::new(message)
                .with_type("HistoryFetchError")
                .into(),
        }))
    }
}

/// The failure of a task whose payloads cannot be decoded or encoded (protocol 2.8).
pub(super) fn of_codec(error: &PayloadCodecError) -> WorkflowTaskFailure {
    WorkflowTaskFailure {
        cause: WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
        failure: ApplicationFailure::new(error.to_string())
            .with_type(CODEC_ERROR)
            .into(),
    }
}

/// Whether a task's events continue a run in memory (protocol 2.3).
fn fits(run: Option<&Run>, history: &TaskHistory) -> bool {
    let Some(run) = run else {
        return true;
    };
    match history.events.first() {
        // Only a query comes without events.
        None => history.next_page_token.is_empty(),
        Some(event) => event.event_id > 1 && event.event_id == run.last_started_event_id() + 1,
    }
}

/// Parts a poll's answer; None when the server left out what every task has (protocol 1.4).
fn unpack(task: PollWorkflowTaskQueueResponse) -> Option<(TaskHeader, TaskHistory, WorkflowTask)> {
    let execution = task.workflow_execution?;
    let workflow_type = task.workflow_type?.name;
    let events = task.history?.events;
    let is_legacy_query = task.query.is_some();
    if execution.run_id.is_empty() || (!is_legacy_query && task.started_event_id == 0) {
        return None;
    }
    let queries = match task.query {
        Some(legacy) => vec![query(String::new(), legacy)],
        None => task
            .queries
            .into_iter()
            .map(|(id, asked)| query(id, asked))
            .collect(),
    };
    let header = TaskHeader {
        task_token: task.task_token,
        workflow_type,
        attempt: task.attempt,
        previous_started_event_id: task.previous_started_event_id,
        is_legacy_query,
        execution: execution.clone(),
    };
    let history = TaskHistory {
        execution,
        events,
        next_page_token: task.next_page_token,
        from_start: false,
    };
    let task = WorkflowTask {
        started_event_id: if is_legacy_query {
            0
        } else {
            task.started_event_id
        },
        queries,
        messages: task.messages,
    };
    Some((header, history, task))
}

fn query(id: String, query: WorkflowQuery) -> Query {
    Query {
        id,
        name: query.query_type,
        arguments: query
            .query_args
            .map(|arguments| arguments.payloads)
            .unwrap_or_default(),
        header: query.header,
    }
}

/// Answers to queries, as the completion carries them.
pub(super) type QueryAnswers =
    BTreeMap<String, durably_protos::temporal::api::query::v1::WorkflowQueryResult>;

pub(super) fn one(payload: Payload) -> durably_protos::temporal::api::common::v1::Payloads {
    durably_protos::temporal::api::common::v1::Payloads {
        payloads: vec![payload],
    }
}
