//! Describing worker deployments and changing which version gets new runs.

use durably::client::{
    DeleteDeploymentError, DeleteVersionError, DescribeDeploymentError, DescribeVersionError,
    SetManagerError, SetVersionError, UpdateVersionMetadataError, VersionDrainageStatus,
    WorkerDeploymentHandle, WorkerDeploymentVersionStatus,
};
use durably::options::WorkerDeploymentVersion;
use durably::prelude::*;
use durably::worker::{VersioningBehavior, WorkerDeployment};
use durably_integration::{RunningWorker, Test, eventually};

#[workflow]
async fn nothing(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    Ok(())
}

#[derive(Default)]
struct Waits {
    go: State<bool>,
}

#[workflow]
impl Waits {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        Ok(ctx.wait_until(|| self.go.get()).await?)
    }

    #[signal]
    fn go(&self) {
        self.go.set(true);
    }
}

fn deployment(test: &Test) -> WorkerDeploymentHandle {
    let name = test.workflow_id("deployment").replace([':', '.', '/'], "-");
    test.client().worker_deployment(name)
}

fn worker(test: &Test, deployment: &WorkerDeploymentHandle, build_id: &str) -> RunningWorker {
    let version =
        WorkerDeployment::new(deployment.name(), build_id).versioned(VersioningBehavior::Pinned);
    test.worker(|worker| {
        let worker = worker.workflow(nothing).workflow(Waits::run);
        worker.deployment(version)
    })
}

async fn until_known(deployment: &WorkerDeploymentHandle, build_id: &str) {
    eventually("the server knows the version", async || {
        let version = deployment.version(build_id);
        let described = version.describe().await;
        described.map(|_| ()).map_err(|error| error.to_string())
    })
    .await;
}

fn version(deployment: &WorkerDeploymentHandle, build_id: &str) -> WorkerDeploymentVersion {
    WorkerDeploymentVersion::new(deployment.name(), build_id)
}

