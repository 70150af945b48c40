//! Fast-forwards: how far, how they end, and what those who wait for them are told.

use std::time::Duration;

use durably_protos::temporal::api::common::v1::TimeSkippingConfig;
use durably_protos::temporal::api::enums::v1::FastForwardPollingResult as Polled;
use durably_protos::temporal::api::history::v1::WorkflowExecutionTimeSkippingTransitionedEventAttributes as Transitioned;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use tonic::Code;

use crate::bench::{Bench, assert_apart, enabled, fast_forward, seconds};
use crate::commands::{activity, complete, continue_as_new, timer};

const OPTION: &str = "time_skipping_config";
const OTHER_ID: &str =
    "the requested fast_forward_id does not match the execution's current fast-forward";
const RESET: &str = "the fast-forward was reset";
const ENDED: &str = "the execution ended before the fast-forward completed";
const DISABLED: &str = "time skipping was disabled before the fast-forward completed";

async fn transitions(bench: &mut Bench) -> Vec<Transitioned> {
    let events = bench.events("").await;
    let attributes = events.into_iter().filter_map(|event| event.attributes);
    attributes
        .filter_map(|attributes| match attributes {
            A::WorkflowExecutionTimeSkippingTransitionedEventAttributes(transitioned) => {
                Some(*transitioned)
            }
            _ => None,
        })
        .collect()
}

fn completed() -> (Polled, String) {
    (Polled::FastForwardCompleted, String::new())
}

fn failed(reason: &str) -> (Polled, String) {
    (Polled::FastForwardFailed, reason.to_owned())
}

#[tokio::test]
async fn a_fast_forward_ends_at_its_target() {
    let mut bench = Bench::begin().await;
    bench.start(fast_forward("a", 100)).await;
    let wait = tokio::spawn(bench.wait("", "a"));
    bench.turn(vec![timer("t", 3600)]).await;
    assert_eq!(wait.await.unwrap().unwrap(), completed());
    let skips = transitions(&mut bench).await;
    assert!(skips[0].disabled_after_fast_forward);
    let events = bench.events("").await;
    assert_apart(
        events[0].event_time.as_ref(),
        skips[0].target_time.as_ref(),
        100,
    );
    assert!(
        !bench
            .info()
            .await
            .unwrap()
            .effective_config
            .unwrap()
            .enabled
    );
    assert_eq!(bench.wait("", "a").await.unwrap(), completed());
    assert_eq!(bench.wait("", "b").await.unwrap(), failed(OTHER_ID));

    // The next one begins where this one ended, and gets as far as the timer.
    let set = bench.set(Some(fast_forward("b", 7200)), OPTION).await;
    assert!(set.unwrap().unwrap().enabled);
    bench.turn(vec![complete()]).await;
    assert_eq!(bench.wait("", "b").await.unwrap(), failed(ENDED));
    let skips = transitions(&mut bench).await;
    assert!(!skips[1].disabled_after_fast_forward);
    assert_apart(
        events[0].event_time.as_ref(),
        skips[1].target_time.as_ref(),
        3600,
    );
}

#[tokio::test]
async fn a_fast_forward_of_an_idle_workflow_ends_at_once() {
    let mut bench = Bench::begin().await;
    bench.try_start(None, |_| ()).await.unwrap();
    bench.turn(vec![timer("t", 3600)]).await;
    assert_eq!(bench.info().await, None);
    assert_eq!(bench.wait("", "a").await.unwrap(), failed(OTHER_ID));
    // The same one twice is two.
    for _ in 0..2 {
        let set = bench
            .set(Some(fast_forward("a", 50)), OPTION)
            .await
            .unwrap();
        assert!(!set.unwrap().enabled);
        assert_eq!(bench.wait("", "a").await.unwrap(), completed());
    }
    assert_eq!(bench.set(None, OPTION).await.unwrap(), None);
    let events = bench.events("").await;
    let info = bench.info().await.unwrap();
    assert_eq!(info.effective_config, None);
    assert_apart(
        events[0].event_time.as_ref(),
        info.current_time.as_ref(),
        100,
    );
    let kinds = bench.kinds().await;
    let wanted = [
        "WORKFLOW_EXECUTION_OPTIONS_UPDATED",
        "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED",
        "WORKFLOW_EXECUTION_OPTIONS_UPDATED",
        "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED",
        "WORKFLOW_EXECUTION_OPTIONS_UPDATED",
    ];
    assert_eq!(kinds[5..], wanted);
    let updated = match &events[5].attributes {
        Some(A::WorkflowExecutionOptionsUpdatedEventAttributes(updated)) => updated,
        other => panic!("{other:?}"),
    };
    // It is written as it is after the skip.
    assert!(updated.time_skipping_config_updated);
    assert!(!updated.time_skipping_config.as_ref().unwrap().enabled);
    bench.terminate().await;
}

