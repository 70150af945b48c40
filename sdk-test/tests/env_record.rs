//! Histories that tests keep, and what later code has to say to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use durably::prelude::*;
use durably_test::env::TestEnvError;
use durably_test::prelude::*;
use durably_test::server::TestServer;
use durably_test::{Recording, Replayer};

#[activity(start_to_close_timeout = "10s")]
async fn charge(cents: u64) -> ActivityResult<u64> {
    Ok(cents)
}

#[activity(start_to_close_timeout = "10s")]
async fn reserve(cents: u64) -> ActivityResult<u64> {
    Ok(cents)
}

/// Charges, waits, and charges again in a next run.
#[workflow]
async fn order(ctx: &WorkflowContext, rounds: u64) -> WorkflowResult<u64> {
    ctx.activity(charge, 100).await?;
    ctx.local_activity(charge, 100).await?;
    ctx.sleep(Duration::from_secs(60)).await?;
    match rounds {
        0 => Ok(100),
        _ => ctx.continue_as_new(order, rounds - 1),
    }
}

/// The same with a step before the first.
#[workflow(name = "order")]
async fn changed_order(ctx: &WorkflowContext, rounds: u64) -> WorkflowResult<u64> {
    ctx.activity(reserve, 100).await?;
    ctx.activity(charge, 100).await?;
    Ok(rounds)
}

/// The same with the step behind a patch.
#[workflow(name = "order")]
async fn patched_order(ctx: &WorkflowContext, rounds: u64) -> WorkflowResult<u64> {
    if ctx.patched("reserve-first") {
        ctx.activity(reserve, 100).await?;
    }
    ctx.activity(charge, 100).await?;
    ctx.local_activity(charge, 100).await?;
    ctx.sleep(Duration::from_secs(60)).await?;
    match rounds {
        0 => Ok(100),
        _ => ctx.continue_as_new(patched_order, rounds - 1),
    }
}

/// Runs an order of whatever id.
#[workflow]
async fn parent(ctx: &WorkflowContext, rounds: u64) -> WorkflowResult<u64> {
    Ok(ctx.child(order, rounds).await?)
}

/// Does something else with another run id.
#[workflow]
async fn lucky(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let id = format!("order-{}", ctx.random().below(1 << 60));
    Ok(ctx.child(order, 0).workflow_id(&id).await.map(|_| id)?)
}

/// A folder of this test's own, which is gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = format!("durably-record-{}-{name}", std::process::id());
        Self(std::env::temp_dir().join(folder))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the folder for such things.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// What is wrong with a test that runs `workflow` in an environment that records.
macro_rules! run {
    ($workflow:expr, $rounds:expr, $record:expr) => {{
        let env = TestEnv::start().await;
        let record: fn(&TestEnv, &Path) -> Recording = $record.1;
        let _: Recording = record(&env, $record.0.as_ref());
        let _worker = env
            .worker("q")
            .workflow($workflow)
            .activity(charge)
            .activity(reserve)
            .start();
        let started = env.client().start($workflow, $rounds).task_queue("q");
        started.await.unwrap().result().await.unwrap();
        ended(env).await
    }};
}

/// The message with which the environment ends; empty if all is well.
async fn ended(env: TestEnv) -> String {
    let Err(panicked) = tokio::spawn(env.finish()).await else {
        return String::new();
    };
    *panicked.into_panic().downcast::<String>().unwrap()
}

fn plain(env: &TestEnv, path: &Path) -> Recording {
    env.record(path)
}

fn scrubbed(env: &TestEnv, path: &Path) -> Recording {
    env.record(path).scrubbed()
}

#[tokio::test]
async fn a_history_is_kept_and_later_code_must_follow_it() {
    let folder = Folder::new("kept");
    let path = folder.path("inner/order.json");
    assert_eq!(run!(order, 0, (&path, plain)), "");
    let recorded = fs::read_to_string(&path).unwrap();
    assert!(recorded.starts_with("{\n  \"events\": [\n"), "{recorded}");
    let replayer = Replayer::new().workflow(order);
    assert_eq!(replayer.replay_dir(&folder.0).unwrap().replayed(), 1);

    // Another run of the same code changes nothing.
    assert_eq!(run!(order, 1, (&path, plain)), "");
    let problem = run!(changed_order, 0, (&path, plain));
    for named in [
        "order.json does not replay with today's code",
        "env_record.rs:",
        "reserve",
        "Guard the change with a patch",
        "DURABLY_HISTORIES=overwrite cargo test",
    ] {
        assert!(problem.contains(named), "{named}: {problem}");
    }
    assert_eq!(run!(patched_order, 0, (&path, plain)), "");
    assert_eq!(fs::read_to_string(&path).unwrap(), recorded);
}

