//! The options of a start.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use durably_protos::temporal::api::common::v1::{Payload, WorkflowType};
use durably_protos::temporal::api::enums::v1;
use durably_protos::temporal::api::sdk::v1::UserMetadata;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;
use uuid::Uuid;

use super::super::Client;
use super::{Execute, Start, StartError, WithSignal};
use crate::definition::{SignalDefinition, WorkflowDefinition};
use crate::failure::RetryPolicy;
use crate::options::{
    Priority, TimeSkipping, VersioningOverride, WorkflowIdConflictPolicy, WorkflowIdReusePolicy,
};
use crate::payload::{
    Argument, Arguments, HeaderKey, Headers, Memo, PayloadError, SearchAttributes, ToPayload,
    payloads,
};
use crate::proto_time::proto_duration;

/// A workflow about to be started. Nothing happens until it is awaited, which gives a
/// [`WorkflowHandle`](crate::client::WorkflowHandle) (or the workflow's result, from
/// [`Client::execute`]).
///
/// Only [`task_queue`](Self::task_queue) must be set. The start is retried under one request id: it
/// happens at most once.
#[must_use = "nothing is started until this is awaited"]
pub struct StartWorkflow<W: WorkflowDefinition, M = Start> {
    pub(super) client: Client,
    pub(super) request: StartWorkflowExecutionRequest,
    /// What is wrong with the arguments or options; reported when awaited.
    pub(super) invalid: Option<StartError>,
    pub(super) eager: bool,
    pub(super) mode: M,
    workflow: PhantomData<fn() -> W>,
}

impl<W: WorkflowDefinition> StartWorkflow<W> {
    pub(in crate::client) fn new(
        client: Client,
        workflow_type: impl Into<String>,
        arguments: Result<Vec<Payload>, PayloadError>,
    ) -> Self {
        let (input, invalid) = match arguments {
            Ok(arguments) => (payloads(arguments), None),
            Err(error) => (None, Some(error.into())),
        };
        let request = StartWorkflowExecutionRequest {
            namespace: client.namespace().to_owned(),
            workflow_id: Uuid::new_v4().to_string(),
            workflow_type: Some(WorkflowType {
                name: workflow_type.into(),
            }),
            input,
            identity: client.identity().to_owned(),
            request_id: Uuid::new_v4().to_string(),
            header: client.headers().to_proto(),
            ..StartWorkflowExecutionRequest::default()
        };
        Self {
            client,
            request,
            invalid,
            eager: false,
            mode: Start,
            workflow: PhantomData,
        }
    }

    /// Waits for the workflow's result as well.
    pub(in crate::client) fn and_wait(self) -> StartWorkflow<W, Execute> {
        self.with_mode(Execute, None)
    }

    /// Sends a signal along: if a workflow with that id is running, the signal goes to it and nothing
    /// is started; else the workflow is started with the signal. Either happens at once, without a
    /// chance for the workflow to close in between.
    pub fn with_signal<S>(
        self,
        signal: S,
        arguments: impl Arguments<S::Parameters>,
    ) -> StartWorkflow<W, WithSignal>
    where
        S: SignalDefinition<Workflow = W::Owner>,
    {
        let _ = signal;
        match arguments.to_payloads() {
            Ok(arguments) => self.with_signal_by_name(S::NAME, arguments),
            Err(error) => self.with_mode(WithSignal::default(), Some(error.into())),
        }
    }

    /// As [`with_signal`](Self::with_signal), by the signal's name.
    pub fn with_signal_by_name(
        self,
        name: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> StartWorkflow<W, WithSignal> {
        let mode = WithSignal {
            name: name.into(),
            arguments,
        };
        self.with_mode(mode, None)
    }

    /// Asks for the workflow's first task together with the answer, if a worker made from this client
    /// polls the task queue and has a free slot. Saves the way through the queue; changes nothing
    /// else.
    pub fn request_eager_start(mut self) -> Self {
        self.eager = true;
        self
    }
}

impl<W: WorkflowDefinition, M> StartWorkflow<W, M> {
    pub(super) fn with_mode<N>(self, mode: N, invalid: Option<StartError>) -> StartWorkflow<W, N> {
        StartWorkflow {
            client: self.client,
            request: self.request,
            invalid: self.invalid.or(invalid),
            eager: self.eager,
            mode,
            workflow: PhantomData,
        }
    }

    /// Sets the workflow's id; a random UUID otherwise. Ids of running workflows are unique in their
    /// namespace: an id that comes from the business (an order's number) keeps a workflow from being
    /// started twice.
    pub fn workflow_id(mut self, id: impl Into<String>) -> Self {
        self.request.workflow_id = id.into();
        self
    }

    /// Sets the task queue, which workers of the workflow poll.
    pub fn task_queue(mut self, name: impl Into<String>) -> Self {
        self.request.task_queue = Some(TaskQueue {
            name: name.into(),
            kind: v1::TaskQueueKind::Normal.into(),
            ..TaskQueue::default()
        });
        self
    }

    /// Sets whether the id of a closed workflow may be used again; it may otherwise.
    pub fn id_reuse_policy(mut self, policy: WorkflowIdReusePolicy) -> Self {
        let policy = v1::WorkflowIdReusePolicy::from(policy);
        self.request.workflow_id_reuse_policy = policy.into();
        self
    }

