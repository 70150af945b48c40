//! What requests about schedules are answered.

mod common;

use common::{Client, client, json, keyword, namespace, seconds, task_queue, workflow_type};
use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::common::v1::{Memo, SearchAttributes};
use durably_protos::temporal::api::enums::v1::{IndexedValueType, WorkflowIdReusePolicy};
use durably_protos::temporal::api::schedule::v1::schedule_action::Action;
use durably_protos::temporal::api::schedule::v1::{
    IntervalSpec, Schedule, ScheduleAction, SchedulePatch, ScheduleSpec,
};
use durably_protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;
use durably_protos::temporal::api::workflowservice::v1::{
    CountSchedulesRequest, CreateScheduleRequest, DeleteScheduleRequest, DescribeScheduleRequest,
    DescribeScheduleResponse, ListScheduleMatchingTimesRequest, ListSchedulesRequest,
    ListSchedulesResponse, PatchScheduleRequest, UpdateScheduleRequest,
};
use durably_test::server::{ClockMode, TestServer};
use tonic::Code;

fn server() -> (TestServer, Client) {
    let server = TestServer::builder()
        .clock(ClockMode::RealTime)
        .search_attribute("OrderStatus", IndexedValueType::Keyword)
        .start();
    let client = client(&server);
    (server, client)
}

fn action() -> NewWorkflowExecutionInfo {
    NewWorkflowExecutionInfo {
        workflow_id: "report".to_owned(),
        workflow_type: workflow_type(),
        task_queue: task_queue(),
        ..NewWorkflowExecutionInfo::default()
    }
}

fn schedule_of(action: NewWorkflowExecutionInfo) -> Schedule {
    Schedule {
        spec: Some(ScheduleSpec {
            interval: vec![IntervalSpec {
                interval: seconds(3600),
                phase: None,
            }],
            ..ScheduleSpec::default()
        }),
        action: Some(ScheduleAction {
            action: Some(Action::StartWorkflow(action)),
        }),
        ..Schedule::default()
    }
}

fn creation(schedule_id: &str) -> CreateScheduleRequest {
    CreateScheduleRequest {
        namespace: namespace(),
        schedule_id: schedule_id.to_owned(),
        schedule: Some(schedule_of(action())),
        request_id: "create".to_owned(),
        ..CreateScheduleRequest::default()
    }
}

fn update(schedule_id: &str) -> UpdateScheduleRequest {
    UpdateScheduleRequest {
        namespace: namespace(),
        schedule_id: schedule_id.to_owned(),
        schedule: Some(schedule_of(action())),
        ..UpdateScheduleRequest::default()
    }
}

fn pause(schedule_id: &str) -> PatchScheduleRequest {
    PatchScheduleRequest {
        namespace: namespace(),
        schedule_id: schedule_id.to_owned(),
        patch: Some(SchedulePatch {
            pause: "lunch".to_owned(),
            ..SchedulePatch::default()
        }),
        ..PatchScheduleRequest::default()
    }
}

fn description(schedule_id: &str) -> DescribeScheduleRequest {
    DescribeScheduleRequest {
        namespace: namespace(),
        schedule_id: schedule_id.to_owned(),
    }
}

fn deletion(schedule_id: &str) -> DeleteScheduleRequest {
    DeleteScheduleRequest {
        namespace: namespace(),
        schedule_id: schedule_id.to_owned(),
        ..DeleteScheduleRequest::default()
    }
}

async fn described(client: &mut Client, schedule_id: &str) -> DescribeScheduleResponse {
    let described = client.describe_schedule(description(schedule_id)).await;
    described.unwrap().into_inner()
}

#[tokio::test]
async fn an_id_is_taken_once_and_a_request_answered_twice() {
    let (_server, mut client) = server();
    let first = client.create_schedule(creation("s")).await.unwrap();
    let again = client.create_schedule(creation("s")).await.unwrap();
    let token = first.into_inner().conflict_token;
    assert_eq!(token, again.into_inner().conflict_token);
    assert_eq!(&token[..], 1i64.to_be_bytes());
    let other = CreateScheduleRequest {
        request_id: "other".to_owned(),
        ..creation("s")
    };
    let status = client.create_schedule(other.clone()).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert_eq!(status.message(), "schedule \"s\" is already registered");
    assert!(!status.details().is_empty());
    client.delete_schedule(deletion("s")).await.unwrap();
    client.create_schedule(other).await.unwrap();
}

