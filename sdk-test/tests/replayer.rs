//! Replaying what an environment recorded: from files of several forms, and from its server.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use durably::client::WorkflowHandle;
use durably::definition::WorkflowDefinition;
use durably::prelude::*;
use durably::replay::Divergence;
use durably_history::write_json;
use durably_protos::temporal::api::history::v1::History;
use durably_replay::{Outcome, ReplayFailure, SkipReason};
use durably_test::prelude::*;
use prost::Message as _;

#[activity(start_to_close_timeout = "10s")]
async fn charge(amount: u32) -> ActivityResult<u32> {
    Ok(amount)
}

#[workflow]
async fn order(ctx: &WorkflowContext, amount: u32) -> WorkflowResult<u32> {
    let paid = ctx.activity(charge, amount).await?;
    ctx.sleep(Duration::from_secs(60)).await?;
    Ok(paid)
}

/// The same with another first step.
#[workflow(name = "order")]
async fn changed_order(ctx: &WorkflowContext, amount: u32) -> WorkflowResult<u32> {
    ctx.sleep(Duration::from_secs(1)).await?;
    Ok(ctx.activity(charge, amount).await?)
}

#[workflow]
async fn wait(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.wait_until(|| false).await?;
    Ok(())
}

/// A folder of this test's own, which is gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = format!("durably-replayer-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(folder.join("inner")).unwrap();
        Self(folder)
    }

    fn json(&self, name: &str, histories: &[&History]) {
        let mut text = Vec::new();
        for history in histories {
            write_json(history, &mut text).unwrap();
        }
        fs::write(self.0.join(name), text).unwrap();
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the folder for such things.
        drop(fs::remove_dir_all(&self.0));
    }
}

struct Recorded {
    env: TestEnv,
    orders: Vec<History>,
    waiting: History,
}

async fn recorded() -> Recorded {
    let env = TestEnv::start().await;
    let worker = env
        .worker("q")
        .workflow(order)
        .workflow(wait)
        .activity(charge);
    let worker = worker.start();
    let client = env.client();
    let mut orders = Vec::new();
    for amount in 1..=3 {
        let id = format!("order-{amount}");
        let started = client.start(order, amount).workflow_id(id).task_queue("q");
        let started = started.await.unwrap();
        assert_eq!(started.result().await.unwrap(), amount);
        orders.push(history(&env, &started).await);
    }
    let started = client.start(wait, ()).workflow_id("wait").task_queue("q");
    let started = started.await.unwrap();
    env.sleep(Duration::from_secs(1)).await;
    let waiting = history(&env, &started).await;
    worker.stop().await;
    Recorded {
        env,
        orders,
        waiting,
    }
}

