//! The request of a workflow to go on in a new run.

use std::time::Duration;

use durably_protos::temporal::api::common::v1::Payload;

use super::RetryPolicy;
use crate::options::ContinueAsNewVersioningBehavior;
use crate::payload::{Headers, Memo, SearchAttributes};

/// How the next run differs from this one. What is `None` stays as it is.
///
/// # Determinism
/// Recorded as the run's last event. The next run starts with a history of its own.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ContinueAsNew {
    /// The workflow's type.
    pub workflow_type: Option<String>,
    /// The task queue the next run's tasks go to.
    pub task_queue: Option<String>,
    /// The next run's arguments.
    pub arguments: Vec<Payload>,
    /// How long the next run may take.
    pub workflow_run_timeout: Option<Duration>,
    /// How long one workflow task may take.
    pub workflow_task_timeout: Option<Duration>,
    /// How long to wait before the next run starts.
    pub backoff_start_interval: Option<Duration>,
    /// The next run's memo.
    pub memo: Option<Memo>,
    /// The next run's search attributes.
    pub search_attributes: Option<SearchAttributes>,
    /// How the next run is retried.
    pub retry_policy: Option<RetryPolicy>,
    /// On which version of the worker deployment the next run begins; on this run's unless said.
    pub versioning_behavior: Option<ContinueAsNewVersioningBehavior>,
    /// The next run's headers.
    pub headers: Option<Headers>,
}
