//! What a run calls: activities, children, timers, other workflows.

use std::collections::BTreeMap;
use std::time::Duration;

use durably_protos::temporal::api::common::v1::Payload;

use crate::activity::ActivityOptions;
use crate::payload::Headers;
use crate::workflow::{ChildOptions, NexusCancellationType};

/// An activity about to be scheduled: see
/// [`WorkflowInterceptor::schedule_activity`](super::WorkflowInterceptor::schedule_activity).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ScheduleActivity {
    /// Its type. A replay compares it with the history.
    pub activity_type: String,
    /// The arguments, one payload for each.
    pub arguments: Vec<Payload>,
    /// The headers that go along.
    pub headers: Headers,
    /// The options of the activity and of the call.
    pub options: ActivityOptions,
}

/// A local activity about to be run: see
/// [`WorkflowInterceptor::schedule_local_activity`](super::WorkflowInterceptor::schedule_local_activity).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ScheduleLocalActivity {
    /// Its type. A replay compares it with the history.
    pub activity_type: String,
    /// The arguments, one payload for each.
    pub arguments: Vec<Payload>,
    /// The headers that go along.
    pub headers: Headers,
    /// The options of the activity and of the call: timeouts, retries, id, summary and cancellation
    /// type. The others mean nothing here.
    pub options: ActivityOptions,
    /// The longest wait between two attempts that keeps the workflow task open.
    pub local_retry_threshold: Option<Duration>,
    /// Whether the marker keeps the arguments too.
    pub include_arguments_in_marker: bool,
}

/// A child workflow about to be started: see
/// [`WorkflowInterceptor::start_child_workflow`](super::WorkflowInterceptor::start_child_workflow).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StartChildWorkflow {
    /// Its type. A replay compares it with the history.
    pub workflow_type: String,
    /// The arguments, one payload for each.
    pub arguments: Vec<Payload>,
    /// The headers that go along.
    pub headers: Headers,
    /// The options of the call.
    pub options: ChildOptions,
}

/// A signal about to be sent, to a child or to another workflow: see
/// [`WorkflowInterceptor::signal_external_workflow`](super::WorkflowInterceptor::signal_external_workflow).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignalExternalWorkflow {
    /// The other's namespace.
    pub namespace: String,
    /// The other's workflow id.
    pub workflow_id: String,
    /// One of its runs; the newest if empty.
    pub run_id: String,
    /// Whether it is a child of this workflow.
    pub is_child: bool,
    /// The signal's name. A replay compares it with the history.
    pub signal_name: String,
    /// The arguments, one payload for each.
    pub arguments: Vec<Payload>,
    /// The headers that go along.
    pub headers: Headers,
}

/// A request to another workflow to cancel: see
/// [`WorkflowInterceptor::cancel_external_workflow`](super::WorkflowInterceptor::cancel_external_workflow).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CancelExternalWorkflow {
    /// The other's namespace.
    pub namespace: String,
    /// The other's workflow id.
    pub workflow_id: String,
    /// One of its runs; the newest if empty.
    pub run_id: String,
    /// Why.
    pub reason: String,
}

/// A Nexus operation about to be scheduled: see
/// [`WorkflowInterceptor::schedule_nexus_operation`](super::WorkflowInterceptor::schedule_nexus_operation).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ScheduleNexusOperation {
    /// The endpoint's name.
    pub endpoint: String,
    /// The service's name.
    pub service: String,
    /// The operation's name. A replay compares it and the other two with the history.
    pub operation: String,
    /// The input.
    pub input: Payload,
    /// The headers that go along: text, by names in lower case.
    pub headers: BTreeMap<String, String>,
    /// How long the operation may take in all.
    pub schedule_to_close_timeout: Option<Duration>,
    /// How long it may take until it has started.
    pub schedule_to_start_timeout: Option<Duration>,
    /// How long it may take once it has started.
    pub start_to_close_timeout: Option<Duration>,
    /// What canceling means for the code that waits.
    pub cancellation_type: NexusCancellationType,
    /// A line that the web UI shows beside it.
    pub summary: Option<String>,
}

/// A timer about to be started: see
/// [`WorkflowInterceptor::start_timer`](super::WorkflowInterceptor::start_timer).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StartTimer {
    /// How long to wait. Zero does not wait, and records nothing.
    pub duration: Duration,
    /// A line that the web UI shows beside it.
    pub summary: Option<String>,
}