async fn history<W: WorkflowDefinition>(env: &TestEnv, handle: &WorkflowHandle<W>) -> History {
    env.history(handle).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn files_of_every_form_replay() {
    let recorded = recorded().await;
    let folder = Folder::new("forms");
    let [first, second, third] = &recorded.orders[..] else {
        panic!("three orders");
    };
    folder.json("first.json", &[first]);
    folder.json("inner/two.jsonl", &[second, third]);
    fs::write(folder.path().join("third.pb"), third.encode_to_vec()).unwrap();
    fs::write(folder.path().join("README.md"), "no history").unwrap();

    let replayer = Replayer::new().workflow(order);
    for threads in [1, 3] {
        let replayer = replayer.clone().parallel(threads);
        let summary = replayer.replay_dir(folder.path()).unwrap();
        let ids = summary.histories.iter().map(|it| it.workflow_id.as_str());
        let ids: Vec<_> = ids.collect();
        assert_eq!(ids, ["order-1", "order-2", "order-3", "order-3"]);
        assert_eq!(summary.events(), 4 * first.events.len());
        assert_eq!(summary.histories[2].place.number, 2);
    }
    let pattern = format!("{}/*.json", folder.path().display());
    assert_eq!(replayer.replay_glob(&pattern).unwrap().replayed(), 1);
    let file = folder.path().join("inner/two.jsonl");
    assert_eq!(replayer.replay_file(file).unwrap().replayed(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn failures_are_listed_with_all_that_is_known() {
    let recorded = recorded().await;
    let folder = Folder::new("failures");
    folder.json("first.json", &[&recorded.orders[0]]);
    folder.json("second.json", &[&recorded.orders[1]]);
    folder.json("wait.json", &[&recorded.waiting]);
    fs::write(folder.path().join("zero.json"), "{\"events\":").unwrap();

    let replayer = Replayer::new().workflow(changed_order).workflow(wait);
    let replayer = replayer.keep_failed_histories();
    let failure = replayer.replay_dir(folder.path()).unwrap_err();
    let text = failure.to_string();
    let summary = failure.summary().unwrap();
    assert_eq!(summary.replayed(), 1, "{text}");
    assert_eq!(summary.failures().count(), 3, "{text}");
    let difference = summary.histories[0].problem().unwrap().nondeterminism();
    let difference = difference.unwrap();
    assert!(matches!(
        difference.divergence,
        Divergence::OtherCommand { .. }
    ));
    assert_eq!(
        summary.histories[0].history.as_ref(),
        Some(&recorded.orders[0])
    );
    for named in [
        "first.json: workflow \"order-1\" (order, ",
        "second.json",
        "TMPRL1100",
        "zero.json",
    ] {
        assert!(text.contains(named), "{named}: {text}");
    }

    // The two part at event 5.
    let early = replayer.clone().until_event(4).workflow_types(["order"]);
    let early = early.replay_file(folder.path().join("first.json")).unwrap();
    assert_eq!(early.events(), 3);
    let failure = replayer.fail_fast().replay_dir(folder.path()).unwrap_err();
    let summary = failure.summary().unwrap();
    assert!(summary.ended_early);
    assert_eq!(summary.histories.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nothing_to_replay_is_a_failure() {
    let folder = Folder::new("nothing");
    let replayer = Replayer::new().workflow(order);
    let failure = replayer.replay_dir(folder.path()).unwrap_err();
    assert!(matches!(failure, ReplayFailure::NoHistory { .. }));
    let text = failure.to_string();
    assert!(text.starts_with("no history was found in "), "{text}");
    let failure = replayer.replay_dir("no/such/folder").unwrap_err();
    assert!(failure.to_string().starts_with("no/such/folder: "));
    assert!(matches!(
        replayer.replay_glob("a***"),
        Err(ReplayFailure::Pattern { .. })
    ));

    folder.json("wait.json", &[&recorded().await.waiting]);
    let failure = replayer.replay_dir(folder.path()).unwrap_err();
    assert!(failure.to_string().contains("\"wait\" is not registered"));
    let failure = replayer
        .clone()
        .skip_unregistered()
        .replay_dir(folder.path())
        .unwrap_err();
    assert!(
        failure.to_string().contains("1 of other workflow types"),
        "{failure}"
    );

    let twice = replayer.workflow(changed_order).replay_dir(folder.path());
    assert!(matches!(twice, Err(ReplayFailure::DuplicateWorkflow(_))));
}

/// Has its rate from the worker that runs it.
struct Discount {
    percent: u32,
}

#[workflow]
impl Discount {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, amount: u32) -> WorkflowResult<u32> {
        if self.percent > 0 {
            ctx.sleep(Duration::from_secs(1)).await?;
        }
        Ok(amount - amount * self.percent / 100)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_a_worker_injects_a_replayer_injects_too() {
    let env = TestEnv::start().await;
    let worker = env.worker("orders");
    let _worker = worker
        .workflow_with(Discount::run, |_, _| Discount { percent: 10 })
        .start();
    let start = env.client().start(Discount::run, 200_u32);
    let handle = start.task_queue("orders").await.unwrap();
    assert_eq!(handle.result().await.unwrap(), 180);
    let history = history(&env, &handle).await;
    let folder = Folder::new("injected");
    folder.json("discount.json", &[&history]);
    let file = folder.path().join("discount.json");
    let with = |percent| {
        Replayer::new()
            .workflow_with(Discount::run, move |_, _| Discount { percent })
            .replay_file(&file)
    };
    with(20).unwrap();
    let diverged = with(0).unwrap_err().to_string();
    assert!(diverged.contains("Discount"), "{diverged}");
    env.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_query_on_the_server_gives_open_and_closed_workflows() {
    let recorded = recorded().await;
    let client = recorded.env.client();
    let replayer = Replayer::new().workflow(order).workflow(wait).parallel(2);
    let summary = replayer.replay_query(client, "").await.unwrap();
    assert_eq!(summary.replayed(), 4, "{summary}");
    let query = "WorkflowType = 'order'";
    let summary = replayer.replay_query(client, query).await.unwrap();
    assert_eq!(summary.replayed(), 3, "{summary}");

    let types = replayer.clone().workflow_types(["wait"]);
    let summary = types.replay_query(client, "").await.unwrap();
    assert_eq!((summary.replayed(), summary.skipped()), (1, 3));
    let skipped = summary
        .histories
        .iter()
        .find(|it| it.workflow_id == "order-1");
    let skipped = &skipped.unwrap().outcome;
    assert!(matches!(skipped, Outcome::Skipped(SkipReason::OtherType)));

    let none = replayer.replay_query(client, "WorkflowType = 'none'").await;
    assert!(
        none.unwrap_err()
            .to_string()
            .contains("by the query WorkflowType = 'none'")
    );
    let wrong = replayer.replay_query(client, "Nonsense !! 1").await;
    assert!(matches!(wrong, Err(ReplayFailure::List(_))));
}
