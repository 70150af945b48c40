//! Lists and counts of workflows.

mod common;

use common::{Client, client, keyword, namespace, start, terminate};
use durably_protos::temporal::api::enums::v1::{IndexedValueType, WorkflowExecutionStatus};
use durably_protos::temporal::api::filter::v1::{
    StartTimeFilter, StatusFilter, WorkflowExecutionFilter,
};
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionInfo;
use durably_protos::temporal::api::workflowservice::v1::{
    CountWorkflowExecutionsRequest, ListArchivedWorkflowExecutionsRequest,
    ListClosedWorkflowExecutionsRequest, ListOpenWorkflowExecutionsRequest,
    ListWorkflowExecutionsRequest, ScanWorkflowExecutionsRequest,
    list_closed_workflow_executions_request as closed,
    list_open_workflow_executions_request as open,
};
use durably_test::server::{ClockMode, TestServer};
use tonic::Code;

/// A server with workflows `a` to `e`, of which `a` and then `d` are terminated.
async fn server() -> (TestServer, Client) {
    let server = TestServer::builder()
        .clock(ClockMode::RealTime)
        .search_attribute("OrderStatus", IndexedValueType::Keyword)
        .start();
    let mut client = client(&server);
    for id in ["a", "b", "c", "d", "e"] {
        let status = if id < "c" { "old" } else { "new" };
        start(&mut client, id, keyword("OrderStatus", status)).await;
    }
    for id in ["a", "d"] {
        terminate(&mut client, id).await;
    }
    (server, client)
}

fn ids(executions: &[WorkflowExecutionInfo]) -> String {
    let id = |info: &WorkflowExecutionInfo| info.execution.clone().unwrap().workflow_id;
    executions.iter().map(id).collect()
}

fn list(query: &str) -> ListWorkflowExecutionsRequest {
    ListWorkflowExecutionsRequest {
        namespace: namespace(),
        query: query.to_owned(),
        ..ListWorkflowExecutionsRequest::default()
    }
}

async fn listed(client: &mut Client, query: &str) -> String {
    let response = client.list_workflow_executions(list(query)).await.unwrap();
    ids(&response.into_inner().executions)
}

