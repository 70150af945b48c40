//! Batch operations: jobs that do one thing to many workflows.

#![expect(deprecated, reason = "what all servers know")]

use durably_protos::google::protobuf::{Empty, FieldMask};
use durably_protos::temporal::api::batch::v1::{
    BatchOperationCancellation, BatchOperationDeletion, BatchOperationReset, BatchOperationSignal,
    BatchOperationTermination, BatchOperationUnpauseActivities,
    BatchOperationUpdateWorkflowExecutionOptions, batch_operation_unpause_activities,
};
use durably_protos::temporal::api::common::v1::reset_options::Target;
use durably_protos::temporal::api::common::v1::{Priority, ResetOptions};
use durably_protos::temporal::api::enums::v1::{
    BatchOperationState, BatchOperationType, EventType as E, PendingActivityState,
};
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionOptions;
use durably_protos::temporal::api::workflowservice::v1::start_batch_operation_request::Operation;
use durably_protos::temporal::api::workflowservice::v1::{
    CountWorkflowExecutionsRequest, DescribeBatchOperationRequest, DescribeBatchOperationResponse,
    ListBatchOperationsRequest, PauseActivityRequest, StartBatchOperationRequest,
    StopBatchOperationRequest, pause_activity_request,
};
use tokio::sync::Mutex;
use tonic::Code;

use crate::bench::{Bench, NAMESPACE, call, refused};
use crate::commands::{activity, complete, payloads};
use crate::events::attributes;
use crate::run::Run;

/// The real server works on one job of a namespace at a time, and refuses the others.
static ONE: Mutex<()> = Mutex::const_new(());

fn job(operation: Operation, runs: &[&Run]) -> StartBatchOperationRequest {
    let id = uuid::Uuid::new_v4();
    StartBatchOperationRequest {
        namespace: NAMESPACE.to_owned(),
        job_id: format!("job-{id}"),
        reason: "because".to_owned(),
        executions: runs.iter().filter_map(|run| run.execution()).collect(),
        operation: Some(operation),
        ..StartBatchOperationRequest::default()
    }
}

fn termination() -> Operation {
    Operation::TerminationOperation(BatchOperationTermination {
        details: payloads("details"),
        identity: "operator".to_owned(),
    })
}

/// Starts a job, and gives what it has done.
async fn run(bench: &Bench, job: StartBatchOperationRequest) -> DescribeBatchOperationResponse {
    let describe = DescribeBatchOperationRequest {
        namespace: NAMESPACE.to_owned(),
        job_id: job.job_id.clone(),
    };
    call!(bench, start_batch_operation, job).unwrap();
    bench
        .until("the end of the job", async || {
            let described = call!(bench, describe_batch_operation, describe.clone()).unwrap();
            (described.state() == BatchOperationState::Completed).then_some(described)
        })
        .await
}

#[tokio::test]
async fn a_list_of_workflows_is_terminated() {
    let _one = ONE.lock().await;
    let bench = Bench::begin();
    let (open, closed) = (bench.start().await, bench.start().await);
    closed.turn(vec![complete("done")]).await;
    let nobody = Run::new(&bench, &format!("{}-nobody", open.workflow_id), "");
    let job = job(termination(), &[&open, &closed, &nobody]);
    let done = run(&bench, job.clone()).await;
    assert_eq!(done.operation_type(), BatchOperationType::TerminateWorkflow);
    assert_eq!((&*done.identity, &*done.reason), ("operator", "because"));
    // What is not there has nothing to be done to it, and does not count as a failure.
    let counts = (
        done.total_operation_count,
        done.complete_operation_count,
        done.failure_operation_count,
    );
    assert_eq!(counts, (3, 3, 0));
    assert_eq!(done.executions[0].business_id, open.workflow_id);
    let terminated = attributes!(
        open.last().await,
        WorkflowExecutionTerminatedEventAttributes
    );
    assert_eq!(terminated.reason, "because");
    // They stay behind.
    assert_eq!(terminated.details, None);
    assert_eq!(
        closed.last().await.event_type(),
        E::WorkflowExecutionCompleted
    );
    let again = call!(bench, start_batch_operation, job.clone()).unwrap_err();
    assert_eq!(again.code(), Code::AlreadyExists);
    let listed = ListBatchOperationsRequest {
        namespace: NAMESPACE.to_owned(),
        page_size: 1000,
        ..ListBatchOperationsRequest::default()
    };
    let info = bench
        .until("the job in the list", async || {
            let listed = call!(bench, list_batch_operations, listed.clone()).unwrap();
            let mut jobs = listed.operation_info.into_iter();
            jobs.find(|known| {
                known.job_id == job.job_id && known.state() == BatchOperationState::Completed
            })
        })
        .await;
    assert_eq!(info.operation_type(), BatchOperationType::TerminateWorkflow);
    let stop = StopBatchOperationRequest {
        namespace: NAMESPACE.to_owned(),
        job_id: job.job_id,
        reason: "enough".to_owned(),
        ..StopBatchOperationRequest::default()
    };
    refused(
        call!(bench, stop_batch_operation, stop),
        Code::NotFound,
        "workflow execution already completed",
    );
}

