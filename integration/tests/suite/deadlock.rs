//! Workflow code that blocks its thread: it is found, reported, and does not stop the others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

/// Lets the blocked thread go, so that the test can end.
static RELEASED: AtomicBool = AtomicBool::new(false);

fn block() {
    while !RELEASED.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[workflow]
async fn blocks(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    block();
    Ok(())
}

#[workflow]
async fn works(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    ctx.sleep(Duration::from_millis(10)).await?;
    Ok(7)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_workflows_go_on() {
    let test = Test::begin().await;
    let worker = test.worker(|worker| {
        let worker = worker.workflow(blocks).workflow(works).workflow_threads(1);
        worker.deadlock_timeout(Duration::from_millis(500))
    });
    let blocked = test.start(blocks, ()).await;
    let events = test
        .until_event(&blocked, EventType::WorkflowTaskFailed)
        .await;
    let message = events.task_failure().unwrap().message.clone();
    assert!(
        message.contains("[TMPRL1101]") && message.contains("blocks"),
        "{message}"
    );
    for _ in 0..5 {
        let handle = test.start(works, ()).await;
        // What was handed to the blocked thread just before must time out.
        assert_eq!(test.result_of_troubled(&handle).await.unwrap(), 7);
    }
    RELEASED.store(true, Ordering::SeqCst);
    test.result_of_troubled(&blocked).await.unwrap();
    worker.stop().await;
}
