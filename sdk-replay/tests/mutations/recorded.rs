//! Recording a history both while it is open and at its end.

use std::time::Duration;

use durably::client::WorkflowHandle;
use durably::definition::WorkflowDefinition;
use durably_protos::temporal::api::history::v1::History;
use durably_test::TestEnv;
use durably_test::env::TestWorkerBuilder;

use crate::events::event_id;

/// A run's history.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) completed: History,
    /// As it was on its way.
    pub(crate) open: History,
}

/// Starts a workflow and records it; the history is fetched for the first time when it has the event
/// that `open_at` names. `$act` is what is done meanwhile.
macro_rules! record {
    ($workflow:path, $input:expr, $open_at:expr) => {
        crate::recorded::record!($workflow, $input, $open_at, async |_, _| {})
    };
    ($workflow:path, $input:expr, $open_at:expr, $act:expr) => {{
        let env = crate::recorded::environment().await;
        let _worker = crate::recorded::worker(&env).workflow($workflow).start();
        let paused = env.pause_skipping();
        let start = env.client().start($workflow, $input);
        let handle = start
            .task_queue("mutants")
            .workflow_id("order-7")
            .await
            .unwrap();
        crate::recorded::acted(&env, &handle, $act).await;
        let open = crate::recorded::history_with(&env, &handle, $open_at).await;
        drop(paused);
        handle.result().await.unwrap();
        let completed = env.history(&handle).await;
        env.finish().await;
        crate::recorded::Recorded { completed, open }
    }};
}

pub(crate) use record;

pub(crate) async fn environment() -> TestEnv {
    use durably_protos::temporal::api::enums::v1::IndexedValueType::{Int, Keyword};
    TestEnv::builder()
        .search_attribute("OrderStatus", Keyword)
        .search_attribute("OrderCents", Int)
        .start()
        .await
}

pub(crate) fn worker(env: &TestEnv) -> TestWorkerBuilder {
    crate::activities::with_activities(env.worker("mutants"))
        .workflow(crate::activities::parcel)
        .workflow(crate::activities::letter)
}

/// Fixes the types of what is done meanwhile.
pub(crate) async fn acted<W: WorkflowDefinition>(
    env: &TestEnv,
    handle: &WorkflowHandle<W>,
    act: impl AsyncFnOnce(&TestEnv, &WorkflowHandle<W>),
) {
    act(env, handle).await;
}

/// The history as soon as it has an event.
pub(crate) async fn history_with<W: WorkflowDefinition>(
    env: &TestEnv,
    handle: &WorkflowHandle<W>,
    event: &str,
) -> History {
    for _ in 0..2_000 {
        let history = env.history(handle).await;
        if event_id(&history, event).is_some() {
            return history;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("no {event} in 10 seconds")
}