    /// Sets what to do if a workflow with that id is running; the start fails otherwise.
    pub fn id_conflict_policy(mut self, policy: WorkflowIdConflictPolicy) -> Self {
        let policy = v1::WorkflowIdConflictPolicy::from(policy);
        self.request.workflow_id_conflict_policy = policy.into();
        self
    }

    /// Sets how long the workflow may take with all its retries and runs; without limit otherwise.
    pub fn workflow_execution_timeout(mut self, timeout: Duration) -> Self {
        self.request.workflow_execution_timeout = Some(proto_duration(timeout));
        self
    }

    /// Sets how long one run may take; as long as the execution otherwise.
    pub fn workflow_run_timeout(mut self, timeout: Duration) -> Self {
        self.request.workflow_run_timeout = Some(proto_duration(timeout));
        self
    }

    /// Sets how long a worker may take for one workflow task; 10 s otherwise.
    pub fn workflow_task_timeout(mut self, timeout: Duration) -> Self {
        self.request.workflow_task_timeout = Some(proto_duration(timeout));
        self
    }

    /// Sets how the workflow is retried when it fails; not at all otherwise.
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        match policy.to_proto() {
            Ok(policy) => self.request.retry_policy = Some(policy),
            Err(error) => self.invalid = self.invalid.or(Some(error.into())),
        }
        self
    }

    /// Runs the workflow again and again, at the times this cron expression says.
    pub fn cron_schedule(mut self, schedule: impl Into<String>) -> Self {
        self.request.cron_schedule = schedule.into();
        self
    }

    /// Sets how long to wait before the workflow's first task. Signals sent meanwhile come with it.
    pub fn start_delay(mut self, delay: Duration) -> Self {
        self.request.workflow_start_delay = Some(proto_duration(delay));
        self
    }

    /// Sets the memo: values shown with the workflow.
    pub fn memo(mut self, memo: Memo) -> Self {
        self.request.memo = Some(memo.into());
        self
    }

    /// Sets the search attributes: values the workflow can be found by.
    pub fn search_attributes(mut self, attributes: SearchAttributes) -> Self {
        self.request.search_attributes = Some(attributes.into());
        self
    }

    /// Adds a header: a value beside the arguments, which the workflow passes on to what it calls. A
    /// signal or an update that goes with the start has it too. See
    /// [`Client::with_headers`] for headers of all calls.
    pub fn header<T>(mut self, key: &HeaderKey<T>, value: impl Argument<T>) -> Self {
        let mut headers = Headers::from(self.request.header.take());
        if let Err(error) = headers.insert(key, value) {
            self.invalid = self.invalid.or(Some(error.into()));
        }
        self.request.header = headers.to_proto();
        self
    }

    /// Sets a line of Markdown that says what the workflow is about, for people to read.
    pub fn static_summary(self, summary: impl Into<String>) -> Self {
        self.with_metadata(summary.into(), |metadata, text| {
            metadata.summary = Some(text);
        })
    }

    /// Sets a longer text in Markdown about the workflow, for people to read.
    pub fn static_details(self, details: impl Into<String>) -> Self {
        self.with_metadata(details.into(), |metadata, text| {
            metadata.details = Some(text);
        })
    }

    fn with_metadata(mut self, text: String, set: impl FnOnce(&mut UserMetadata, Payload)) -> Self {
        match text.to_payload() {
            Ok(text) => set(self.request.user_metadata.get_or_insert_default(), text),
            Err(error) => self.invalid = self.invalid.or(Some(error.into())),
        }
        self
    }

    /// Sets the order of the workflow's tasks among others.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.request.priority = Some(priority.into());
        self
    }

    /// Sets on which version of a worker deployment the workflow runs, whatever its workers say.
    pub fn versioning_override(mut self, versioning: VersioningOverride) -> Self {
        self.request.versioning_override = Some(versioning.into());
        self
    }

    /// Sets whether the workflow skips the time in which nothing is under way, for tests; not unless
    /// this is called. See [`TimeSkipping`] for the servers that allow it.
    pub fn time_skipping(mut self, skipping: TimeSkipping) -> Self {
        self.request.time_skipping_config = Some(skipping.into());
        self
    }

    /// Sets the id by which the server tells a repeated start from another one; random otherwise.
    /// A start with the same workflow id and request id gives the same run.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request.request_id = id.into();
        self
    }

    /// Changes the request itself, for fields that have no option here.
    pub fn with_request(mut self, change: impl FnOnce(&mut StartWorkflowExecutionRequest)) -> Self {
        change(&mut self.request);
        self
    }

    /// What is wrong with the arguments or options, if anything is.
    pub(super) fn check(&mut self) -> Result<(), StartError> {
        if let Some(error) = self.invalid.take() {
            return Err(error);
        }
        if self
            .request
            .task_queue
            .as_ref()
            .is_none_or(|queue| queue.name.is_empty())
        {
            return Err(StartError::NoTaskQueue {
                workflow_id: self.request.workflow_id.clone(),
            });
        }
        Ok(())
    }
}

impl<W: WorkflowDefinition, M: fmt::Debug> fmt::Debug for StartWorkflow<W, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StartWorkflow")
            .field("workflow_type", &self.request.workflow_type)
            .field("workflow_id", &self.request.workflow_id)
            .field("task_queue", &self.request.task_queue)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
