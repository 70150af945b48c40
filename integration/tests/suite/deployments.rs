//! Worker deployments: pinned runs stay with the version they began on, others follow the current.

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