#[tokio::test]
async fn a_query_finds_open_workflows() {
    let _one = ONE.lock().await;
    let bench = Bench::begin();
    let (open, closed) = (bench.start().await, bench.start().await);
    closed.turn(vec![complete("done")]).await;
    let query = format!(
        "WorkflowId = '{}' OR WorkflowId = '{}'",
        open.workflow_id, closed.workflow_id
    );
    let count = CountWorkflowExecutionsRequest {
        namespace: NAMESPACE.to_owned(),
        query: format!("ExecutionStatus = 'Completed' AND ({query})"),
    };
    bench
        .until("the workflow in the list", async || {
            let counted = call!(bench, count_workflow_executions, count.clone()).unwrap();
            (counted.count == 1).then_some(())
        })
        .await;
    let signal = Operation::SignalOperation(BatchOperationSignal {
        signal: "go".to_owned(),
        input: payloads("input"),
        identity: "operator".to_owned(),
        ..BatchOperationSignal::default()
    });
    let mut job = job(signal, &[]);
    job.visibility_query.clone_from(&query);
    let done = run(&bench, job).await;
    assert_eq!(done.query, query);
    assert_eq!(done.total_operation_count, 1);
    let signaled = attributes!(open.last().await, WorkflowExecutionSignaledEventAttributes);
    assert_eq!(
        (&*signaled.signal_name, &*signaled.identity),
        ("go", "operator")
    );
    assert_eq!(signaled.input, payloads("input"));
}

#[tokio::test]
async fn workflows_are_canceled_changed_and_deleted() {
    let _one = ONE.lock().await;
    let bench = Bench::begin();
    let one = bench.start().await;
    let cancel = BatchOperationCancellation::default();
    run(
        &bench,
        job(Operation::CancellationOperation(cancel), &[&one]),
    )
    .await;
    assert_eq!(
        one.last().await.event_type(),
        E::WorkflowExecutionCancelRequested
    );
    let update = BatchOperationUpdateWorkflowExecutionOptions {
        identity: "operator".to_owned(),
        workflow_execution_options: Some(WorkflowExecutionOptions {
            priority: Some(Priority {
                priority_key: 2,
                ..Priority::default()
            }),
            ..WorkflowExecutionOptions::default()
        }),
        update_mask: Some(FieldMask {
            paths: vec!["priority".to_owned()],
        }),
    };
    let update = Operation::UpdateWorkflowOptionsOperation(update);
    run(&bench, job(update, &[&one])).await;
    let updated = attributes!(
        one.last().await,
        WorkflowExecutionOptionsUpdatedEventAttributes
    );
    assert_eq!(updated.identity, "operator");
    assert_eq!(updated.priority.unwrap().priority_key, 2);
    let deletion = Operation::DeletionOperation(BatchOperationDeletion::default());
    run(&bench, job(deletion, &[&one])).await;
    bench
        .until("the end of the deletion", async || {
            one.try_describe().await.err()
        })
        .await;
}

