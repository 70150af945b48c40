//! What a run was started with, from `WorkflowExecutionStarted`.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use durably_protos::google::protobuf;
use durably_protos::temporal::api::common::v1::{
    Header, Payload, Payloads, Priority, RetryPolicy, WorkflowExecution,
};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes;

/// A run's identity, options and origin.
///
/// Payloads in it are copies of their own: a cached run must not keep a whole response
/// buffer alive for the sake of a memo.
#[derive(Debug, Clone)]
pub struct RunInfo {
    namespace: String,
    workflow_id: String,
    run_id: String,
    start_time: SystemTime,
    attributes: Box<WorkflowExecutionStartedEventAttributes>,
}

/// Which execution a run is: the server says so with each task, histories do not always.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunIdentity {
    pub(crate) namespace: String,
    pub(crate) workflow_id: String,
    pub(crate) run_id: String,
}

fn time(timestamp: Option<&protobuf::Timestamp>) -> SystemTime {
    timestamp
        .and_then(|time| {
            let seconds = Duration::from_secs(u64::try_from(time.seconds).ok()?);
            let nanos = Duration::from_nanos(u64::try_from(time.nanos).ok()?);
            UNIX_EPOCH.checked_add(seconds)?.checked_add(nanos)
        })
        .unwrap_or(UNIX_EPOCH)
}

fn duration(duration: Option<&protobuf::Duration>) -> Option<Duration> {
    let duration = duration?;
    let seconds = u64::try_from(duration.seconds).ok()?;
    let nanos = u32::try_from(duration.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)?;
    // The server writes unset timeouts as zero.
    Some(Duration::new(seconds, nanos)).filter(|duration| !duration.is_zero())
}

/// Makes a payload a copy of its own, apart from the response that it came in.
pub(crate) fn own_payload(payload: &mut Payload) {
    payload.data = Bytes::copy_from_slice(&payload.data);
    for value in payload.metadata.values_mut() {
        *value = Bytes::copy_from_slice(value);
    }
}

impl RunInfo {
    /// `attributes` without the input, which the code takes.
    pub(crate) fn new(
        identity: RunIdentity,
        start_time: Option<&protobuf::Timestamp>,
        mut attributes: Box<WorkflowExecutionStartedEventAttributes>,
    ) -> Self {
        let memo = attributes
            .memo
            .iter_mut()
            .flat_map(|memo| memo.fields.values_mut());
        let search = attributes
            .search_attributes
            .iter_mut()
            .flat_map(|fields| fields.indexed_fields.values_mut());
        let header = attributes
            .header
            .iter_mut()
            .flat_map(|header| header.fields.values_mut());
        let result = attributes
            .last_completion_result
            .iter_mut()
            .flat_map(|result| result.payloads.iter_mut());
        memo.chain(search)
            .chain(header)
            .chain(result)
            .for_each(own_payload);
        Self {
            workflow_id: if identity.workflow_id.is_empty() {
                attributes.workflow_id.clone()
            } else {
                identity.workflow_id
            },
            run_id: if identity.run_id.is_empty() {
                attributes.original_execution_run_id.clone()
            } else {
                identity.run_id
            },
            namespace: identity.namespace,
            start_time: time(start_time),
            attributes,
        }
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The workflow id.
    #[must_use]
    pub fn workflow_id(&self) -> &str {
        &self.workflow_id
    }

    /// The run id.
    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// The run id that randomness comes from; after a reset, that of the run that was reset.
    #[must_use]
    pub fn original_run_id(&self) -> &str {
        &self.attributes.original_execution_run_id
    }

    /// The first run of the chain of retries, cron runs and continue-as-new.
    #[must_use]
    pub fn first_run_id(&self) -> &str {
        &self.attributes.first_execution_run_id
    }

    /// The run before this one in the chain.
    #[must_use]
    pub fn continued_run_id(&self) -> Option<&str> {
        Some(&*self.attributes.continued_execution_run_id).filter(|id| !id.is_empty())
    }

    /// The workflow type.
    #[must_use]
    pub fn workflow_type(&self) -> &str {
        self.attributes
            .workflow_type
            .as_ref()
            .map_or("", |kind| &kind.name)
    }

    /// The task queue.
    #[must_use]
    pub fn task_queue(&self) -> &str {
        self.attributes
            .task_queue
            .as_ref()
            .map_or("", |queue| &queue.name)
    }

    /// When the run was started, by the server's clock.
    #[must_use]
    pub fn start_time(&self) -> SystemTime {
        self.start_time
    }

    /// Which attempt of the workflow's retry policy this run is, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        u32::try_from(self.attributes.attempt).unwrap_or(1).max(1)
    }

    /// The cron schedule.
    #[must_use]
    pub fn cron_schedule(&self) -> Option<&str> {
        Some(&*self.attributes.cron_schedule).filter(|schedule| !schedule.is_empty())
    }

    /// How long the whole chain may take.
    #[must_use]
    pub fn execution_timeout(&self) -> Option<Duration> {
        duration(self.attributes.workflow_execution_timeout.as_ref())
    }

    /// How long this run may take.
    #[must_use]
    pub fn run_timeout(&self) -> Option<Duration> {
        duration(self.attributes.workflow_run_timeout.as_ref())
    }

    /// How long a workflow task may take.
    #[must_use]
    pub fn task_timeout(&self) -> Option<Duration> {
        duration(self.attributes.workflow_task_timeout.as_ref())
    }

    /// The parent workflow.
    #[must_use]
    pub fn parent(&self) -> Option<&WorkflowExecution> {
        self.attributes.parent_workflow_execution.as_ref()
    }

    /// The parent's namespace.
    #[must_use]
    pub fn parent_namespace(&self) -> Option<&str> {
        Some(&*self.attributes.parent_workflow_namespace).filter(|namespace| !namespace.is_empty())
    }

    /// The outermost workflow of a tree of children.
    #[must_use]
    pub fn root(&self) -> Option<&WorkflowExecution> {
        self.attributes.root_workflow_execution.as_ref()
    }

    /// The workflow's retry policy.
    #[must_use]
    pub fn retry_policy(&self) -> Option<&RetryPolicy> {
        self.attributes.retry_policy.as_ref()
    }

    /// The memo it was started with.
    #[must_use]
    pub fn memo(&self) -> Option<&BTreeMap<String, Payload>> {
        self.attributes.memo.as_ref().map(|memo| &memo.fields)
    }

    /// The search attributes it was started with.
    #[must_use]
    pub fn search_attributes(&self) -> Option<&BTreeMap<String, Payload>> {
        self.attributes
            .search_attributes
            .as_ref()
            .map(|attributes| &attributes.indexed_fields)
    }

    /// The header it was started with.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.attributes.header.as_ref()
    }

    /// The result of the last run of the chain that completed.
    #[must_use]
    pub fn last_completion_result(&self) -> Option<&Payloads> {
        self.attributes.last_completion_result.as_ref()
    }

    /// Why the run before this one failed.
    #[must_use]
    pub fn last_failure(&self) -> Option<&Failure> {
        self.attributes.continued_failure.as_ref()
    }

    /// Its priority.
    #[must_use]
    pub fn priority(&self) -> Option<&Priority> {
        self.attributes.priority.as_ref()
    }
}
