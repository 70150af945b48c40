//! Worker deployments: pinned runs stay with the version they began on, others follow the current.

use durably::activity::ActivityCancellationType;
use durably::prelude::*;
use durably::worker::{VersioningBehavior, WorkerDeployment};
use durably_integration::{RunningWorker, Test, eventually};
use durably_protos::temporal::api::workflowservice::v1::SetWorkerDeploymentCurrentVersionRequest;

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
    let Some(test) = Test::begin().await else {
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

fn worker(test: &Test, name: &str, build_id: &'static str) -> RunningWorker {
    let deployment = WorkerDeployment::new(name, build_id)
        .versioned(VersioningBehavior::AutoUpgrade)
        .workflow("Stays", VersioningBehavior::Pinned);
    test.worker(|worker| {
        worker
            .workflow(Stays::run)
            .workflow(Follows::run)
            .activities(Version(build_id))
            .deployment(deployment)
    })
}

/// Makes a version the current one; the server knows it once its worker has polled.
async fn make_current(test: &Test, name: &str, build_id: &str) {
    eventually("the version is current", async || {
        let request = SetWorkerDeploymentCurrentVersionRequest {
            namespace: test.client().namespace().to_owned(),
            deployment_name: name.to_owned(),
            build_id: build_id.to_owned(),
            identity: "test".to_owned(),
            ..SetWorkerDeploymentCurrentVersionRequest::default()
        };
        let answer = test.client().call(request).await;
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
    let Some(test) = Test::begin().await else {
        return;
    };
    let name = test.workflow_id("deployment").replace([':', '.', '/'], "-");
    let _first = worker(&test, &name, "one");
    make_current(&test, &name, "one").await;
    let pinned = test.start(Stays::run, ()).await;
    let following = test
        .starting(Follows::run, ())
        .workflow_id(test.workflow_id("follows"))
        .await
        .unwrap();
    for handle in [pinned.untyped(), following.untyped()] {
        test.until_event(
            &handle,
            durably_protos::temporal::api::enums::v1::EventType::WorkflowTaskCompleted,
        )
        .await;
    }
    let _second = worker(&test, &name, "two");
    make_current(&test, &name, "two").await;
    until_new_runs_are_on(&test, "two").await;
    pinned.signal(Stays::go, ()).await.unwrap();
    following.signal(Follows::go, ()).await.unwrap();
    assert_eq!(test.result(&pinned).await.unwrap(), "one");
    assert_eq!(test.result(&following).await.unwrap(), "two");
}
