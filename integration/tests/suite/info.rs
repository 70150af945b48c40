//! What workflows and activities know of themselves.

use std::time::Duration;

use durably::prelude::*;
use durably_integration::Test;
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    namespace: String,
    workflow_id: String,
    run_id: String,
    kind: String,
    task_queue: String,
    attempt: u32,
    timeouts: Vec<Option<Duration>>,
    others: Vec<String>,
}

#[activity(
    start_to_close_timeout = "11s",
    schedule_to_close_timeout = "22s",
    heartbeat_timeout = "3s"
)]
async fn tells(ctx: &ActivityContext) -> ActivityResult<Known> {
    let info = ctx.info();
    if info.task_token.is_empty() || info.scheduled_time > info.started_time || info.is_local {
        return Err(format!("{info:?}").into());
    }
    Ok(Known {
        namespace: info.namespace.clone(),
        workflow_id: info.workflow_id.clone(),
        run_id: info.run_id.clone(),
        kind: format!("{} of {}", info.activity_type, info.workflow_type),
        task_queue: info.task_queue.clone(),
        attempt: info.attempt,
        timeouts: vec![
            info.start_to_close_timeout,
            info.schedule_to_close_timeout,
            info.heartbeat_timeout,
        ],
        others: vec![info.activity_id.clone()],
    })
}

#[workflow]
async fn told(ctx: &WorkflowContext) -> WorkflowResult<(Known, Known)> {
    let info = ctx.info();
    let own = Known {
        namespace: info.namespace().to_owned(),
        workflow_id: info.workflow_id().to_owned(),
        run_id: info.run_id().to_owned(),
        kind: info.workflow_type().to_owned(),
        task_queue: info.task_queue().to_owned(),
        attempt: info.attempt(),
        timeouts: vec![
            info.execution_timeout(),
            info.run_timeout(),
            info.task_timeout(),
        ],
        others: vec![
            format!("{:?} {:?}", info.parent().is_some(), info.cron_schedule()),
            format!(
                "{} {}",
                info.history_length(),
                info.continue_as_new_suggested()
            ),
            format!(
                "{}",
                info.first_run_id() == info.run_id() && info.original_run_id() == info.run_id()
            ),
        ],
    };
    let of_activity = ctx.activity(tells, ()).await?;
    if ctx.info().history_length() <= 3 {
        return Err("the history does not grow".into());
    }
    Ok((own, of_activity))
}

#[tokio::test]
async fn ids_queues_and_timeouts() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(told).activity(tells));
    let minute = Duration::from_secs(60);
    let start = test
        .starting(told, ())
        .workflow_execution_timeout(2 * minute)
        .workflow_run_timeout(minute);
    let handle = start
        .workflow_task_timeout(Duration::from_secs(8))
        .await
        .unwrap();
    let (workflow, activity) = test.result(&handle).await.unwrap();
    let common = || Known {
        namespace: test.client().namespace().to_owned(),
        workflow_id: handle.workflow_id().to_owned(),
        run_id: handle.run_id().unwrap().to_owned(),
        task_queue: test.task_queue().to_owned(),
        attempt: 1,
        ..Known::default()
    };
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(
        workflow,
        Known {
            kind: "told".to_owned(),
            timeouts: vec![seconds(120), seconds(60), seconds(8)],
            others: vec![
                "false None".to_owned(),
                "3 false".to_owned(),
                "true".to_owned()
            ],
            ..common()
        }
    );
    assert_eq!(
        activity,
        Known {
            kind: "tells of told".to_owned(),
            timeouts: vec![seconds(11), seconds(22), seconds(3)],
            others: vec!["1".to_owned()],
            ..common()
        }
    );
}