#[tokio::test]
async fn a_version_ramps_up_and_becomes_the_current_one() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let orders = deployment(&test);
    let _one = worker(&test, &orders, "one");
    until_known(&orders, "one").await;
    let token = orders.set_current_version("one").await.unwrap();
    let _two = worker(&test, &orders, "two");
    until_known(&orders, "two").await;

    let ramp = orders.set_ramping_version("two", 25.0);
    orders.describe().await.unwrap();
    ramp.await.unwrap();
    let now = orders.describe().await.unwrap();
    assert_eq!(now.name(), orders.name());
    let ramping = now.routing().ramping.unwrap();
    assert_eq!(now.routing().current, Some(version(&orders, "one")));
    assert_eq!(ramping.version, Some(version(&orders, "two")));
    assert_eq!(ramping.percentage, 25.0);
    assert!(now.create_time().is_some());
    assert_eq!(now.last_modifier_identity(), test.client().identity());
    let mut versions = now.versions();
    versions.sort_by(|a, b| a.version.build_id.cmp(&b.version.build_id));
    let statuses: Vec<_> = versions.iter().map(|version| version.status).collect();
    assert_eq!(
        statuses,
        [
            WorkerDeploymentVersionStatus::Current,
            WorkerDeploymentVersionStatus::Ramping
        ]
    );
    let two = orders.version("two").describe().await.unwrap();
    assert_eq!(two.version(), version(&orders, "two"));
    assert_eq!(two.status(), WorkerDeploymentVersionStatus::Ramping);
    assert_eq!(two.ramp_percentage(), 25.0);
    assert!(two.ramping_since().is_some());
    let queues = two.task_queues();
    assert!(queues.iter().any(|queue| queue.name == test.task_queue()));

    // The token of the first change is older than the ramp.
    let stale = orders.set_current_version("two").conflict_token(token);
    let stale = stale.await.unwrap_err();
    assert!(
        matches!(stale, SetVersionError::StaleConflictToken { .. }),
        "{stale:?}"
    );
    let fresh = orders.set_current_version("two");
    let fresh = fresh.conflict_token(now.conflict_token()).await.unwrap();
    let routing = orders.describe().await.unwrap().routing();
    assert_eq!(routing.current, Some(version(&orders, "two")));
    assert_eq!(routing.ramping, None);
    eventually("all queues know of it", async || {
        let now = orders.describe().await.unwrap();
        match now.is_routing_in_effect() {
            Some(false) => Err("not yet"),
            _ => Ok(()),
        }
    })
    .await;

    let back = orders.set_ramping_version("one", 1.0).conflict_token(fresh);
    back.await.unwrap();
    orders.unset_ramping_version().await.unwrap();
    assert_eq!(orders.describe().await.unwrap().routing().ramping, None);
    orders.ramp_to_unversioned(5.0).await.unwrap();
    let ramping = orders.describe().await.unwrap().routing().ramping.unwrap();
    assert_eq!((ramping.version, ramping.percentage), (None, 5.0));
    orders.unset_ramping_version().await.unwrap();
    orders.unset_current_version().await.unwrap();
    assert_eq!(orders.describe().await.unwrap().routing().current, None);

    eventually("the deployment is listed", async || {
        let mut deployments = test.client().worker_deployments();
        while let Some(deployment) = deployments.next_deployment().await.unwrap() {
            if deployment.name == orders.name() {
                let latest = deployment.latest_version.map(|latest| latest.version);
                assert_eq!(latest, Some(version(&orders, "two")));
                return Ok(());
            }
        }
        Err("not yet")
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let orders = deployment(&test);
    let missing = orders.describe().await.unwrap_err();
    assert!(
        matches!(missing, DescribeDeploymentError::NotFound { .. }),
        "{missing:?}"
    );
    let missing = orders.version("one").describe().await.unwrap_err();
    assert!(
        matches!(missing, DescribeVersionError::NotFound { .. }),
        "{missing:?}"
    );
    let missing = orders.set_current_version("one").await.unwrap_err();
    assert!(
        matches!(missing, SetVersionError::DeploymentNotFound { .. }),
        "{missing:?}"
    );
    let missing = orders.set_manager().await.unwrap_err();
    assert!(
        matches!(missing, SetManagerError::NotFound { .. }),
        "{missing:?}"
    );
    orders.delete().await.unwrap();

    let _one = worker(&test, &orders, "one");
    until_known(&orders, "one").await;
    let missing = orders.version("two").describe().await.unwrap_err();
    assert!(
        matches!(missing, DescribeVersionError::NotFound { .. }),
        "{missing:?}"
    );
    let missing = orders.set_current_version("two").await.unwrap_err();
    assert!(
        matches!(missing, SetVersionError::VersionNotFound { .. }),
        "{missing:?}"
    );
    let missing = orders.set_ramping_version("two", 1.0).await.unwrap_err();
    assert!(
        matches!(missing, SetVersionError::VersionNotFound { .. }),
        "{missing:?}"
    );
    for percentage in [-1.0, 100.5, f32::NAN] {
        let refused = orders.set_ramping_version("one", percentage).await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, SetVersionError::Percentage { .. }),
            "{refused:?}"
        );
    }
    let metadata = orders.version("two").update_metadata();
    let missing = metadata.set("a", &1).unwrap().await.unwrap_err();
    assert!(
        matches!(missing, UpdateVersionMetadataError::NotFound { .. }),
        "{missing:?}"
    );
    orders.version("two").delete().await.unwrap();

    // A version may come before its workers, if that is meant.
    let early = orders.set_current_version("two").allow_no_pollers();
    early.await.unwrap();
    let routing = orders.describe().await.unwrap().routing();
    assert_eq!(routing.current, Some(version(&orders, "two")));
    let _two = worker(&test, &orders, "two");
    test.run(nothing, ()).await;
}

#[tokio::test]
async fn a_version_that_leaves_a_task_queue_behind() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let orders = deployment(&test);
    let _one = worker(&test, &orders, "one");
    until_known(&orders, "one").await;
    orders.set_current_version("one").await.unwrap();
    // What keeps the queue active: a run that waits.
    let waiting = test.start(Waits::run, ()).await;
    let elsewhere = WorkerDeployment::new(orders.name(), "two");
    let elsewhere = elsewhere.versioned(VersioningBehavior::Pinned);
    let builder = Worker::builder(test.client(), format!("{}-other", test.task_queue()));
    let builder = builder.workflow(nothing).deployment(elsewhere);
    let _two = test.start_worker(builder.build().unwrap());
    until_known(&orders, "two").await;
    let missing = orders.set_current_version("two").await.unwrap_err();
    assert!(
        matches!(missing, SetVersionError::MissingTaskQueues { .. }),
        "{missing:?}"
    );
    let ignoring = orders.set_current_version("two");
    ignoring.ignore_missing_task_queues().await.unwrap();
    waiting.signal(Waits::go, ()).await.unwrap();
    test.result(&waiting).await.unwrap();
}

