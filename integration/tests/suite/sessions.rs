//! Sessions: activities of a workflow that all run on one worker.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durably::client::WorkflowHandle;
use durably::definition::{WorkflowDefinition, WorkflowInit};
use durably::payload::{Parameters, Payload, ToPayload};
use durably::prelude::*;
use durably::worker::{VersioningBehavior, WorkerDeployment};
use durably::workflow::{Session, SessionToken};
use durably_integration::{RunningWorker, Test, eventually};

const LONG: Duration = Duration::from_secs(60);
const SILENCE: Duration = Duration::from_secs(2);

/// A machine with room for sessions.
struct Machine {
    name: &'static str,
    inside: AtomicUsize,
    most: AtomicUsize,
}

impl Machine {
    fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Self {
            name,
            inside: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        })
    }
}

#[activities]
impl Machine {
    #[activity(start_to_close_timeout = "10s")]
    async fn name(&self) -> ActivityResult<String> {
        Ok(self.name.to_owned())
    }

    #[activity(start_to_close_timeout = "10s")]
    async fn enter(&self) -> ActivityResult<()> {
        let inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(inside, Ordering::SeqCst);
        Ok(())
    }

    #[activity(start_to_close_timeout = "10s")]
    async fn leave(&self) -> ActivityResult<()> {
        self.inside.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }

    #[activity(start_to_close_timeout = "60s")]
    async fn work_for_long(&self) -> ActivityResult<()> {
        tokio::time::sleep(LONG).await;
        Ok(())
    }
}

/// Machines, each with a worker that runs its activities and no workflows, and another worker that
/// runs the workflow.
struct Machines {
    test: Test,
    workers: Vec<(Arc<Machine>, RunningWorker)>,
    _workflows: RunningWorker,
}

