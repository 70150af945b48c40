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
/// It is kept as long as the run is, so it is small: what most runs do not have is apart, and
/// payloads are copies of their own instead of parts of a whole response.
#[derive(Debug, Clone)]
pub struct RunInfo {
    namespace: Box<str>,
    workflow_id: Box<str>,
    run_id: Box<str>,
    /// None when it is `run_id`, which is so for most runs.
    original_run_id: Option<Box<str>>,
    /// Likewise.
    first_run_id: Option<Box<str>>,
    workflow_type: Box<str>,
    task_queue: Box<str>,
    start_time: SystemTime,
    task_timeout: Option<Duration>,
    attempt: u32,
    /// None when all of it has its default.
    more: Option<Box<More>>,
}

/// What most runs do not have.
#[derive(Debug, Clone, Default, PartialEq)]
struct More {
    continued_run_id: Option<Box<str>>,
    cron_schedule: Option<Box<str>>,
    execution_timeout: Option<Duration>,
    run_timeout: Option<Duration>,
    parent: Option<WorkflowExecution>,
    parent_namespace: Option<Box<str>>,
    root: Option<WorkflowExecution>,
    retry_policy: Option<RetryPolicy>,
    memo: Option<BTreeMap<String, Payload>>,
    search_attributes: Option<BTreeMap<String, Payload>>,
    header: Option<Header>,
    last_completion_result: Option<Payloads>,
    last_failure: Option<Box<Failure>>,
    priority: Option<Priority>,
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

/// A text that is there unless it is empty.
fn text(text: String) -> Option<Box<str>> {
    Some(text.into_boxed_str()).filter(|text| !text.is_empty())
}

impl More {
    fn new(attributes: WorkflowExecutionStartedEventAttributes) -> Self {
        let mut more = Self {
            execution_timeout: duration(attributes.workflow_execution_timeout.as_ref()),
            run_timeout: duration(attributes.workflow_run_timeout.as_ref()),
            continued_run_id: text(attributes.continued_execution_run_id),
            cron_schedule: text(attributes.cron_schedule),
            parent: attributes.parent_workflow_execution,
            parent_namespace: text(attributes.parent_workflow_namespace),
            root: attributes.root_workflow_execution,
            retry_policy: attributes.retry_policy,
            memo: attributes.memo.map(|memo| memo.fields),
            search_attributes: attributes
                .search_attributes
                .map(|fields| fields.indexed_fields),
            header: attributes.header.filter(|header| !header.fields.is_empty()),
            last_completion_result: attributes.last_completion_result,
            last_failure: attributes.continued_failure.map(Into::into),
            priority: attributes
                .priority
                .filter(|priority| *priority != Priority::default()),
        };
        let memo = more.memo.iter_mut().flat_map(BTreeMap::values_mut);
        let search_attributes = more.search_attributes.iter_mut();
        let header = more.header.iter_mut().map(|header| &mut header.fields);
        let result = more.last_completion_result.iter_mut();
        memo.chain(
            search_attributes
                .chain(header)
                .flat_map(BTreeMap::values_mut),
        )
        .chain(result.flat_map(|result| result.payloads.iter_mut()))
        .for_each(own_payload);
        more
    }
}

impl RunInfo {
    /// `attributes` without the input, which the code takes.
    pub(crate) fn new(
        identity: RunIdentity,
        start_time: Option<&protobuf::Timestamp>,
        attributes: WorkflowExecutionStartedEventAttributes,
    ) -> Self {
        let mut attributes = attributes;
        let either = |known: String, recorded: &str| match known.is_empty() {
            true => recorded.into(),
            false => known.into_boxed_str(),
        };
        let workflow_id = either(identity.workflow_id, &attributes.workflow_id);
        let run_id: Box<str> = either(identity.run_id, &attributes.original_execution_run_id);
        let other = |id: &mut String| text(std::mem::take(id)).filter(|id| *id != run_id);
        Self {
            namespace: identity.namespace.into(),
            workflow_id,
            original_run_id: other(&mut attributes.original_execution_run_id),
            first_run_id: other(&mut attributes.first_execution_run_id),
            workflow_type: attributes
                .workflow_type
                .take()
                .unwrap_or_default()
                .name
                .into(),
            task_queue: attributes.task_queue.take().unwrap_or_default().name.into(),
            start_time: time(start_time),
            task_timeout: duration(attributes.workflow_task_timeout.as_ref()),
            attempt: u32::try_from(attributes.attempt).unwrap_or(1).max(1),
            more: Some(More::new(attributes))
                .filter(|more| *more != More::default())
                .map(Box::new),
            run_id,
        }
    }

    fn more<T: ?Sized>(&self, field: impl FnOnce(&More) -> Option<&T>) -> Option<&T> {
        self.more.as_deref().and_then(field)
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
        self.original_run_id.as_deref().unwrap_or(&self.run_id)
    }

    /// The first run of the chain of retries, cron runs and continue-as-new.
    #[must_use]
    pub fn first_run_id(&self) -> &str {
        self.first_run_id.as_deref().unwrap_or(&self.run_id)
    }

    /// The run before this one in the chain.
    #[must_use]
    pub fn continued_run_id(&self) -> Option<&str> {
        self.more(|more| more.continued_run_id.as_deref())
    }

    /// The workflow type.
    #[must_use]
    pub fn workflow_type(&self) -> &str {
        &self.workflow_type
    }