#[tokio::test]
async fn bad_schedules_are_refused() {
    let (_server, mut client) = server();
    let changed = |change: &dyn Fn(&mut NewWorkflowExecutionInfo)| {
        let mut action = action();
        change(&mut action);
        schedule_of(action)
    };
    let mut no_spec = schedule_of(action());
    no_spec.spec.get_or_insert_default().cron_string = vec!["x".to_owned()];
    for (schedule, message) in [
        (
            changed(&|action| action.cron_schedule = "* * * * *".to_owned()),
            "Scheduled workflow must not contain CronSchedule",
        ),
        (
            changed(&|action| {
                action.set_workflow_id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate);
            }),
            "Scheduled workflow must not contain WorkflowIDReusePolicy",
        ),
        (
            changed(&|action| action.workflow_id = "x".repeat(990)),
            "WorkflowId exceeds maximum allowed length (1011/1000)",
        ),
        (
            changed(&|action| action.workflow_type = None),
            "WorkflowType is not set on request.",
        ),
        (
            changed(&|action| action.task_queue = None),
            "missing task queue name",
        ),
        (
            changed(&|action| action.workflow_run_timeout = seconds(-1)),
            "An invalid WorkflowRunTimeoutSeconds is set on request. cause: negative duration",
        ),
        (
            changed(&|action| action.search_attributes = keyword("Nope", "x")),
            "Namespace default has no mapping defined for search attribute Nope",
        ),
        (
            no_spec,
            "Invalid schedule spec: CronString does not have 5-7 fields",
        ),
    ] {
        let request = CreateScheduleRequest {
            schedule: Some(schedule),
            ..creation("bad")
        };
        let status = client.create_schedule(request).await.unwrap_err();
        assert_eq!(
            (status.code(), status.message()),
            (Code::InvalidArgument, message)
        );
    }
    let status = client
        .describe_schedule(description("bad"))
        .await
        .unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (
            Code::NotFound,
            "workflow not found for ID: temporal-sys-scheduler:bad"
        )
    );
}

#[tokio::test]
async fn an_update_replaces_what_it_names_unless_others_came_before() {
    let (_server, mut client) = server();
    let request = CreateScheduleRequest {
        memo: Some(Memo {
            fields: [("owner".to_owned(), json("\"me\""))].into(),
        }),
        search_attributes: keyword("OrderStatus", "new"),
        ..creation("s")
    };
    client.create_schedule(request).await.unwrap();
    let before = described(&mut client, "s").await;
    client.patch_schedule(pause("s")).await.unwrap();
    let paused = described(&mut client, "s").await;
    assert_ne!(before.conflict_token, paused.conflict_token);
    assert_eq!(paused.schedule.unwrap().state.unwrap().notes, "lunch");
    let late = UpdateScheduleRequest {
        conflict_token: before.conflict_token,
        ..update("s")
    };
    let status = client.update_schedule(late).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(status.message(), "mismatched conflict token");
    let in_time = UpdateScheduleRequest {
        conflict_token: paused.conflict_token,
        ..update("s")
    };
    client.update_schedule(in_time).await.unwrap();
    let after = described(&mut client, "s").await;
    assert!(!after.schedule.unwrap().state.unwrap().paused);
    assert!(after.info.unwrap().update_time.is_some());
    assert_eq!(after.memo, before.memo);
    assert_eq!(after.search_attributes, before.search_attributes);
    let clearing = UpdateScheduleRequest {
        memo: Some(Memo::default()),
        search_attributes: Some(SearchAttributes::default()),
        ..update("s")
    };
    client.update_schedule(clearing).await.unwrap();
    let cleared = described(&mut client, "s").await;
    assert_eq!(cleared.memo.unwrap_or_default(), Memo::default());
    let attributes = cleared.search_attributes.unwrap_or_default();
    assert_eq!(attributes, SearchAttributes::default());
    let nothing = UpdateScheduleRequest {
        schedule: None,
        ..update("s")
    };
    let status = client.update_schedule(nothing).await.unwrap_err();
    assert_eq!(
        status.message(),
        "Only StartWorkflow action is supported for schedules"
    );
}

