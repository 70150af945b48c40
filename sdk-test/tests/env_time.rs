//! The environment's clock.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use durably::prelude::*;
use durably_test::prelude::*;
use durably_test::server::Blocker;

const DAY: Duration = Duration::from_secs(86_400);

#[derive(Default)]
struct Parcel {
    arrived: State<bool>,
}

#[workflow]
impl Parcel {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<bool> {
        let wait = ctx.wait_until(|| self.arrived.get());
        Ok(wait.timeout(7 * DAY).await?)
    }

    #[signal]
    fn arrived(&self) {
        self.arrived.set(true);
    }

    #[update]
    async fn arrive_later(&self, ctx: &WorkflowContext) -> Result<(), ApplicationFailure> {
        ctx.sleep(DAY)
            .await
            .map_err(ApplicationFailure::from_error)?;
        self.arrived.set(true);
        Ok(())
    }
}

fn days(env: &TestEnv, since: SystemTime) -> u64 {
    env.now().duration_since(since).unwrap().as_secs() / DAY.as_secs()
}

#[tokio::test]
async fn callbacks_come_at_their_time() {
    let env = TestEnv::builder().seed(1).start().await;
    let _worker = env.worker("q").workflow(Parcel::run).start();
    let begun = env.now();
    let seen = Arc::new(Mutex::new(Vec::new()));
    // Set before anybody waits: nothing is skipped for it.
    let parcel = env.client().workflow_handle(Parcel::run, "parcel");
    for day in [3, 2] {
        let (seen, parcel) = (seen.clone(), parcel.clone());
        env.at(day * DAY, async move || {
            seen.lock().unwrap().push(day);
            if day == 3 {
                parcel.signal(Parcel::arrived, ()).await.unwrap();
            }
        });
    }
    let start = env.client().start(Parcel::run, ()).workflow_id("parcel");
    let parcel = start.task_queue("q").await.unwrap();
    assert_eq!(days(&env, begun), 0);
    assert!(parcel.result().await.unwrap());
    assert_eq!(days(&env, begun), 3);
    assert_eq!(*seen.lock().unwrap(), [2, 3]);
    env.finish().await;
}

#[tokio::test]
async fn a_callback_may_wait_for_time_to_pass() {
    let env = TestEnv::start().await;
    let _worker = env.worker("q").workflow(Parcel::run).start();
    let begun = env.now();
    let start = env.client().start(Parcel::run, ()).task_queue("q");
    let parcel = start.await.unwrap();
    let updated = parcel.clone();
    env.at(2 * DAY, async move || {
        updated.update(Parcel::arrive_later, ()).await.unwrap();
    });
    assert!(parcel.result().await.unwrap());
    assert_eq!(days(&env, begun), 3);
    env.finish().await;
}

#[tokio::test]
async fn a_callback_that_panics_ends_the_test() {
    let env = TestEnv::start().await;
    let _worker = env.worker("q").workflow(Parcel::run).start();
    env.at(DAY, async || panic!("lost"));
    let start = env.client().start(Parcel::run, ()).task_queue("q");
    let error = start.await.unwrap().result().await.unwrap_err().to_string();
    assert!(error.contains("panicked: lost"), "{error}");
    assert!(tokio::spawn(env.finish()).await.unwrap_err().is_panic());
}

#[tokio::test]
async fn time_sleeps_advances_and_pauses() {
    let origin = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let env = TestEnv::builder().time(origin).start().await;
    let _worker = env.worker("q").workflow(Parcel::run).start();
    let start = env.client().start(Parcel::run, ()).task_queue("q");
    let parcel = start.await.unwrap();
    env.sleep(2 * DAY).await;
    assert_eq!(days(&env, origin), 2);
    env.advance(4 * DAY).await;
    assert_eq!(days(&env, origin), 6);
    {
        let _paused = env.pause_skipping();
        let result = parcel.result().into_future();
        let waited = tokio::time::timeout(Duration::from_millis(50), result).await;
        assert!(waited.is_err());
        assert_eq!(env.blocked_on(), [Blocker::Locked]);
    }
    assert!(!parcel.result().await.unwrap());
    assert_eq!(days(&env, origin), 7);
    let history = env.history(&parcel).await;
    let timeline = Timeline::of(&history).without_workflow_tasks().to_string();
    assert!(timeline.contains("+7d"), "{timeline}");
    assert!(timeline.contains("Parcel on queue q"), "{timeline}");
    assert!(!timeline.contains("WorkflowTask"), "{timeline}");
    env.finish().await;
}

#[tokio::test]
async fn a_run_that_goes_on_is_replayed_too() {
    let env = TestEnv::start().await;
    let worker = env.worker("q").workflow(Parcel::run).start();
    let start = env.client().start(Parcel::run, ()).task_queue("q");
    start.await.unwrap();
    env.sleep(DAY).await;
    worker.kill().await;
    env.finish().await;
}
