//! Queries.

use durably_protos::temporal::api::enums::v1::{
    EventType as E, QueryRejectCondition, QueryResultType, WorkflowExecutionStatus,
};
use durably_protos::temporal::api::errordetails::v1::WorkflowNotReadyFailure;
use durably_protos::temporal::api::query::v1::{WorkflowQuery, WorkflowQueryResult};
use durably_protos::temporal::api::workflowservice::v1::{
    PollWorkflowTaskQueueResponse, QueryWorkflowRequest, QueryWorkflowResponse,
    RespondQueryTaskCompletedRequest,
};
use tokio::task::JoinHandle;
use tonic::{Code, Status};

use crate::bench::{Bench, NAMESPACE, call, detail, refused};
use crate::commands::{complete, payloads, timer};
use crate::run::Run;

fn query(run: &Run) -> QueryWorkflowRequest {
    QueryWorkflowRequest {
        namespace: NAMESPACE.to_owned(),
        execution: run.execution(),
        query: Some(WorkflowQuery {
            query_type: "query".to_owned(),
            query_args: payloads("argument"),
            ..WorkflowQuery::default()
        }),
        ..QueryWorkflowRequest::default()
    }
}

/// Asks in the background.
async fn ask(run: &Run) -> JoinHandle<Result<QueryWorkflowResponse, Status>> {
    let (bench, request) = (run.bench.clone(), query(run));
    let asking = tokio::spawn(async move { call!(bench, query_workflow, request) });
    run.bench.arrive().await;
    asking
}

/// Answers the query of a task that is nothing but that query.
async fn answer(run: &Run, task: PollWorkflowTaskQueueResponse) {
    let request = RespondQueryTaskCompletedRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: task.task_token,
        completed_type: QueryResultType::Answered.into(),
        query_result: payloads("answer"),
        ..RespondQueryTaskCompletedRequest::default()
    };
    call!(run.bench, respond_query_task_completed, request).unwrap();
}

async fn is_answered(asking: JoinHandle<Result<QueryWorkflowResponse, Status>>) {
    let answered = asking.await.unwrap().unwrap();
    assert_eq!(answered.query_result, payloads("answer"));
}

/// Server semantics 8.48.
#[tokio::test]
async fn a_query_is_not_written_and_rides_with_a_task_that_is_there() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let asking = ask(&run).await;
    let task = run.task().await;
    assert_eq!((task.query.is_none(), task.queries.len()), (true, 1));
    let (id, asked) = task.queries.first_key_value().unwrap();
    assert_eq!(asked.query_type, "query");
    assert_eq!(asked.query_args, payloads("argument"));
    let result = WorkflowQueryResult {
        result_type: QueryResultType::Answered.into(),
        answer: payloads("answer"),
        ..WorkflowQueryResult::default()
    };
    let mut answered = run.answer(&task, vec![timer("timer", 60)]);
    answered.query_results = [(id.clone(), result)].into();
    run.respond_as(answered).await.unwrap();
    is_answered(asking).await;

    let asking = ask(&run).await;
    let task = run.task().await;
    assert_eq!((task.query.is_some(), task.queries.len()), (true, 0));
    assert_eq!(
        (task.started_event_id, task.previous_started_event_id),
        (0, 3)
    );
    answer(&run, task).await;
    is_answered(asking).await;
    assert_eq!(run.types(5).await, [E::TimerStarted]);

    run.signal("wake").await;
    let task = run.task().await;
    let asking = ask(&run).await;
    run.respond(&task, vec![]).await.unwrap();
    let task = run.task().await;
    assert!(task.query.is_some());
    answer(&run, task).await;
    is_answered(asking).await;
    assert_eq!(run.types(9).await, [E::WorkflowTaskCompleted]);
}

/// Server semantics 8.49.
#[tokio::test]
async fn a_closed_run_can_be_queried_if_it_ever_ran() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![complete("done")]).await;
    let asking = ask(&run).await;
    let task = run.task().await;
    assert_eq!(task.history.as_ref().unwrap().events.len(), 5);
    answer(&run, task).await;
    is_answered(asking).await;
    let mut request = query(&run);
    request.set_query_reject_condition(QueryRejectCondition::NotOpen);
    let rejected = call!(bench, query_workflow, request.clone()).unwrap();
    let rejected = rejected.query_rejected.unwrap();
    assert_eq!(rejected.status(), WorkflowExecutionStatus::Completed);

    let run = bench.start().await;
    run.terminate().await;
    let mut request = query(&run);
    request.set_query_reject_condition(QueryRejectCondition::NotCompletedCleanly);
    let rejected = call!(bench, query_workflow, request).unwrap();
    let rejected = rejected.query_rejected.unwrap();
    assert_eq!(rejected.status(), WorkflowExecutionStatus::Terminated);
    let never = call!(bench, query_workflow, query(&run));
    let message = "Workflow execution closed before WorkflowTaskStarted event";
    let status = refused(never, Code::FailedPrecondition, message);
    detail::<WorkflowNotReadyFailure>(&status);
}

/// Server semantics 8.50.
#[tokio::test]
async fn a_query_of_a_failing_run_is_refused_at_once() {
    let bench = Bench::begin();
    let run = bench.start().await;
    for _ in 0..3 {
        let task = run.task().await;
        run.fail_task(&task).await.unwrap();
    }
    let refusal = call!(bench, query_workflow, query(&run));
    let message = "Unable to query workflow due to Workflow Task in failed state.";
    let status = refused(refusal, Code::FailedPrecondition, message);
    detail::<WorkflowNotReadyFailure>(&status);
}

/// Server semantics 8.51.
#[tokio::test]
async fn a_query_brings_the_history_only_to_workers_that_do_not_have_it() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    let mut sticky = run.answer(&task, vec![timer("timer", 60)]);
    sticky.sticky_attributes = run.sticky(10);
    run.respond_as(sticky).await.unwrap();
    let polling = tokio::spawn({
        let run = run.clone();
        async move { run.sticky_task().await }
    });
    bench.arrive().await;
    let asking = ask(&run).await;
    let task = polling.await.unwrap();
    assert!(task.query.is_some());
    assert_eq!(task.history.clone().unwrap_or_default().events, []);
    answer(&run, task).await;
    is_answered(asking).await;

    let run = bench.start().await;
    run.turn(vec![timer("timer", 60)]).await;
    let asking = ask(&run).await;
    let task = run.task().await;
    assert_eq!(task.history.as_ref().unwrap().events.len(), 5);
    answer(&run, task).await;
    is_answered(asking).await;
}
