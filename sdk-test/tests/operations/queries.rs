//! Queries that nobody answers. The waits are in real time: here it is tokio's, and paused.

use std::time::Duration;

use durably_protos::temporal::api::query::v1::WorkflowQuery;
use durably_protos::temporal::api::workflowservice::v1::{
    QueryWorkflowRequest, QueryWorkflowResponse,
};
use tokio::time::Instant;
use tonic::{Code, Status};

use crate::bench::{Bench, NAMESPACE, execution};

async fn ask(bench: &Bench) -> (Status, Duration) {
    let begun = Instant::now();
    let request = QueryWorkflowRequest {
        namespace: NAMESPACE.to_owned(),
        execution: execution("wf", ""),
        query: Some(WorkflowQuery {
            query_type: "query".to_owned(),
            ..WorkflowQuery::default()
        }),
        ..QueryWorkflowRequest::default()
    };
    let answer: Result<QueryWorkflowResponse, _> =
        bench.call_patiently("QueryWorkflow", request).await;
    (answer.unwrap_err(), begun.elapsed())
}

/// On the real server they end after 29 and 30 seconds too, whatever the deadline of the caller.
#[tokio::test(start_paused = true)]
async fn a_query_waits_half_a_minute() {
    let bench = Bench::new();
    bench.start("wf", vec![]).await;
    bench.turn("wf", vec![]).await;
    bench.signal("wf", "go").await;
    // A worker has the workflow task, and does not answer.
    let _held = bench.poll("wf").await;
    let (status, waited) = ask(&bench).await;
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(
        status.message(),
        "query timed out before a worker could process it"
    );
    assert_eq!(waited.as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_query_that_no_worker_can_answer_is_refused() {
    let bench = Bench::new();
    bench.start("wf", vec![]).await;
    bench.turn("wf", vec![]).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (status, waited) = ask(&bench).await;
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(
        status.message(),
        "no poller seen for task queue recently, worker may be down"
    );
    assert_eq!(waited.as_secs(), 29);
}
