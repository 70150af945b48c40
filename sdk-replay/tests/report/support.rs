//! Recording a history, and replaying it with changed code.

use durably::replay::{Replayer, TracedReplay};
use durably_protos::temporal::api::history::v1::History;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_replay::report::{Examination, Finding, Outcome};
use durably_test::TestEnv;

/// Records the history of a workflow with the argument `order-7`.
macro_rules! record {
    ($workflow:path) => {{
        let env = crate::support::environment().await;
        let _worker = crate::support::worker(&env).workflow($workflow).start();
        let start = env.client().start($workflow, "order-7".to_owned());
        let start = start.task_queue("orders").workflow_id("order-7");
        let handle = start.await.unwrap();
        handle.result().await.unwrap();
        let history = crate::support::settled(env.history(&handle).await);
        env.finish().await;
        history
    }};
}

/// Replays a history with a workflow.
macro_rules! replay {
    ($history:expr, $workflow:path) => {
        durably::replay::Replayer::new()
            .workflow($workflow)
            .unwrap()
            .replay_traced($history.clone())
    };
}

/// What is found when a workflow's history is replayed with another's code.
macro_rules! finding {
    ($recorded:path, $replayed:path) => {{
        let history = crate::support::record!($recorded);
        let traced = crate::support::replay!(history, $replayed);
        crate::support::finding_of(&history, &traced)
    }};
}

pub(crate) use {finding, record, replay};

pub(crate) async fn environment() -> TestEnv {
    TestEnv::builder().start().await
}

pub(crate) fn worker(env: &TestEnv) -> durably_test::env::TestWorkerBuilder {
    use crate::orders::*;
    env.worker("orders")
        .workflow(parcel)
        .activity(reserve)
        .activity(charge)
        .activity(charge_card)
        .activity(ship)
        .activity(mail)
}

/// The history with times that are the same in each run of the tests: a second for each event.
pub(crate) fn settled(mut history: History) -> History {
    for event in &mut history.events {
        if let Some(time) = &mut event.event_time {
            (time.seconds, time.nanos) = (1_700_000_000 + event.event_id, 0);
        }
        if let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) =
            &mut event.attributes
        {
            "run-1".clone_into(&mut started.original_execution_run_id);
            "order-7".clone_into(&mut started.workflow_id);
        }
    }
    history
}

pub(crate) fn finding_of(history: &History, traced: &TracedReplay) -> Finding {
    match Examination::new("histories/order-7.json", history, traced).outcome() {
        Outcome::Failed(finding) => *finding,
        Outcome::Passed(_) => panic!("the replay passed"),
    }
}

/// A replayer that knows nothing.
pub(crate) fn nobody() -> Replayer {
    Replayer::new()
}
