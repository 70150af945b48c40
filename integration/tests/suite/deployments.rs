//! Worker deployments: pinned runs stay with the version they began on, others follow the current.

use durably::activity::ActivityCancellationType;
use durably::client::{StartWorkflow, UpdateWorkflowOptionsError};
use durably::definition::WorkflowDefinition;
use durably::options::{
    ContinueAsNewVersioningBehavior, Priority, VersioningOverride, WorkerDeploymentVersion,
};
use durably::prelude::*;
use durably::worker::{VersioningBehavior, WorkerDeployment};
use durably_integration::{RunningWorker, Test, eventually};
use durably_protos::temporal::api::enums::v1::EventType;

/// Tells which version of the worker an activity ran on.
struct Version(&'static str);

#[activities]
impl Version {
    #[activity(start_to_close_timeout = "10s")]
    async fn which(&self) -> ActivityResult<String> {
        Ok(self.0.to_owned())
    }
}

/// Waits, then asks on which version it is. A local activity runs where the workflow does.
#[derive(Default)]
struct Stays {
    go: State<bool>,
}

#[workflow]
impl Stays {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        ctx.wait_until(|| self.go.get()).await?;
        Ok(ctx.local_activity(Version::which, ()).await?)
    }

    #[signal]
    fn go(&self) {
        self.go.set(true);
    }
}

#[derive(Default)]
struct Follows {
    go: State<bool>,
}

#[workflow]
impl Follows {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        ctx.wait_until(|| self.go.get()).await?;
        Ok(ctx.local_activity(Version::which, ()).await?)
    }

    #[signal]
    fn go(&self) {
        self.go.set(true);
    }
}

/// Fails once, and then says which version it is on.
#[activity(start_to_close_timeout = "10s", retry(initial_interval = "10ms"))]
async fn fails_once(ctx: &ActivityContext) -> ActivityResult<u32> {
    match ctx.info().attempt {
        1 => Err(ApplicationFailure::new("once").into()),
        attempt => Ok(attempt),
    }
}

#[activity(start_to_close_timeout = "10s", heartbeat_timeout = "1s")]
async fn waits(ctx: &ActivityContext) -> ActivityResult<()> {
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        ctx.heartbeat(&())?;
    }
}

/// An activity that fails and completes, and one that is canceled.
#[workflow]
async fn calls(ctx: &WorkflowContext) -> WorkflowResult<(u32, bool)> {
    let attempts = ctx.activity(fails_once, ()).await?;
    let waiting = ctx
        .activity(waits, ())
        .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
        .start();
    ctx.sleep(std::time::Duration::from_millis(300)).await?;
    waiting.cancel();
    let canceled = waiting.await.is_err_and(|failure| failure.is_canceled());
    Ok((attempts, canceled))
}

/// The server takes a versioned worker's answers of every kind.
#[tokio::test]
async fn activities_end_on_versioned_workers() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let name = test.workflow_id("deployment").replace([':', '.', '/'], "-");
    let deployment = WorkerDeployment::new(&name, "one").versioned(VersioningBehavior::Pinned);
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(calls).activity(fails_once);
        worker.activity(waits).deployment(deployment)
    });
    make_current(&test, &name, "one").await;
    assert_eq!(test.run(calls, ()).await, (2, true));
}

/// Pinned, and asks in its next run, which begins as a new workflow would.
#[derive(Default)]
struct Renews {
    go: State<bool>,
}

#[workflow]
impl Renews {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, renew: bool) -> WorkflowResult<String> {
        if renew {
            ctx.wait_until(|| self.go.get()).await?;
            return ctx.continue_as_new_with(Self::run, false, |next| {
                next.versioning_behavior = Some(ContinueAsNewVersioningBehavior::AutoUpgrade);
            });
        }
        Ok(ctx.local_activity(Version::which, ()).await?)
    }

    #[signal]
    fn go(&self) {
        self.go.set(true);
    }
}

/// On which version it is itself, and its child.
#[workflow]
async fn asks_a_child(
    ctx: &WorkflowContext,
    deployment: String,
    build_id: String,
) -> WorkflowResult<(String, String)> {
    let own = ctx.local_activity(Version::which, ()).await?;
    let version = WorkerDeploymentVersion::new(deployment, build_id);
    let child = ctx
        .child(Renews::run, false)
        .versioning_override(VersioningOverride::Pinned(version));
    Ok((own, child.await?))
}

fn worker(test: &Test, name: &str, build_id: &'static str) -> RunningWorker {
    let deployment = WorkerDeployment::new(name, build_id)
        .versioned(VersioningBehavior::AutoUpgrade)
        .workflow("Stays", VersioningBehavior::Pinned)
        .workflow("Renews", VersioningBehavior::Pinned);
    test.worker(|worker| {
        worker
            .workflow(Stays::run)
            .workflow(Follows::run)
            .workflow(Renews::run)
            .workflow(asks_a_child)
            .activities(Version(build_id))
            .deployment(deployment)
    })
}

/// Makes a version the current one; the server knows it once its worker has polled.
async fn make_current(test: &Test, name: &str, build_id: &str) {
    eventually("the version is current", async || {
        let deployment = test.client().worker_deployment(name);
        let answer = deployment.set_current_version(build_id).await;
        answer.map(|_| ()).map_err(|error| error.to_string())
    })
    .await;
}

/// The server needs a moment to tell its queues of the new version.
async fn until_new_runs_are_on(test: &Test, build_id: &str) {
    let mut number = 0;
    eventually("new runs are on the version", async || {
        number += 1;
        let start = test
            .starting(Follows::run, ())
            .workflow_id(test.workflow_id(&format!("probe-{number}")));
        let probe = start.with_signal(Follows::go, ()).await;
        let probe = probe.map_err(|error| error.to_string())?;
        let found = test
            .result(&probe)
            .await
            .map_err(|error| error.to_string())?;
        (found == build_id).then_some(()).ok_or(found)
    })
    .await;
}

