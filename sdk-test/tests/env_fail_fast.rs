//! Tests that fail at once, and say why.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use durably::prelude::*;
use durably_test::prelude::*;

#[workflow]
async fn broken(ctx: &WorkflowContext, panics: bool) -> WorkflowResult<()> {
    ctx.sleep(Duration::from_secs(60)).await?;
    assert!(!panics, "this is no good");
    Ok(())
}

#[workflow]
async fn parent(ctx: &WorkflowContext) -> WorkflowResult<()> {
    Ok(ctx.child(broken, true).workflow_id("the-child").await?)
}

async fn complaint(env: TestEnv) -> String {
    let ended = tokio::spawn(env.finish()).await;
    let panic = ended.expect_err("the checks fail").into_panic();
    *panic.downcast::<String>().expect("a text")
}

#[tokio::test]
async fn a_panic_of_a_child_ends_the_wait_for_its_parent() {
    let env = TestEnv::start().await;
    let _worker = env.worker("q").workflow(broken).workflow(parent).start();
    let begun = Instant::now();
    let client = env.client();
    let error = client.execute(parent, ()).task_queue("q").await;
    let error = error.unwrap_err().to_string();
    assert!(begun.elapsed() < Duration::from_secs(2));
    for wanted in [
        "a workflow task of workflow \"the-child\" (type broken) failed",
        "this is no good",
        "TimerFired",
        "+1m",
    ] {
        assert!(error.contains(wanted), "{wanted}\n{error}");
    }
    assert_eq!(complaint(env).await.lines().next(), failure_line(&error));
}

fn failure_line(error: &str) -> Option<&str> {
    let start = error.find("a workflow task of").expect("the cause");
    error[start..].lines().next()
}

#[tokio::test]
async fn input_that_cannot_be_read_ends_the_test() {
    let env = TestEnv::start().await;
    let _worker = env.worker("q").workflow(broken).start();
    let start = env.client().start_by_name("broken", Vec::new());
    let handle = start.task_queue("q").await.unwrap();
    let error = handle.result().await.unwrap_err().to_string();
    assert!(error.contains("cannot be read"), "{error}");
    complaint(env).await;
}

#[tokio::test]
async fn sleeping_tests_are_woken() {
    let env = TestEnv::start().await;
    let _worker = env.worker("q").workflow(broken).start();
    let start = env.client().start(broken, true);
    start.task_queue("q").await.unwrap();
    let slept = tokio::spawn(async move { env.sleep(Duration::from_secs(3600)).await }).await;
    let panic = slept.unwrap_err().into_panic();
    let text = panic.downcast::<String>().unwrap();
    assert!(text.contains("this is no good"), "{text}");
}

static IS_MENDED: AtomicBool = AtomicBool::new(false);

#[workflow]
async fn mended(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.sleep(Duration::from_secs(60)).await?;
    assert!(IS_MENDED.swap(true, Ordering::SeqCst), "not yet");
    Ok(())
}

#[tokio::test]
async fn tasks_may_fail_where_that_is_wanted() {
    let env = TestEnv::builder().no_fail_fast().start().await;
    let _worker = env.worker("q").workflow(mended).start();
    let handle = env.client().start(mended, ()).task_queue("q").await;
    handle.unwrap().result().await.unwrap();
    env.finish().await;
}

static HAS_RUN: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];

/// Not what it was when it ran.
#[workflow]
async fn changing(ctx: &WorkflowContext, index: usize) -> WorkflowResult<()> {
    if !HAS_RUN[index].swap(true, Ordering::SeqCst) {
        ctx.sleep(Duration::from_secs(60)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn histories_that_do_not_replay_fail_the_test() {
    let env = TestEnv::start().await;
    let worker = env.worker("q").workflow(changing).start();
    let start = env.client().start(changing, 0_usize).workflow_id("changed");
    let handle = start.task_queue("q").await.unwrap();
    handle.result().await.unwrap();
    worker.stop().await;
    let text = complaint(env).await;
    for wanted in [
        "the history of workflow \"changed\" (type changing) does not replay",
        "TimerStarted                      1 of 1m",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[tokio::test]
async fn the_replay_check_can_be_left_out() {
    let env = TestEnv::builder().no_replay_check().start().await;
    let _worker = env.worker("q").workflow(changing).start();
    let handle = env.client().start(changing, 1_usize).task_queue("q").await;
    handle.unwrap().result().await.unwrap();
    env.finish().await;
}