#[tokio::test]
async fn only_its_manager_changes_a_deployment() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let orders = deployment(&test);
    let _one = worker(&test, &orders, "one");
    until_known(&orders, "one").await;
    let token = orders.set_manager().identity("the pipeline").await.unwrap();
    let now = orders.describe().await.unwrap();
    assert_eq!(now.manager_identity(), Some("the pipeline"));
    let refused = orders.set_current_version("one").await.unwrap_err();
    assert!(
        matches!(refused, SetVersionError::OtherManager { .. }),
        "{refused:?}"
    );
    let refused = orders.version("one").delete().await.unwrap_err();
    assert!(
        matches!(
            refused,
            DeleteVersionError::OtherManager { .. } | DeleteVersionError::HasPollers { .. }
        ),
        "{refused:?}"
    );
    orders
        .set_manager()
        .conflict_token(token.clone())
        .await
        .unwrap();
    let now = orders.describe().await.unwrap();
    assert_eq!(now.manager_identity(), Some(test.client().identity()));
    let stale = orders.set_manager().nobody().conflict_token(token).await;
    let stale = stale.unwrap_err();
    assert!(
        matches!(stale, SetManagerError::StaleConflictToken { .. }),
        "{stale:?}"
    );
    orders.set_current_version("one").await.unwrap();
    orders.set_manager().nobody().await.unwrap();
    assert_eq!(orders.describe().await.unwrap().manager_identity(), None);
}

#[tokio::test]
async fn metadata_stands_beside_a_version() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let orders = deployment(&test);
    let _one = worker(&test, &orders, "one");
    until_known(&orders, "one").await;
    let one = orders.version("one");
    let metadata = one.update_metadata().set("commit", &"74a3f1c").unwrap();
    let metadata = metadata.set("number", &7).unwrap().await.unwrap();
    assert_eq!(metadata.get::<u32>("number").unwrap(), Some(7));
    one.update_metadata().remove("number").await.unwrap();
    let metadata = one.describe().await.unwrap().metadata();
    let commit = metadata.get::<String>("commit").unwrap();
    assert_eq!(commit.as_deref(), Some("74a3f1c"));
    assert_eq!(metadata.get::<u32>("number").unwrap(), None);
}

#[tokio::test]
async fn versions_are_drained_and_deleted() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let orders = deployment(&test);
    let one = worker(&test, &orders, "one");
    until_known(&orders, "one").await;
    orders.set_current_version("one").await.unwrap();
    let refused = orders.version("one").delete().await.unwrap_err();
    assert!(
        matches!(refused, DeleteVersionError::CurrentOrRamping { .. }),
        "{refused:?}"
    );
    let refused = orders.delete().await.unwrap_err();
    assert!(
        matches!(refused, DeleteDeploymentError::HasVersions { .. }),
        "{refused:?}"
    );
    let two = worker(&test, &orders, "two");
    until_known(&orders, "two").await;
    orders.set_current_version("two").await.unwrap();
    eventually("the first version is draining", async || {
        let described = orders.version("one").describe().await.unwrap();
        let drainage = described.drainage().map(|drainage| drainage.status);
        match drainage {
            Some(VersionDrainageStatus::Draining | VersionDrainageStatus::Drained) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    let refused = orders.version("one").delete().await.unwrap_err();
    assert!(
        matches!(
            refused,
            DeleteVersionError::Draining { .. } | DeleteVersionError::HasPollers { .. }
        ),
        "{refused:?}"
    );
    let refused = orders.version("one").delete().skip_drainage().await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, DeleteVersionError::HasPollers { .. }),
        "{refused:?}"
    );
    one.stop().await;
    two.stop().await;
}
