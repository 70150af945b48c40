//! Time that a workflow skips by itself, beside the clock of a server in this process; and handles that
//! have time skipped, on any server.

use std::time::Duration;

use durably::options::TimeSkipping;
use durably::prelude::*;
use durably_test::prelude::*;
use durably_test::server::ClockMode;

use crate::bench::{Bench, enabled, fast_forward};
use crate::commands::{complete, timer};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn the_servers_clock_stands_still_meanwhile() {
    let mut bench = Bench::embedded(ClockMode::Manual).await;
    let server = bench.server.clone().unwrap();
    let before = server.now();
    bench.start(enabled()).await;
    bench.turn(vec![timer("t", 3600)]).await;
    bench.turn(vec![complete()]).await;
    assert_eq!(server.now(), before);
    let events = bench.events("").await;
    // To the nanosecond.
    let (first, last) = (
        events[0].event_time.unwrap(),
        events[10].event_time.unwrap(),
    );
    assert_eq!(
        (last.seconds - first.seconds, last.nanos),
        (3600, first.nanos)
    );

    // A workflow without a config beside it waits for the server's clock.
    bench.id.push_str("-plain");
    bench.try_start(None, |_| ()).await.unwrap();
    bench.turn(vec![timer("t", 3600)]).await;
    assert_eq!(bench.kinds().await.len(), 5);
    server.advance(Duration::from_secs(3600)).await;
    assert_eq!(bench.kinds().await.len(), 7);
}

#[tokio::test]
async fn both_clocks_add_up() {
    let mut bench = Bench::embedded(ClockMode::Manual).await;
    let server = bench.server.clone().unwrap();
    bench.start(fast_forward("a", 600)).await;
    bench.turn(vec![timer("t", 3600)]).await;
    assert_eq!(bench.wait("", "a").await.unwrap().1, "");
    server.advance(Duration::from_secs(2999)).await;
    assert_eq!(bench.kinds().await.len(), 6);
    server.advance(Duration::from_secs(1)).await;
    assert_eq!(bench.kinds().await[6], "TIMER_FIRED");
    let events = bench.events("").await;
    let apart = events[6].event_time.unwrap().seconds - events[0].event_time.unwrap().seconds;
    assert_eq!(apart, 3600);
    let info = bench.info().await.unwrap();
    assert_eq!(info.current_time, events[6].event_time);
    assert_eq!(info.current_session_skip_count, 1);
    assert!(info.fast_forward_info.unwrap().has_completed);
}

#[tokio::test]
async fn a_reset_run_goes_on_at_its_time() {
    use durably_protos::temporal::api::workflowservice::v1::ResetWorkflowExecutionRequest;

    let mut bench = Bench::embedded(ClockMode::Manual).await;
    let run_id = bench.start(fast_forward("a", 1000)).await;
    bench.turn(vec![timer("t", 100)]).await;
    bench.turn(vec![timer("u", 5000)]).await;
    let request = ResetWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        workflow_execution: bench.execution(&run_id),
        reason: "again".to_owned(),
        workflow_task_finish_event_id: 9,
        request_id: "reset".to_owned(),
        ..ResetWorkflowExecutionRequest::default()
    };
    bench
        .client
        .reset_workflow_execution(request)
        .await
        .unwrap();
    let events = bench.events("").await;
    let since = |place: usize| {
        events[place].event_time.unwrap().seconds - events[0].event_time.unwrap().seconds
    };
    assert_eq!((since(6), since(9)), (100, 100), "{events:#?}");
    bench.turn(vec![timer("v", 7000)]).await;
    assert_eq!(bench.wait("", "a").await.unwrap().1, "");
    bench.terminate().await;
}

#[workflow]
async fn trial(ctx: &WorkflowContext) -> WorkflowResult<u64> {
    let begun = ctx.now();
    ctx.sleep(30 * DAY).await?;
    Ok(ctx
        .now()
        .duration_since(begun)
        .unwrap_or_default()
        .as_secs()
        / DAY.as_secs())
}

#[tokio::test]
async fn handles_fast_forward() {
    // Nothing is skipped here but by the workflow.
    let builder = match Bench::begin().await.server {
        Some(_) => TestEnv::builder().server(|server| server.clock(ClockMode::RealTime)),
        None => TestEnv::builder().connect(std::env::var("TEMPORAL_ADDRESS").unwrap()),
    };
    let env = builder.start().await;
    let _worker = env.worker("trials").workflow(trial).start();
    let started = env.client().start(trial, ()).task_queue("trials");
    let skipping = TimeSkipping::enabled().fast_forward("first", 10 * DAY);
    let handle = started.time_skipping(skipping).await.unwrap();
    handle.wait_for_fast_forward("first").await.unwrap();
    handle.fast_forward(19 * DAY).await.unwrap();
    let described = handle.describe().await.unwrap();
    let info = described.raw().workflow_extended_info.clone().unwrap();
    let now = info
        .time_skipping_info
        .unwrap()
        .current_time
        .unwrap()
        .seconds;
    let start = info.original_start_time.unwrap().seconds;
    assert_eq!((now - start) / 86_400, 29);

    let missed = handle.fast_forward(2 * DAY).await.unwrap_err();
    assert!(missed.to_string().contains("ended before"), "{missed}");
    assert_eq!(handle.result().await.unwrap(), 30);
    let closed = handle.fast_forward(DAY).await.unwrap_err();
    assert!(closed.to_string().contains("not running"), "{closed}");
    env.finish().await;
}