#[tokio::test]
async fn open_workflows_come_first_and_the_newest_of_them() {
    let (_server, mut client) = server().await;
    assert_eq!(listed(&mut client, "").await, "ecbda");
    for (query, expected) in [
        ("OrderStatus = 'new'", "ecd"),
        (
            "ExecutionStatus = 'Terminated' AND OrderStatus = 'old'",
            "a",
        ),
        ("WorkflowId IN ('b', 'e')", "eb"),
        ("CloseTime IS NULL", "ecb"),
        ("TaskQueue = 'other'", ""),
    ] {
        assert_eq!(listed(&mut client, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn what_changes_is_shown_of_closed_workflows_only() {
    let (_server, mut client) = server().await;
    let response = client.list_workflow_executions(list("")).await.unwrap();
    let executions = response.into_inner().executions;
    let (open, closed) = (&executions[0], &executions[4]);
    assert_eq!(open.history_length, 0);
    assert_eq!(open.close_time, None);
    assert_eq!(closed.history_length, 3);
    assert_eq!(closed.status(), WorkflowExecutionStatus::Terminated);
    assert!(closed.close_time.is_some() && closed.execution_duration.is_some());
    let attributes = closed.search_attributes.as_ref().unwrap();
    let status = &attributes.indexed_fields["OrderStatus"];
    assert_eq!(&status.data[..], b"\"old\"");
    assert_eq!(status.metadata["type"], "Keyword");
}

#[tokio::test]
async fn pages_do_not_shift_while_workflows_begin_and_close() {
    let (_server, mut client) = server().await;
    let mut request = ListWorkflowExecutionsRequest {
        page_size: 2,
        ..list("")
    };
    let first = client
        .list_workflow_executions(request.clone())
        .await
        .unwrap();
    let first = first.into_inner();
    assert_eq!(ids(&first.executions), "ec");
    start(&mut client, "f", None).await;
    request.next_page_token = first.next_page_token;
    let second = client
        .list_workflow_executions(request.clone())
        .await
        .unwrap();
    let second = second.into_inner();
    assert_eq!(ids(&second.executions), "bd");
    request.next_page_token = second.next_page_token;
    let third = client
        .list_workflow_executions(request.clone())
        .await
        .unwrap();
    let third = third.into_inner();
    assert_eq!(ids(&third.executions), "a");
    assert!(third.next_page_token.is_empty());
    request.next_page_token = "junk".into();
    let status = client.list_workflow_executions(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_full_last_page_has_no_token() {
    let (_server, mut client) = server().await;
    let request = ScanWorkflowExecutionsRequest {
        namespace: namespace(),
        page_size: 5,
        ..ScanWorkflowExecutionsRequest::default()
    };
    let scanned = client.scan_workflow_executions(request).await.unwrap();
    let scanned = scanned.into_inner();
    assert_eq!(ids(&scanned.executions), "ecbda");
    assert!(scanned.next_page_token.is_empty());
}

#[tokio::test]
async fn counts_have_groups_where_asked_for() {
    let (_server, mut client) = server().await;
    let mut count = async |query: &str| {
        let request = CountWorkflowExecutionsRequest {
            namespace: namespace(),
            query: query.to_owned(),
        };
        let counted = client.count_workflow_executions(request).await;
        counted.unwrap().into_inner()
    };
    assert_eq!(count("OrderStatus = 'new'").await.count, 3);
    let grouped = count("GROUP BY ExecutionStatus").await;
    let groups = grouped.groups.iter().map(|group| {
        let value = String::from_utf8(group.group_values[0].data.to_vec()).unwrap();
        (value, group.count)
    });
    let expected = [
        ("\"Running\"".to_owned(), 3),
        ("\"Terminated\"".to_owned(), 2),
    ];
    assert_eq!(grouped.count, 5);
    assert_eq!(groups.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn open_and_closed_workflows_are_listed_apart() {
    let (_server, mut client) = server().await;
    let all_open = ListOpenWorkflowExecutionsRequest {
        namespace: namespace(),
        ..ListOpenWorkflowExecutionsRequest::default()
    };
    let one_open = ListOpenWorkflowExecutionsRequest {
        filters: Some(open::Filters::ExecutionFilter(WorkflowExecutionFilter {
            workflow_id: "b".to_owned(),
            run_id: String::new(),
        })),
        ..all_open.clone()
    };
    for (request, expected) in [(all_open.clone(), "ecb"), (one_open, "b")] {
        let listed = client.list_open_workflow_executions(request).await.unwrap();
        assert_eq!(ids(&listed.into_inner().executions), expected);
    }
    let all_closed = ListClosedWorkflowExecutionsRequest {
        namespace: namespace(),
        ..ListClosedWorkflowExecutionsRequest::default()
    };
    let of_status = |status: WorkflowExecutionStatus| ListClosedWorkflowExecutionsRequest {
        filters: Some(closed::Filters::StatusFilter(StatusFilter {
            status: status.into(),
        })),
        ..all_closed.clone()
    };
    for (request, expected) in [
        (all_closed.clone(), "da"),
        (of_status(WorkflowExecutionStatus::Terminated), "da"),
        (of_status(WorkflowExecutionStatus::Completed), ""),
    ] {
        let listed = client
            .list_closed_workflow_executions(request)
            .await
            .unwrap();
        assert_eq!(ids(&listed.into_inner().executions), expected);
    }
    let running = of_status(WorkflowExecutionStatus::Running);
    let status = client
        .list_closed_workflow_executions(running)
        .await
        .unwrap_err();
    assert_eq!(
        status.message(),
        "StatusFilter must be specified and must be not Running."
    );
    let listed = client
        .list_open_workflow_executions(all_open.clone())
        .await
        .unwrap();
    let started = listed.into_inner().executions[1].start_time;
    let between = ListOpenWorkflowExecutionsRequest {
        start_time_filter: Some(StartTimeFilter {
            earliest_time: started,
            latest_time: started,
        }),
        ..all_open
    };
    let listed = client.list_open_workflow_executions(between).await.unwrap();
    assert_eq!(ids(&listed.into_inner().executions), "c");
}

#[tokio::test]
async fn what_cannot_be_listed_is_refused() {
    let (_server, mut client) = server().await;
    for (query, message) in [
        ("Nope = 1", "invalid query: invalid search attribute: Nope"),
        (
            "x x",
            "invalid query: malformed SQL query: syntax error at position 31 near 'x'",
        ),
    ] {
        let status = client
            .list_workflow_executions(list(query))
            .await
            .unwrap_err();
        assert_eq!(
            (status.code(), status.message()),
            (Code::InvalidArgument, message)
        );
    }
    let elsewhere = ListWorkflowExecutionsRequest {
        namespace: "nope".to_owned(),
        ..list("")
    };
    let status = client
        .list_workflow_executions(elsewhere)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let archived = ListArchivedWorkflowExecutionsRequest {
        namespace: namespace(),
        ..ListArchivedWorkflowExecutionsRequest::default()
    };
    let status = client
        .list_archived_workflow_executions(archived)
        .await
        .unwrap_err();
    assert_eq!(
        status.message(),
        "Cluster is not configured for visibility archival."
    );
}