#[tokio::test]
async fn workflows_are_reset() {
    let _one = ONE.lock().await;
    let bench = Bench::begin();
    let targets = [
        (Target::FirstWorkflowTask(Empty {}), 4),
        (Target::LastWorkflowTask(Empty {}), 8),
        (Target::WorkflowTaskId(4), 4),
    ];
    for (target, cut) in targets {
        let base = bench.start().await;
        base.turn(vec![]).await;
        base.signal("go").await;
        base.turn(vec![]).await;
        let reset = BatchOperationReset {
            options: Some(ResetOptions {
                target: Some(target),
                ..ResetOptions::default()
            }),
            ..BatchOperationReset::default()
        };
        let done = run(&bench, job(Operation::ResetOperation(reset), &[&base])).await;
        assert_eq!(done.complete_operation_count, 1);
        let next = base.current().await;
        assert_ne!(next.run_id, base.run_id);
        let failed = attributes!(next.event(cut).await, WorkflowTaskFailedEventAttributes);
        assert_eq!(failed.failure.unwrap().message, "because");
    }
    // Without a workflow task there is nothing to reset to.
    let base = bench.start().await;
    let target = Some(Target::LastWorkflowTask(Empty {}));
    let reset = BatchOperationReset {
        options: Some(ResetOptions {
            target,
            ..ResetOptions::default()
        }),
        ..BatchOperationReset::default()
    };
    let done = run(&bench, job(Operation::ResetOperation(reset), &[&base])).await;
    let counts = (done.complete_operation_count, done.failure_operation_count);
    assert_eq!(counts, (0, 1));
}

#[tokio::test]
async fn activities_are_unpaused() {
    let _one = ONE.lock().await;
    let bench = Bench::begin();
    let paused = bench.start().await;
    paused.turn(vec![activity(&paused, "activity")]).await;
    let pause = PauseActivityRequest {
        namespace: NAMESPACE.to_owned(),
        execution: paused.execution(),
        activity: Some(pause_activity_request::Activity::Id("activity".to_owned())),
        ..PauseActivityRequest::default()
    };
    call!(bench, pause_activity, pause).unwrap();
    let pending = paused.describe().await.pending_activities;
    assert_eq!(pending[0].state(), PendingActivityState::Paused);
    let all = batch_operation_unpause_activities::Activity::MatchAll(true);
    let unpause = BatchOperationUnpauseActivities {
        activity: Some(all),
        ..BatchOperationUnpauseActivities::default()
    };
    let unpause = Operation::UnpauseActivitiesOperation(unpause);
    run(&bench, job(unpause, &[&paused])).await;
    let pending = paused.describe().await.pending_activities;
    assert_eq!(pending[0].state(), PendingActivityState::Scheduled);
}

#[tokio::test]
async fn jobs_are_checked() {
    let bench = Bench::begin();
    let nobody = Run::new(&bench, "nobody", "");
    let good = job(termination(), &[&nobody]);
    let parameters = "must provide required parameters: BatchType,Reason,Namespace, AND one of (Query OR \
                      Executions OR TargetExecutions)";
    let mut cases = vec![];
    let mut bad = |change: &dyn Fn(&mut StartBatchOperationRequest), text: &'static str| {
        let mut job = good.clone();
        change(&mut job);
        cases.push((job, text));
    };
    bad(&|job| job.namespace.clear(), "Namespace is empty.");
    bad(&|job| job.job_id.clear(), "JobId is not set on request.");
    bad(&|job| job.reason.clear(), parameters);
    bad(&|job| job.operation = None, parameters);
    bad(&|job| job.executions.clear(), parameters);
    bad(
        &|job| "WorkflowId = 'nobody'".clone_into(&mut job.visibility_query),
        "visibility query, executions, and target executions are mutually exclusive",
    );
    let signal = Operation::SignalOperation(BatchOperationSignal::default());
    bad(
        &|job| job.operation = Some(signal.clone()),
        "must provide signal name",
    );
    let reset = |options| {
        Operation::ResetOperation(BatchOperationReset {
            options,
            ..BatchOperationReset::default()
        })
    };
    bad(
        &|job| job.operation = Some(reset(None)),
        "unknown batch reset type Unspecified",
    );
    bad(
        &|job| job.operation = Some(reset(Some(ResetOptions::default()))),
        "batch reset missing target",
    );
    let update = BatchOperationUpdateWorkflowExecutionOptions::default();
    let update = Operation::UpdateWorkflowOptionsOperation(update);
    bad(
        &|job| job.operation = Some(update.clone()),
        "must provide UpdateOptions",
    );
    let unpause = BatchOperationUnpauseActivities::default();
    let unpause = Operation::UnpauseActivitiesOperation(unpause);
    bad(
        &|job| job.operation = Some(unpause.clone()),
        "activity filter must be set",
    );
    for (job, text) in cases {
        refused(
            call!(bench, start_batch_operation, job),
            Code::InvalidArgument,
            text,
        );
    }
    let describe = DescribeBatchOperationRequest {
        namespace: NAMESPACE.to_owned(),
        job_id: "no job".to_owned(),
    };
    refused(
        call!(bench, describe_batch_operation, describe),
        Code::NotFound,
        "workflow not found for ID: no job",
    );
}