    /// The task queue.
    #[must_use]
    pub fn task_queue(&self) -> &str {
        &self.task_queue
    }

    /// When the run was started, by the server's clock.
    #[must_use]
    pub fn start_time(&self) -> SystemTime {
        self.start_time
    }

    /// Which attempt of the workflow's retry policy this run is, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The cron schedule.
    #[must_use]
    pub fn cron_schedule(&self) -> Option<&str> {
        self.more(|more| more.cron_schedule.as_deref())
    }

    /// How long the whole chain may take.
    #[must_use]
    pub fn execution_timeout(&self) -> Option<Duration> {
        self.more.as_ref().and_then(|more| more.execution_timeout)
    }

    /// How long this run may take.
    #[must_use]
    pub fn run_timeout(&self) -> Option<Duration> {
        self.more.as_ref().and_then(|more| more.run_timeout)
    }

    /// How long a workflow task may take.
    #[must_use]
    pub fn task_timeout(&self) -> Option<Duration> {
        self.task_timeout
    }

    /// The parent workflow.
    #[must_use]
    pub fn parent(&self) -> Option<&WorkflowExecution> {
        self.more(|more| more.parent.as_ref())
    }

    /// The parent's namespace.
    #[must_use]
    pub fn parent_namespace(&self) -> Option<&str> {
        self.more(|more| more.parent_namespace.as_deref())
    }

    /// The outermost workflow of a tree of children.
    #[must_use]
    pub fn root(&self) -> Option<&WorkflowExecution> {
        self.more(|more| more.root.as_ref())
    }

    /// The workflow's retry policy.
    #[must_use]
    pub fn retry_policy(&self) -> Option<&RetryPolicy> {
        self.more(|more| more.retry_policy.as_ref())
    }

    /// The memo it was started with.
    #[must_use]
    pub fn memo(&self) -> Option<&BTreeMap<String, Payload>> {
        self.more(|more| more.memo.as_ref())
    }

    /// The search attributes it was started with.
    #[must_use]
    pub fn search_attributes(&self) -> Option<&BTreeMap<String, Payload>> {
        self.more(|more| more.search_attributes.as_ref())
    }

    /// The header it was started with.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.more(|more| more.header.as_ref())
    }

    /// The result of the last run of the chain that completed.
    #[must_use]
    pub fn last_completion_result(&self) -> Option<&Payloads> {
        self.more(|more| more.last_completion_result.as_ref())
    }

    /// Why the run before this one failed.
    #[must_use]
    pub fn last_failure(&self) -> Option<&Failure> {
        self.more(|more| more.last_failure.as_deref())
    }

    /// Its priority.
    #[must_use]
    pub fn priority(&self) -> Option<&Priority> {
        self.more(|more| more.priority.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(text: &str) -> Payload {
        Payload {
            data: Bytes::copy_from_slice(text.as_bytes()),
            ..Payload::default()
        }
    }

    #[test]
    fn a_plain_run_keeps_nothing_it_does_not_have() {
        let attributes = WorkflowExecutionStartedEventAttributes {
            original_execution_run_id: "run".to_owned(),
            first_execution_run_id: "first".to_owned(),
            workflow_id: "order".to_owned(),
            header: Some(Header::default()),
            priority: Some(Priority::default()),
            ..Default::default()
        };
        let info = RunInfo::new(RunIdentity::default(), None, attributes);
        assert!(info.more.is_none() && info.original_run_id.is_none());
        assert_eq!((info.run_id(), info.original_run_id()), ("run", "run"));
        assert_eq!(
            (info.first_run_id(), info.workflow_id()),
            ("first", "order")
        );
        assert_eq!(
            (info.attempt(), info.header(), info.memo()),
            (1, None, None)
        );
    }

    #[test]
    fn a_run_with_everything_keeps_it() {
        let fields = || BTreeMap::from([("key".to_owned(), payload("value"))]);
        let attributes = WorkflowExecutionStartedEventAttributes {
            original_execution_run_id: "original".to_owned(),
            continued_execution_run_id: "before".to_owned(),
            cron_schedule: "@daily".to_owned(),
            attempt: 3,
            memo: Some(durably_protos::temporal::api::common::v1::Memo { fields: fields() }),
            header: Some(Header { fields: fields() }),
            workflow_run_timeout: Some(protobuf::Duration {
                seconds: 5,
                nanos: 0,
            }),
            continued_failure: Some(Failure::default()),
            ..Default::default()
        };
        let identity = RunIdentity {
            namespace: "default".to_owned(),
            workflow_id: "order".to_owned(),
            run_id: "run".to_owned(),
        };
        let info = RunInfo::new(identity, None, attributes);
        assert_eq!((info.run_id(), info.original_run_id()), ("run", "original"));
        assert_eq!(info.continued_run_id(), Some("before"));
        assert_eq!(info.cron_schedule(), Some("@daily"));
        assert_eq!(
            (info.attempt(), info.run_timeout()),
            (3, Some(Duration::from_secs(5)))
        );
        assert_eq!(info.memo(), Some(&fields()));
        assert_eq!(info.header().map(|header| &header.fields), Some(&fields()));
        assert_eq!(info.last_failure(), Some(&Failure::default()));
        assert_eq!((info.execution_timeout(), info.parent()), (None, None));
    }
}