#[tokio::test]
async fn pinned_runs_stay_and_others_follow_the_current_version() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let name = test.workflow_id("deployment").replace([':', '.', '/'], "-");
    let _first = worker(&test, &name, "one");
    make_current(&test, &name, "one").await;
    let pinned = test.start(Stays::run, ()).await;
    test.until_event(&pinned, EventType::WorkflowTaskCompleted)
        .await;
    let _second = worker(&test, &name, "two");
    make_current(&test, &name, "two").await;
    until_new_runs_are_on(&test, "two").await;
    pinned.signal(Stays::go, ()).await.unwrap();
    assert_eq!(test.result(&pinned).await.unwrap(), "one");
    until_followed(&test, &name, || test.starting(Follows::run, ())).await;
}

/// Runs that begin on the second version, until one of them goes on with the first, which becomes
/// the current one meanwhile. A queue's partitions learn of that one after the other, so that a run
/// may stay on the second for a task more.
async fn until_followed<W: WorkflowDefinition<Output = String>>(
    test: &Test,
    deployment: &str,
    starting: impl Fn() -> StartWorkflow<W>,
) {
    eventually("a run follows the current version", async || {
        make_current(test, deployment, "two").await;
        until_new_runs_are_on(test, "two").await;
        let run = starting().workflow_id(test.workflow_id("follows"));
        let run = run.await.map_err(|error| error.to_string())?;
        test.until_event(&run, EventType::WorkflowTaskCompleted)
            .await;
        make_current(test, deployment, "one").await;
        until_new_runs_are_on(test, "one").await;
        run.signal_by_name("go", vec![]).await.unwrap();
        let found = test.result(&run).await.unwrap();
        (found == "one").then_some(()).ok_or(found)
    })
    .await;
}

/// Two versions, of which the second is the current one.
async fn two_versions(test: &Test) -> (String, [RunningWorker; 2]) {
    let name = test.workflow_id("deployment").replace([':', '.', '/'], "-");
    let workers = [worker(test, &name, "one"), worker(test, &name, "two")];
    make_current(test, &name, "one").await;
    make_current(test, &name, "two").await;
    until_new_runs_are_on(test, "two").await;
    (name, workers)
}

#[tokio::test]
async fn overrides_at_the_start() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let (name, _workers) = two_versions(&test).await;
    let pinned = |build_id| {
        let version = WorkerDeploymentVersion::new(&name, build_id);
        VersioningOverride::Pinned(version)
    };
    let start = test.starting(Follows::run, ());
    let start = start.versioning_override(pinned("one"));
    let handle = start.with_signal(Follows::go, ()).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "one");
    let events = test.events(&handle).await;
    assert!(events.started().versioning_override.is_some());

    // One that its workers would pin, and that follows the current version for all that.
    let auto_upgrade = || {
        let start = test.starting(Stays::run, ());
        start.versioning_override(VersioningOverride::AutoUpgrade)
    };
    until_followed(&test, &name, auto_upgrade).await;

    let start = test
        .starting(Follows::run, ())
        .workflow_id(test.workflow_id("unknown"));
    let refused = start.versioning_override(pinned("none")).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("none"), "{refused}");
}

#[tokio::test]
async fn an_override_of_a_child() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let (name, _workers) = two_versions(&test).await;
    let told = test.run(asks_a_child, (name.as_str(), "one")).await;
    assert_eq!(told, ("two".to_owned(), "one".to_owned()));
}

#[tokio::test]
async fn options_of_a_running_workflow() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let (name, _workers) = two_versions(&test).await;
    let handle = test.start(Stays::run, ()).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    let nothing = handle.update_options().await.unwrap_err();
    assert!(
        matches!(nothing, UpdateWorkflowOptionsError::NoChange { .. }),
        "{nothing:?}"
    );
    let version = WorkerDeploymentVersion::new(&name, "one");
    let pinned = VersioningOverride::Pinned(version);
    let changed = handle.update_options().versioning_override(pinned.clone());
    assert_eq!(
        changed.await.unwrap().versioning_override,
        Some(pinned.clone())
    );
    let urgent = Priority::new().priority_key(1);
    let options = handle.update_options().priority(urgent.clone());
    let options = options.await.unwrap();
    assert_eq!(
        (options.versioning_override, &options.priority),
        (Some(pinned), &urgent)
    );
    assert_eq!(handle.describe().await.unwrap().priority(), urgent);
    handle.signal(Stays::go, ()).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "one");
    let closed = handle.update_options().remove_versioning_override();
    let closed = closed.await.unwrap_err();
    assert!(
        matches!(closed, UpdateWorkflowOptionsError::NotFound { .. }),
        "{closed:?}"
    );

    let handle = test
        .starting(Stays::run, ())
        .workflow_id(test.workflow_id("removed"))
        .versioning_override(VersioningOverride::AutoUpgrade)
        .await
        .unwrap();
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    let options = handle.update_options().remove_versioning_override();
    assert_eq!(options.await.unwrap().versioning_override, None);
    handle.signal(Stays::go, ()).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "two");
}

#[tokio::test]
async fn a_pinned_workflow_continues_on_the_current_version() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let name = test.workflow_id("deployment").replace([':', '.', '/'], "-");
    let _first = worker(&test, &name, "one");
    make_current(&test, &name, "one").await;
    let handle = test.start(Renews::run, true).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    let _second = worker(&test, &name, "two");
    make_current(&test, &name, "two").await;
    until_new_runs_are_on(&test, "two").await;
    handle.signal(Renews::go, ()).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "two");
}
