//! `StartBatchOperation`, `StopBatchOperation`, `DescribeBatchOperation`, `ListBatchOperations`.
//!
//! A job is done within the call that starts it. The real server works on it a moment later, and on one
//! at a time; what has become of the workflows is the same.

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::{Execution, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::ExecutionType;
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeBatchOperationRequest, DescribeBatchOperationResponse, ListBatchOperationsRequest,
    ListBatchOperationsResponse, StartBatchOperationRequest, StartBatchOperationResponse,
    StopBatchOperationRequest, StopBatchOperationResponse,
};

use super::batch_work::{Work, covers_closed};
use crate::server::batches::BatchJob;
use crate::server::refusal::{
    Answer, already_completed, already_started, invalid, workflow_not_found,
};
use crate::server::run::Run;
use crate::server::validate;
use crate::server::visibility::Query;
use crate::server::world::World;

/// Jobs in a page unless asked for fewer or more.
const PAGE: usize = 100;
const PARAMETERS: &str = "must provide required parameters: BatchType,Reason,Namespace, AND one of \
                          (Query OR Executions OR TargetExecutions)";

pub(super) fn start(
    world: &mut World,
    request: StartBatchOperationRequest,
) -> Answer<StartBatchOperationResponse> {
    let namespace_id = world.namespaces.get(&request.namespace)?.name.id.clone();
    validate::required(&world.limits, &request.job_id, "JobId")?;
    check_parameters(&request)?;
    let work = Work::of(&request)?;
    let targets = targets(world, &request)?;
    if let Some(known) = world.batches.find(&namespace_id, &request.job_id) {
        return Err(already_done(known));
    }
    let (mut complete, mut failed) = (0, 0);
    for target in &targets {
        let done = work.do_to(world, &request, target);
        world.finish();
        match done {
            Ok(()) => complete += 1,
            // One that is not there, or not any more, has nothing to be done to it.
            Err(status) if status.code() == tonic::Code::NotFound => complete += 1,
            Err(status) => {
                tracing::debug!(?target, ?status, "a batch operation does not do it");
                failed += 1;
            }
        }
    }
    let job = BatchJob {
        kind: work.kind(),
        time: world.now,
        identity: work.identity().to_owned(),
        reason: request.reason,
        query: request.visibility_query,
        executions: if request.target_executions.is_empty() {
            request.executions.iter().map(execution).collect()
        } else {
            request.target_executions
        },
        complete,
        failed,
        run_id: world.ids.uuid(),
        request_id: world.ids.uuid(),
        job_id: request.job_id,
    };
    world.batches.add(&namespace_id, job);
    Ok(StartBatchOperationResponse {})
}

fn check_parameters(request: &StartBatchOperationRequest) -> Answer<()> {
    let ways = [
        !request.visibility_query.is_empty(),
        !request.executions.is_empty(),
        !request.target_executions.is_empty(),
    ];
    let ways = ways.iter().filter(|given| **given).count();
    if request.operation.is_none() || request.reason.is_empty() || ways == 0 {
        return Err(invalid(PARAMETERS));
    }
    if ways > 1 {
        return Err(invalid(
            "visibility query, executions, and target executions are mutually exclusive",
        ));
    }
    Ok(())
}

/// The workflows of a job. A query finds runs, and of them those that are open, if the others could not be
/// changed anyway.
fn targets(world: &World, request: &StartBatchOperationRequest) -> Answer<Vec<WorkflowExecution>> {
    if !request.executions.is_empty() {
        return Ok(request.executions.clone());
    }
    if !request.target_executions.is_empty() {
        let targets = request.target_executions.iter().map(|target| {
            if target.r#type() == ExecutionType::Activity {
                return Err(super::batch_work::no_activities());
            }
            Ok(WorkflowExecution {
                workflow_id: target.business_id.clone(),
                run_id: target.run_id.clone(),
            })
        });
        return targets.collect();
    }
    let namespace = world.namespaces.get(&request.namespace)?;
    let registry = &namespace.search_attributes;
    let query = Query::parse(&request.visibility_query, registry);
    let query = query.map_err(|error| invalid(format!("invalid visibility query: {error}")))?;
    let takes_closed = covers_closed(request);
    let runs = world.listed(&namespace.name.name, None);
    let runs = runs.filter(|run| takes_closed || run.is_open());
    let runs = runs.filter(|run| query.matches(&run.visibility_record(registry)));
    Ok(runs.map(Run::execution).collect())
}

fn execution(of: &WorkflowExecution) -> Execution {
    Execution {
        r#type: ExecutionType::Workflow.into(),
        business_id: of.workflow_id.clone(),
        run_id: of.run_id.clone(),
    }
}

fn already_done(job: &BatchJob) -> tonic::Status {
    let message = format!(
        "Workflow execution already finished. WorkflowId: {}, RunId: {}. Workflow Id reuse policy: reject \
         duplicate workflow Id.",
        job.job_id, job.run_id
    );
    let run_id = job.run_id.clone();
    already_started(message, job.request_id.clone(), run_id.clone(), run_id)
}

pub(super) fn stop(
    world: &mut World,
    request: StopBatchOperationRequest,
) -> Answer<StopBatchOperationResponse> {
    let namespace_id = world.namespaces.get(&request.namespace)?.name.id.clone();
    validate::required(&world.limits, &request.job_id, "JobId")?;
    if request.reason.is_empty() {
        return Err(invalid("Reason is not set on request."));
    }
    match world.batches.find(&namespace_id, &request.job_id) {
        Some(_) => Err(already_completed()),
        None => Err(workflow_not_found(&request.job_id)),
    }
}

pub(super) fn describe(
    world: &mut World,
    request: DescribeBatchOperationRequest,
) -> Answer<DescribeBatchOperationResponse> {
    let namespace_id = &world.namespaces.get(&request.namespace)?.name.id;
    validate::required(&world.limits, &request.job_id, "JobId")?;
    let job = world.batches.find(namespace_id, &request.job_id);
    let job = job.ok_or_else(|| workflow_not_found(&request.job_id))?;
    Ok(job.describe())
}

/// The newest come first; a page's token is how many came before.
pub(super) fn list(
    world: &mut World,
    request: ListBatchOperationsRequest,
) -> Answer<ListBatchOperationsResponse> {
    let namespace_id = &world.namespaces.get(&request.namespace)?.name.id;
    let token = std::str::from_utf8(&request.next_page_token);
    let after: usize = match token {
        Ok("") => 0,
        Ok(text) => text.parse().map_err(|_| bad_token())?,
        Err(_) => return Err(bad_token()),
    };
    let size = match usize::try_from(request.page_size) {
        Ok(0) | Err(_) => PAGE,
        Ok(size) => size,
    };
    let mut jobs = world.batches.newest_first(namespace_id).skip(after);
    let operation_info: Vec<_> = jobs.by_ref().take(size).map(BatchJob::info).collect();
    let next = after.saturating_add(operation_info.len());
    let next = jobs.next().map(|_| Bytes::from(next.to_string()));
    Ok(ListBatchOperationsResponse {
        operation_info,
        next_page_token: next.unwrap_or_default(),
    })
}

fn bad_token() -> tonic::Status {
    invalid("invalid next page token")
}