#[tokio::test]
async fn the_target_of_a_busy_workflow_comes_by_itself() {
    let mut bench = Bench::begin().await;
    bench.start(fast_forward("a", 2)).await;
    let command = activity(&bench);
    bench.turn(vec![command, timer("t", 600)]).await;
    assert_eq!(bench.wait("", "a").await.unwrap(), completed());
    let skips = transitions(&mut bench).await;
    assert_eq!((skips.len(), skips[0].target_time), (1, None));
    assert!(skips[0].disabled_after_fast_forward);
    bench.terminate().await;
}

#[tokio::test]
async fn a_fast_forward_goes_on_in_the_next_run() {
    let mut bench = Bench::begin().await;
    let first = bench.start(fast_forward("a", 1000)).await;
    let wait = tokio::spawn(bench.wait(&first, "a"));
    bench.turn(vec![timer("t", 100)]).await;
    bench.turn(vec![continue_as_new()]).await;
    bench.turn(vec![timer("u", 5000)]).await;
    assert_eq!(wait.await.unwrap().unwrap(), completed());
    let skips = transitions(&mut bench).await;
    let first = bench.events(&first).await;
    assert_apart(
        first[0].event_time.as_ref(),
        skips[0].target_time.as_ref(),
        1000,
    );
    bench.terminate().await;
}

#[tokio::test]
async fn who_waits_is_told_why_nothing_comes_of_it() {
    let disabled = TimeSkippingConfig::default();
    let changes = [
        (Some(fast_forward("b", 1000)), OTHER_ID),
        (Some(fast_forward("a", 1000)), RESET),
        (Some(disabled), OTHER_ID),
        (None, OTHER_ID),
    ];
    for (config, reason) in changes {
        let mut bench = Bench::begin().await;
        bench.start(fast_forward("a", 1000)).await;
        let wait = tokio::spawn(bench.wait("", "a"));
        tokio::time::sleep(Duration::from_millis(300)).await;
        bench.set(config, OPTION).await.unwrap();
        assert_eq!(wait.await.unwrap().unwrap(), failed(reason));
        bench.terminate().await;
    }
    let mut bench = Bench::begin().await;
    bench.start(fast_forward("a", 1000)).await;
    let wait = tokio::spawn(bench.wait("", "a"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    bench.terminate().await;
    assert_eq!(wait.await.unwrap().unwrap(), failed(ENDED));
    assert_eq!(bench.wait("", "a").await.unwrap(), failed(ENDED));

    let once = TimeSkippingConfig {
        max_session_skip_count: 1,
        ..fast_forward("a", 1000)
    };
    let mut bench = Bench::begin().await;
    bench.start(once).await;
    bench.turn(vec![timer("t", 500)]).await;
    bench.turn(vec![]).await;
    assert_eq!(bench.wait("", "a").await.unwrap(), failed(DISABLED));
    bench.terminate().await;
}

#[tokio::test]
async fn bad_configs_are_refused() {
    const NO_ID: &str = "Time skipping config invalid: fast_forward_id must be set";
    const NOT_POSITIVE: &str =
        "Time skipping config invalid: fast_forward duration must be positive";
    let without_duration = {
        let mut config = fast_forward("a", 1);
        config.fast_forward_config.as_mut().unwrap().duration = None;
        config
    };
    let not_enabled = TimeSkippingConfig {
        enabled: false,
        ..fast_forward("a", 1)
    };
    let bad = [
        (fast_forward("", 1), NO_ID),
        (fast_forward("  ", 1), NO_ID),
        (fast_forward("a", 0), NOT_POSITIVE),
        (fast_forward("a", -1), NOT_POSITIVE),
        (without_duration, NOT_POSITIVE),
        (
            not_enabled,
            "time_skipping_config: cannot set fast_forward when enabled is false",
        ),
    ];
    let mut bench = Bench::begin().await;
    bench.try_start(None, |_| ()).await.unwrap();
    for (config, text) in bad {
        let started = bench.try_start(Some(config.clone()), |_| ()).await;
        let refused = started.unwrap_err();
        assert_eq!(
            (refused.code(), refused.message()),
            (Code::InvalidArgument, text)
        );
        // Even if the mask leaves it out.
        let refused = bench.set(Some(config), "priority").await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.message()),
            (Code::InvalidArgument, text)
        );
    }
    let part = bench.set(Some(enabled()), "time_skipping_config.enabled");
    let refused = part.await.unwrap_err();
    assert_eq!(
        refused.message(),
        "error applying update_options: time_skipping_config doesn't support partial update"
    );
    let refused = bench.wait("", " ").await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::InvalidArgument, NO_ID)
    );
    bench.terminate().await;
    bench.id = "there-is-no-such".to_owned();
    let refused = bench.wait("", "a").await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test]
async fn timeouts_are_before_targets() {
    let mut bench = Bench::begin().await;
    let limited = bench.try_start(Some(fast_forward("a", 5000)), |request| {
        request.workflow_execution_timeout = seconds(1000);
    });
    limited.await.unwrap();
    let wait = tokio::spawn(bench.wait("", "a"));
    bench.turn(vec![]).await;
    assert_eq!(wait.await.unwrap().unwrap(), failed(ENDED));
}