#[tokio::test]
async fn what_is_scrubbed_is_the_same_each_time() {
    let folder = Folder::new("scrubbed");
    let paths = ["first.json", "second.json"].map(|name| folder.path(name));
    for path in &paths {
        assert_eq!(run!(order, 2, (path, scrubbed)), "");
    }
    let [first, second] = paths.map(|path| fs::read_to_string(path).unwrap());
    assert_eq!(first, second);
    assert!(first.starts_with("[\n{"), "{first}");
    assert!(
        first.contains("\"eventTime\": \"2020-01-01T00:01:00Z\""),
        "{first}"
    );
    let replayer = Replayer::new().workflow(order);
    assert_eq!(replayer.replay_dir(&folder.0).unwrap().replayed(), 6);
}

/// To renew it: `DURABLY_HISTORIES=overwrite cargo test -p durably-test this_package`.
#[tokio::test]
async fn this_package_keeps_one_too() {
    let path = Path::new("tests/histories/recorded_order.json");
    assert_eq!(run!(order, 0, (path, scrubbed)), "");
}

#[tokio::test]
async fn children_are_scrubbed_with_their_parents() {
    let folder = Folder::new("children");
    let paths = ["first.json", "second.json"].map(|name| folder.path(name));
    for path in &paths {
        let env = TestEnv::start().await;
        env.record(path).scrubbed();
        let worker = env.worker("q").workflow(parent).workflow(order);
        let _worker = worker.activity(charge).start();
        let client = env.client();
        let handle = client.start(parent, 1).task_queue("q").await.unwrap();
        assert_eq!(handle.result().await.unwrap(), 100);
        env.finish().await;
    }
    let [first, second] = paths.map(|path| fs::read_to_string(path).unwrap());
    assert_eq!(first, second);
    let replayer = Replayer::new().workflow(parent).workflow(order);
    assert_eq!(replayer.replay_dir(&folder.0).unwrap().replayed(), 6);
}