#[tokio::test]
async fn what_was_deleted_is_not_found() {
    let (_server, mut client) = server();
    client.create_schedule(creation("s")).await.unwrap();
    client.delete_schedule(deletion("s")).await.unwrap();
    let status = client
        .describe_schedule(description("s"))
        .await
        .unwrap_err();
    assert_eq!(status.message(), "schedule not found");
    let closed = "workflow execution already completed";
    let status = client.patch_schedule(pause("s")).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, closed));
    let status = client.update_schedule(update("s")).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, closed));
    let status = client.delete_schedule(deletion("s")).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, closed));
}

#[tokio::test]
async fn matching_times_are_those_of_the_window() {
    let (_server, mut client) = server();
    client.create_schedule(creation("s")).await.unwrap();
    let time = |seconds: i64| Some(Timestamp { seconds, nanos: 0 });
    let request = ListScheduleMatchingTimesRequest {
        namespace: namespace(),
        schedule_id: "s".to_owned(),
        start_time: time(3600),
        end_time: time(3 * 3600),
    };
    let times = client.list_schedule_matching_times(request.clone()).await;
    let times = times.unwrap().into_inner().start_time;
    let times: Vec<i64> = times.iter().map(|time| time.seconds).collect();
    assert_eq!(times, [7200, 10_800]);
    let endless = ListScheduleMatchingTimesRequest {
        end_time: None,
        ..request
    };
    let status = client
        .list_schedule_matching_times(endless)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

fn ids(listed: &ListSchedulesResponse) -> Vec<&str> {
    let schedules = listed.schedules.iter();
    schedules.map(|entry| entry.schedule_id.as_str()).collect()
}

#[tokio::test]
async fn schedules_are_listed_and_counted_by_their_attributes() {
    let (_server, mut client) = server();
    for (id, status) in [("a", "new"), ("b", "old"), ("c", "new")] {
        let request = CreateScheduleRequest {
            search_attributes: keyword("OrderStatus", status),
            ..creation(id)
        };
        client.create_schedule(request).await.unwrap();
    }
    client.patch_schedule(pause("a")).await.unwrap();
    for (query, expected) in [
        ("", &["c", "b", "a"][..]),
        ("OrderStatus = 'new'", &["c", "a"]),
        ("TemporalSchedulePaused = true", &["a"]),
        (
            "ScheduleId IN ('b', 'x') OR SchedulePaused = true",
            &["b", "a"],
        ),
    ] {
        let request = ListSchedulesRequest {
            namespace: namespace(),
            query: query.to_owned(),
            ..ListSchedulesRequest::default()
        };
        let listed = client.list_schedules(request).await.unwrap();
        assert_eq!(ids(listed.get_ref()), expected, "{query}");
        let request = CountSchedulesRequest {
            namespace: namespace(),
            query: query.to_owned(),
        };
        let counted = client.count_schedules(request).await.unwrap();
        assert_eq!(counted.into_inner().count, expected.len() as i64, "{query}");
    }
    let mut request = ListSchedulesRequest {
        namespace: namespace(),
        maximum_page_size: 2,
        ..ListSchedulesRequest::default()
    };
    let first = client
        .list_schedules(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(ids(&first), ["c", "b"]);
    let entry = first.schedules[0].info.as_ref().unwrap();
    assert_eq!(entry.workflow_type, workflow_type());
    assert_eq!(entry.future_action_times.len(), 5);
    request.next_page_token = first.next_page_token;
    let second = client
        .list_schedules(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(ids(&second), ["a"]);
    assert!(second.next_page_token.is_empty());
    request.next_page_token = "junk".into();
    assert!(client.list_schedules(request.clone()).await.is_err());
    request.query = "WorkflowId = 'x'".to_owned();
    let status = client.list_schedules(request).await.unwrap_err();
    assert_eq!(
        status.message(),
        "invalid query filter for schedules: cannot filter on \"WorkflowId\""
    );
}
