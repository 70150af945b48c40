//! For what code waits, and where (protocol 5.4).

use durably_engine::{ChildCancellationType, NexusCancellationType};
use expect_test::expect;
use futures_util::future::join_all;

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::history;
use crate::support::workflow;

#[test]
fn everything_that_is_awaited_is_named_with_its_place() {
    let waiting = workflow(async |run| {
        let started = [
            run.ctx.spawn({
                let run = run.clone();
                async move {
                    let _ = run.timer(9).await;
                }
            }),
            run.ctx.spawn({
                let run = run.clone();
                async move {
                    let _ = run.activity("charge").await;
                }
            }),
            run.ctx.spawn({
                let run = run.clone();
                async move {
                    let _ = run.local("quick").await;
                }
            }),
            run.ctx.spawn({
                let run = run.clone();
                async move {
                    let _ = run.child("one", ChildCancellationType::default()).await;
                }
            }),
            run.ctx.spawn({
                let run = run.clone();
                async move {
                    let _ = run.nexus("pay", NexusCancellationType::default()).await;
                }
            }),
            run.ctx.spawn({
                let run = run.clone();
                async move {
                    let _ = run.signal("other", "hello").await;
                }
            }),
            run.ctx.spawn({
                let run = run.clone();
                async move {
                    let _ = run.cancel("other").await;
                }
            }),
            run.ctx.spawn({
                let run = run.clone();
                async move {
                    run.logged(9).await;
                }
            }),
            run.ctx.spawn({
                let run = run.clone();
                async move {
                    let _ = run.ctx.canceled().await;
                }
            }),
        ];
        run.activity("detached").detach();
        join_all(started).await;
        run.complete_with_log()
    });
    let mut run = run_of(&waiting.rc());
    let events = history("WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted");
    let _ = execute(&mut run, task(3), &events, 9);
    let waits = run.context().expect("it has begun").waits();
    let text: Vec<String> = waits.iter().map(|wait| wait.what.to_string()).collect();
    expect![[r#"
        timer (id 1)
        activity "charge" (id 2)
        local activity "quick"
        child workflow "kind" (id one)
        Nexus operation "pay" of service "service"
        a signal to another workflow
        a cancel request to another workflow
        a condition
        a cancellation"#]]
    .assert_eq(&text.join("\n"));
    let here = waits.iter().filter_map(|wait| wait.place);
    assert_eq!(here.clone().count(), 8);
    for place in here {
        assert!(
            place.file().starts_with("sdk-engine/tests/engine/"),
            "{place}"
        );
    }
    assert!(
        waits[0]
            .to_string()
            .starts_with("timer (id 1) at sdk-engine/tests/engine/waits.rs:")
    );
}
