//! Batch operations: jobs that do one thing to many workflows.

use std::collections::BTreeMap;

use durably_protos::temporal::api::batch::v1::BatchOperationInfo;
use durably_protos::temporal::api::common::v1::Execution;
use durably_protos::temporal::api::enums::v1::{BatchOperationState, BatchOperationType};
use durably_protos::temporal::api::workflowservice::v1::DescribeBatchOperationResponse;

use super::time::Time;

/// A job that is done: this server does all of it within the call that starts it.
#[derive(Debug, Clone)]
pub(crate) struct BatchJob {
    pub(crate) job_id: String,
    pub(crate) kind: BatchOperationType,
    pub(crate) time: Time,
    pub(crate) identity: String,
    pub(crate) reason: String,
    pub(crate) query: String,
    pub(crate) executions: Vec<Execution>,
    /// On how many workflows it was done, and on how many it could not be.
    pub(crate) complete: i64,
    pub(crate) failed: i64,
    /// On the real server a job is a workflow: the ids of its run and of the request that started it.
    pub(crate) run_id: String,
    pub(crate) request_id: String,
}

/// The jobs of all namespaces, by the ids of these, in the order they were started in.
#[derive(Debug, Default)]
pub(crate) struct Batches(BTreeMap<String, Vec<BatchJob>>);

impl Batches {
    pub(crate) fn find(&self, namespace_id: &str, job_id: &str) -> Option<&BatchJob> {
        let jobs = self.0.get(namespace_id)?;
        jobs.iter().find(|job| job.job_id == job_id)
    }

    pub(crate) fn add(&mut self, namespace_id: &str, job: BatchJob) {
        self.0.entry(namespace_id.to_owned()).or_default().push(job);
    }

    /// Those of a namespace, the newest first.
    pub(crate) fn newest_first(&self, namespace_id: &str) -> impl Iterator<Item = &BatchJob> {
        let jobs = self.0.get(namespace_id).map(Vec::as_slice);
        jobs.unwrap_or_default().iter().rev()
    }
}

impl BatchJob {
    /// The job as lists have it.
    pub(crate) fn info(&self) -> BatchOperationInfo {
        BatchOperationInfo {
            job_id: self.job_id.clone(),
            state: BatchOperationState::Completed.into(),
            start_time: Some(self.time.timestamp()),
            close_time: Some(self.time.timestamp()),
            operation_type: self.kind.into(),
        }
    }

    pub(crate) fn describe(&self) -> DescribeBatchOperationResponse {
        DescribeBatchOperationResponse {
            operation_type: self.kind.into(),
            job_id: self.job_id.clone(),
            state: BatchOperationState::Completed.into(),
            start_time: Some(self.time.timestamp()),
            close_time: Some(self.time.timestamp()),
            total_operation_count: self.complete + self.failed,
            complete_operation_count: self.complete,
            failure_operation_count: self.failed,
            identity: self.identity.clone(),
            reason: self.reason.clone(),
            query: self.query.clone(),
            executions: self.executions.clone(),
        }
    }
}