#[tokio::test]
async fn lines_and_gzip_by_the_name() {
    let folder = Folder::new("forms");
    for name in ["order.jsonl", "order.jsonl.gz", "order.json.gz"] {
        let path = folder.path(name);
        for _ in 0..2 {
            assert_eq!(run!(order, 1, (&path, plain)), "");
        }
        let replayer = Replayer::new().workflow(order);
        assert_eq!(replayer.replay_file(&path).unwrap().replayed(), 2, "{name}");
    }
    let lines = fs::read_to_string(folder.path("order.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 2);
    let problem = run!(order, 0, (&folder.path("order.txt"), plain));
    assert!(
        problem.contains("order.txt\" names no form of histories"),
        "{problem}"
    );
}

#[tokio::test]
async fn one_workflow_or_all_but_mocks_now_or_at_the_end() {
    let folder = Folder::new("chosen");
    let env = TestEnv::start().await;
    let _mock = env.mock_workflow(patched_order).returns(7);
    let _worker = env
        .worker("q")
        .workflow(lucky)
        .workflow(order)
        .activity(charge)
        .start();
    let client = env.client();
    let handle = client.start(lucky, ()).workflow_id("lucky").task_queue("q");
    let handle = handle.await.unwrap();
    handle.result().await.unwrap();

    let path = folder.path("lucky.json");
    env.record(&path).workflow(&handle).await;
    let path_of_all = folder.path("all.json");
    env.record(&path_of_all).await;
    for path in [path, path_of_all] {
        let replayed = Replayer::new().workflow(lucky).replay_file(path).unwrap();
        assert_eq!(replayed.histories[0].workflow_id, "lucky");
        assert_eq!(replayed.replayed(), 1);
    }

    env.record(folder.path("none.json")).workflow_id("other");
    let problem = ended(env).await;
    assert!(
        problem.contains("none.json: there is no run of workflow \"other\""),
        "{problem}"
    );
}

#[tokio::test]
async fn what_depends_on_its_run_id_cannot_be_scrubbed() {
    let folder = Folder::new("lucky");
    let env = TestEnv::start().await;
    env.record(folder.path("lucky.json")).scrubbed();
    let worker = env.worker("q").workflow(lucky).workflow(order);
    let _worker = worker.activity(charge).start();
    let handle = env.client().start(lucky, ()).task_queue("q").await.unwrap();
    handle.result().await.unwrap();
    let problem = ended(env).await;
    assert!(
        problem.contains("Record it without `.scrubbed()`"),
        "{problem}"
    );
    assert!(!folder.path("lucky.json").exists());
}

#[tokio::test]
async fn on_servers_of_other_processes_at_the_end() {
    let folder = Folder::new("remote");
    let server = TestServer::start();
    let listening = server.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listening.address().to_string();
    for is_finished in [true, false] {
        let path = folder.path(&format!("order-{is_finished}.json"));
        let env = TestEnv::connect(&address).await;
        env.record(&path).scrubbed();
        let _worker = env.worker("q").workflow(order).activity(charge).start();
        let handle = env.client().start(order, 0).task_queue("q").await.unwrap();
        handle.result().await.unwrap();
        if is_finished {
            env.finish().await;
        } else {
            let dropped = tokio::spawn(async move { drop(env) }).await;
            let problem = dropped.unwrap_err().into_panic();
            let problem = problem.downcast::<String>().unwrap();
            assert!(
                problem.contains("end the test with `env.finish().await`"),
                "{problem}"
            );
        }
        assert_eq!(path.exists(), is_finished);
    }
}

/// The real server, where there is one.
#[tokio::test]
async fn on_a_development_server() {
    let folder = Folder::new("dev-server");
    for _ in 0..2 {
        let env = match TestEnv::builder().dev_server().try_start().await {
            Ok(env) => env,
            Err(TestEnvError::DevServer(error)) => {
                eprintln!("SKIPPED on_a_development_server: {error}");
                return;
            }
            Err(error) => panic!("{error}"),
        };
        env.record(folder.path("order.json")).scrubbed();
        let worker = env.worker("q").workflow(parent).workflow(order);
        let _worker = worker.activity(charge).start();
        let client = env.client();
        let handle = client.start(parent, 0).task_queue("q").await.unwrap();
        assert_eq!(handle.result().await.unwrap(), 100);
        env.finish().await;
    }
    let replayer = Replayer::new().workflow(parent);
    assert_eq!(replayer.replay_dir(&folder.0).unwrap().replayed(), 1);
}

/// Where the test below has another process record.
const PATH: &str = "DURABLY_RECORD_TEST_PATH";

/// Run by the test below with variables set.
#[tokio::test]
async fn recorded_in_another_process() {
    let folder = Folder::new("other");
    let given = std::env::var_os(PATH).map(PathBuf::from);
    let path = given.unwrap_or_else(|| folder.path("order.json"));
    assert_eq!(run!(changed_order, 0, (&path, plain)), "");
}

#[tokio::test]
async fn the_variable_says_what_is_done() {
    let folder = Folder::new("variable");
    let path = folder.path("order.json");
    let with = |value: &str| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "recorded_in_another_process", "--nocapture"])
            .env("DURABLY_HISTORIES", value)
            .env(PATH, &path)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), text)
    };
    let (is_well, text) = with("check");
    assert!(
        !is_well && text.contains("DURABLY_HISTORIES=check records nothing"),
        "{text}"
    );
    assert_eq!(run!(order, 0, (&path, plain)), "");
    let (is_well, text) = with("");
    assert!(!is_well && text.contains("does not replay"), "{text}");
    let (is_well, text) = with("yes");
    assert!(
        !is_well && text.contains("DURABLY_HISTORIES is \"yes\""),
        "{text}"
    );
    let (is_well, text) = with("overwrite");
    assert!(is_well, "{text}");
    let (is_well, text) = with("check");
    assert!(is_well, "{text}");
}
