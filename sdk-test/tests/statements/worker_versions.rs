//! What a run tells of the workers that worked on it, and what stays of that and of its options after a reset.

#![expect(
    deprecated,
    reason = "what workers without versioning send, and servers tell of them"
)]

use durably_protos::google::protobuf::FieldMask;
use durably_protos::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::common::v1::{Priority, WorkerVersionStamp};
use durably_protos::temporal::api::enums::v1::{EventType as E, ResetReapplyType};
use durably_protos::temporal::api::workflow::v1::{
    ResetPointInfo, WorkflowExecutionInfo, WorkflowExecutionOptions,
};
use durably_protos::temporal::api::workflowservice::v1::{
    ListWorkflowExecutionsRequest, ResetWorkflowExecutionRequest,
    UpdateWorkflowExecutionOptionsRequest,
};

use crate::bench::{Bench, NAMESPACE, call};
use crate::commands::{child_of, continue_as_new, start_child};
use crate::events::attributes;
use crate::run::Run;

/// Answers the next workflow task as a worker of this build.
async fn turn_as(run: &Run, build_id: &str, checksum: &str) {
    run.signal("go").await;
    let task = run.task().await;
    let mut answer = run.answer(&task, vec![]);
    checksum.clone_into(&mut answer.binary_checksum);
    answer.worker_version_stamp = (!build_id.is_empty()).then(|| WorkerVersionStamp {
        build_id: build_id.to_owned(),
        use_versioning: false,
    });
    call!(run.bench, respond_workflow_task_completed, answer).unwrap();
}

async fn info(run: &Run) -> WorkflowExecutionInfo {
    run.describe().await.workflow_execution_info.unwrap()
}

fn points(info: &WorkflowExecutionInfo) -> Vec<ResetPointInfo> {
    let points = info.auto_reset_points.clone();
    points.map_or_else(Vec::new, |points| points.points)
}

fn attribute(info: &WorkflowExecutionInfo, name: &str) -> Option<String> {
    let attributes = &info.search_attributes.as_ref()?.indexed_fields;
    let text = String::from_utf8_lossy(&attributes.get(name)?.data);
    Some(text.into_owned())
}

#[tokio::test]
async fn each_version_of_a_worker_leaves_a_point_to_reset_to() {
    let bench = Bench::begin();
    let run = bench.start().await;
    assert_eq!(points(&info(&run).await), []);
    turn_as(&run, "", "").await;
    let described = info(&run).await;
    let first = &points(&described)[0];
    assert_eq!(first.first_workflow_task_completed_id, 5);
    assert_eq!((&*first.run_id, first.resettable), (&*run.run_id, true));
    assert_eq!(
        attribute(&described, "BuildIds").unwrap(),
        "[\"unversioned\"]"
    );
    assert_eq!(attribute(&described, "BinaryChecksums"), None);
    for (build_id, checksum) in [
        ("one", "sum"),
        ("", "sum"),
        ("two", ""),
        ("one", "sum"),
        ("", ""),
    ] {
        turn_as(&run, build_id, checksum).await;
        let stamp = info(&run).await.most_recent_worker_version_stamp;
        assert_eq!(stamp.unwrap_or_default().build_id, build_id);
    }
    let described = info(&run).await;
    let seen = points(&described);
    let seen = seen
        .iter()
        .map(|point| (&*point.build_id, &*point.binary_checksum));
    let expected = [("", ""), ("one", "sum"), ("", "sum"), ("two", "")];
    assert_eq!(seen.collect::<Vec<_>>(), expected);
    assert_eq!(
        attribute(&described, "BuildIds").unwrap(),
        r#"["unversioned","unversioned:one","unversioned:two"]"#
    );
    assert_eq!(
        attribute(&described, "BinaryChecksums").unwrap(),
        r#"["sum","sum"]"#
    );
    let listed = bench
        .until("the run in the list", async || {
            let list = ListWorkflowExecutionsRequest {
                namespace: NAMESPACE.to_owned(),
                query: format!(
                    "WorkflowId = '{}' AND BuildIds = 'unversioned:two'",
                    run.workflow_id
                ),
                ..ListWorkflowExecutionsRequest::default()
            };
            let listed = call!(bench, list_workflow_executions, list).unwrap();
            listed.executions.into_iter().next()
        })
        .await;
    assert_eq!(listed.auto_reset_points, None);
    assert!(attribute(&listed, "BuildIds").is_some());
}

#[tokio::test]
async fn twenty_points_are_kept_and_none_is_for_runs_with_children() {
    let bench = Bench::begin();
    let run = bench.start().await;
    for number in 0..22 {
        turn_as(&run, "", &format!("sum{number}")).await;
    }
    let kept = points(&info(&run).await);
    assert_eq!((kept.len(), &*kept[0].binary_checksum), (20, "sum2"));
    let run = bench.start().await;
    let child = child_of(&format!("{}-child", run.workflow_id));
    run.turn(vec![start_child(child)]).await;
    let started = run.types_to(5, E::WorkflowTaskScheduled);
    started.await;
    turn_as(&run, "one", "").await;
    let described = points(&info(&run).await);
    let resettable: Vec<_> = described.iter().map(|point| point.resettable).collect();
    assert_eq!(resettable, [true, false]);
}

#[tokio::test]
async fn the_points_go_on_with_the_runs_that_follow() {
    let bench = Bench::begin();
    let run = bench.start().await;
    bench.pass(2).await;
    let again = ContinueAsNewWorkflowExecutionCommandAttributes::default();
    run.turn(vec![continue_as_new(again)]).await;
    let next = run.current().await;
    let begun = attributes!(next.event(1).await, WorkflowExecutionStartedEventAttributes);
    // Nor is there a backoff, which a run that is started has as zero.
    assert_eq!(begun.first_workflow_task_backoff, None);
    let inherited = begun.prev_auto_reset_points.unwrap().points;
    assert_eq!(inherited.len(), 1);
    assert_eq!(inherited[0].run_id, run.run_id);
    assert!(inherited[0].expire_time.is_some());
    let described = info(&next).await;
    assert_eq!(points(&described), inherited);
    assert_eq!(attribute(&described, "BuildIds"), None);
}

#[tokio::test]
async fn options_stay_after_a_reset_that_takes_nothing_else_over() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![]).await;
    for priority_key in [2, 3] {
        let options = WorkflowExecutionOptions {
            priority: Some(Priority {
                priority_key,
                ..Priority::default()
            }),
            ..WorkflowExecutionOptions::default()
        };
        let update = UpdateWorkflowExecutionOptionsRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_execution: run.execution(),
            workflow_execution_options: Some(options),
            update_mask: Some(FieldMask {
                paths: vec!["priority".to_owned()],
            }),
            ..UpdateWorkflowExecutionOptionsRequest::default()
        };
        call!(bench, update_workflow_execution_options, update).unwrap();
        run.signal("left out").await;
    }
    let reset = ResetWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_execution: run.execution(),
        workflow_task_finish_event_id: 4,
        request_id: format!("reset-{}", run.run_id),
        reset_reapply_type: ResetReapplyType::None.into(),
        ..ResetWorkflowExecutionRequest::default()
    };
    call!(bench, reset_workflow_execution, reset).unwrap();
    let run = run.current().await;
    let expected = [
        E::WorkflowTaskFailed,
        E::WorkflowExecutionOptionsUpdated,
        E::WorkflowExecutionOptionsUpdated,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(4).await, expected);
    let described = info(&run).await;
    assert_eq!(described.priority.as_ref().unwrap().priority_key, 3);
    assert_eq!(points(&described), []);
}