impl Machines {
    /// Machines of these names, with room for so many sessions each.
    async fn begin<W>(workflow: W, names: &[&'static str], sessions: usize) -> Self
    where
        W: WorkflowInit,
        W::Parameters: Parameters,
        W::Output: ToPayload,
    {
        let test = Test::begin().await;
        let workflows = test.worker(|worker| worker.workflow(workflow));
        let workers = names.iter().map(|name| {
            let machine = Machine::new(name);
            let builder = Worker::builder(test.client(), test.task_queue());
            let builder = builder.shared_activities(machine.clone());
            let builder = builder.max_concurrent_sessions(sessions);
            (machine, test.start_worker(builder.build().unwrap()))
        });
        Self {
            workers: workers.collect(),
            _workflows: workflows,
            test,
        }
    }

    /// Takes a machine away.
    fn take(&mut self, name: &str) -> RunningWorker {
        let mut machines = self.workers.iter();
        let place = machines.position(|(machine, _)| machine.name == name);
        self.workers.remove(place.expect("one of the machines")).1
    }
}

async fn open(ctx: &WorkflowContext) -> Result<Session, Failure> {
    ctx.session()
        .execution_timeout(LONG)
        .heartbeat_timeout(SILENCE)
        .await
}

/// Gives the names of the machines on which the activities of two sessions ran.
#[workflow]
async fn two_sessions(ctx: &WorkflowContext) -> WorkflowResult<[Vec<String>; 2]> {
    let mut names = [Vec::new(), Vec::new()];
    let sessions = [open(ctx).await?, open(ctx).await?];
    for _ in 0..5 {
        for (names, session) in names.iter_mut().zip(&sessions) {
            names.push(session.activity(Machine::name, ()).await?);
        }
    }
    let at_once = (0..5).map(|_| sessions[0].activity(Machine::name, ()));
    for name in join_all(at_once).await {
        names[0].push(name?);
    }
    for session in sessions {
        assert!(session.is_open());
        session.complete().await;
    }
    Ok(names)
}

#[tokio::test]
async fn all_activities_of_a_session_run_on_one_worker() {
    let machines = Machines::begin(two_sessions, &["a", "b", "c"], 1).await;
    let names = machines.test.run(two_sessions, ()).await;
    let [first, second] = names.map(|names| names.into_iter().collect::<BTreeSet<_>>());
    // A machine has room for one of them.
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
}

/// Tells on which machine it is, works there, and begins anew where that is lost.
#[derive(Default)]
struct Starts {
    machine: State<String>,
    failures: State<u32>,
    signals: State<u32>,
}

#[workflow]
impl Starts {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<(Vec<String>, u32)> {
        let mut names = Vec::new();
        while names.len() < 2 {
            let session = open(ctx).await?;
            let name = session.activity(Machine::name, ()).await?;
            self.machine.set(name.clone());
            names.push(name);
            if names.len() == 2 {
                session.complete().await;
                break;
            }
            let failure = session
                .activity(Machine::work_for_long, ())
                .await
                .unwrap_err();
            assert!(
                failure.is_session_failed() && !session.is_open(),
                "{failure}"
            );
            // What is called then fails without a word to the server.
            let failure = session.activity(Machine::name, ()).await.unwrap_err();
            assert!(failure.is_session_failed(), "{failure}");
            self.failures.update(|failures| *failures += 1);
            session.complete().await;
        }
        Ok((names, self.signals.get()))
    }

    #[query]
    fn machine(&self) -> String {
        self.machine.get()
    }

    /// The signals of sessions are none of its business.
    #[signal(dynamic)]
    fn any(&self, _name: String, _arguments: Vec<Payload>) {
        self.signals.update(|signals| *signals += 1);
    }
}

async fn working_machine<W>(handle: &WorkflowHandle<W>) -> String
where
    W: WorkflowDefinition<Owner = Starts>,
{
    let mut name = String::new();
    eventually("the workflow works on a machine", async || {
        name = handle.query(Starts::machine, ()).await.unwrap();
        (!name.is_empty()).then_some(()).ok_or("not yet")
    })
    .await;
    name
}

#[tokio::test]
async fn a_lost_worker_fails_its_session_and_another_one_is_opened() {
    let mut machines = Machines::begin(Starts::run, &["a", "b"], 1).await;
    let handle = machines.test.start(Starts::run, ()).await;
    let first = working_machine(&handle).await;
    machines.take(&first).kill().await;
    let (names, signals) = machines.test.result(&handle).await.unwrap();
    assert_eq!(signals, 0);
    assert_eq!(names, [first.as_str(), machines.workers[0].0.name]);
}

#[tokio::test]
async fn a_shutdown_fails_the_sessions_of_the_worker() {
    let mut machines = Machines::begin(Starts::run, &["a", "b"], 1).await;
    let handle = machines.test.start(Starts::run, ()).await;
    let first = working_machine(&handle).await;
    // It does not wait for the activity: that is canceled with the session.
    let stopping = machines.take(&first);
    stopping.shutdown_handle().initiate();
    let (names, _) = machines.test.result(&handle).await.unwrap();
    assert_eq!(names, [first.as_str(), machines.workers[0].0.name]);
    stopping.kill().await;
}

/// Enters the machine, stays a little, and leaves.
#[workflow]
async fn visits(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let session = open(ctx).await?;
    session.activity(Machine::enter, ()).await?;
    ctx.sleep(Duration::from_millis(200)).await?;
    session.activity(Machine::leave, ()).await?;
    session.complete().await;
    Ok(())
}

#[tokio::test]
async fn no_more_sessions_than_the_worker_has_room_for() {
    let machines = Machines::begin(visits, &["a"], 2).await;
    let (test, (visited, _)) = (&machines.test, &machines.workers[0]);
    let mut visitors = Vec::new();
    for number in 0..6 {
        let id = test.workflow_id(&number.to_string());
        let start = test.starting(visits, ()).workflow_id(id);
        visitors.push(start.await.unwrap());
    }
    for visitor in &visitors {
        test.result(visitor).await.unwrap();
    }
    assert_eq!(visited.most.load(Ordering::SeqCst), 2);
    assert_eq!(visited.inside.load(Ordering::SeqCst), 0);
}

/// Opens a session on the machine of the one before, in the next run.
#[workflow]
async fn comes_back(
    ctx: &WorkflowContext,
    before: Option<(SessionToken, String)>,
) -> WorkflowResult<(String, String, bool)> {
    let Some((token, name)) = before else {
        let session = open(ctx).await?;
        let name = session.activity(Machine::name, ()).await?;
        let token = session.token();
        session.complete().await;
        return ctx.continue_as_new(comes_back, Some((token, name)));
    };
    let again = || {
        let session = ctx.session().execution_timeout(LONG);
        let session = session.heartbeat_timeout(SILENCE);
        let session = session.creation_timeout(Duration::from_secs(2));
        session.recreate(&token)
    };
    let session = again().await?;
    let second = session.activity(Machine::name, ()).await?;
    // There is no room for two of them.
    let refused = again().await.is_err();
    session.complete().await;
    Ok((name, second, refused))
}

#[tokio::test]
async fn a_session_is_recreated_on_its_worker() {
    let machines = Machines::begin(comes_back, &["a", "b", "c"], 1).await;
    let (first, second, refused) = machines.test.run(comes_back, None).await;
    assert_eq!(first, second);
    assert!(refused);
}

/// Drops a session, and opens one when there is room again.
#[workflow]
async fn drops(ctx: &WorkflowContext) -> WorkflowResult<(bool, bool)> {
    let session = open(ctx).await?;
    let working = session.activity(Machine::work_for_long, ()).start();
    drop(session);
    let canceled = working.await.is_err_and(|failure| failure.is_canceled());
    let next = ctx.session().execution_timeout(LONG);
    let next = next.creation_timeout(Duration::from_secs(30)).await?;
    // One that nobody has room for.
    let none = ctx.session().execution_timeout(LONG);
    let none = none.creation_timeout(Duration::from_secs(1)).await;
    let timed_out = none.is_err_and(|failure| failure.timeout().is_some());
    next.complete().await;
    Ok((canceled, timed_out))
}

#[tokio::test]
async fn dropping_a_session_makes_room() {
    let machines = Machines::begin(drops, &["a"], 1).await;
    assert_eq!(machines.test.run(drops, ()).await, (true, true));
}

/// Cleans up on the machine after it was canceled.
#[workflow]
async fn cleans_up(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let session = open(ctx).await?;
    let canceled = session.activity(Machine::work_for_long, ()).await;
    assert!(canceled.is_err_and(|failure| failure.is_canceled()));
    let name = ctx.shield(session.activity(Machine::name, ())).await?;
    session.complete().await;
    Ok(name)
}

#[tokio::test]
async fn a_session_outlives_the_cancellation_of_its_workflow() {
    let machines = Machines::begin(cleans_up, &["a"], 1).await;
    let test = &machines.test;
    let handle = test.start(cleans_up, ()).await;
    let scheduled = durably_protos::temporal::api::enums::v1::EventType::ActivityTaskScheduled;
    eventually("the activity is scheduled", async || {
        let events = test.events(&handle).await;
        (events.count(scheduled) == 2)
            .then_some(())
            .ok_or("not yet")
    })
    .await;
    handle.cancel("enough").await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "a");
}

#[tokio::test]
async fn a_session_of_a_versioned_worker() {
    let Some(test) = Test::begin_on_real_server("a worker deployment").await else {
        return;
    };
    let name = test.workflow_id("deployment").replace([':', '.', '/'], "-");
    let version = WorkerDeployment::new(&name, "one").versioned(VersioningBehavior::Pinned);
    let _worker = test.worker(|worker| {
        worker
            .workflow(visits)
            .shared_activities(Machine::new("a"))
            .max_concurrent_sessions(1)
            .deployment(version)
    });
    let deployment = test.client().worker_deployment(&name);
    eventually("the version is current", async || {
        deployment.set_current_version("one").await.map(|_| ())
    })
    .await;
    test.run(visits, ()).await;
    // The queue of the worker's sessions is none of the version's.
    let described = deployment.version("one").describe().await.unwrap();
    let queues = described.task_queues();
    assert!(!queues.is_empty());
    let of_sessions = queues.iter().any(|queue| queue.name.contains("-session-"));
    assert!(!of_sessions, "{queues:?}");
}

#[test]
fn a_worker_without_activities_has_no_sessions() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let test = Test::begin().await;
        let worker = test.builder().workflow(visits).max_concurrent_sessions(1);
        let refused = worker.build().unwrap_err().to_string();
        assert!(refused.contains("max_concurrent_sessions"), "{refused}");
    });
}
