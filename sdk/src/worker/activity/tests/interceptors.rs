//! Interceptors: around attempts of every kind, and around heartbeats.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use durably_engine::{
    LocalActivityEnd, LocalActivityOptions, LocalActivityOutcome, LocalActivityTask,
};
use durably_protos::temporal::api::common::v1::Header;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::worker::Setup;
use super::{FakeServer, Report, TestWorker, task};
use crate::activity::{
    ActivityContext, ActivityInfo, ActivityOptions, ActivityRegistry, HasTimeout, HeartbeatError,
};
use crate::definition::{ActivityDefinition, ActivityExecution, ActivityImplementation};
use crate::failure::{ActivityError, ActivityResult, ApplicationFailure};
use crate::interceptor::{ActivityInterceptor, ExecuteActivity, RecordHeartbeat};
use crate::payload::{FromPayload, HeaderKey, Headers, Payload, ToPayload};
use crate::worker::activity::{LocalCaller, RunningLocalActivity};

const TENANT: HeaderKey<String> = HeaderKey::new("tenant");

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn number(payload: Option<&Payload>) -> i32 {
    i32::from_payload(payload.unwrap()).unwrap()
}

fn payload(number: i32) -> Payload {
    number.to_payload().unwrap()
}

/// Notes what passes, and adds to each number that does.
struct Adds(i32, Lines);

impl ActivityInterceptor for Adds {
    async fn execute_activity(
        &self,
        ctx: &ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'_>,
    ) -> ActivityResult<Option<Payload>> {
        let argument = number(arguments.first());
        let kind = if ctx.info().is_local { "local " } else { "" };
        self.1
            .add(format!("{kind}{} {argument}", ctx.info().activity_type));
        let result = next.run(ctx, vec![payload(argument + self.0)]).await?;
        let result = number(result.as_ref());
        self.1.add(format!("= {result}"));
        Ok(Some(payload(result + self.0)))
    }

    fn record_heartbeat(
        &self,
        ctx: &ActivityContext,
        details: Vec<Payload>,
        next: RecordHeartbeat<'_>,
    ) -> Result<(), HeartbeatError> {
        let detail = number(details.first());
        self.1.add(format!("heartbeat {detail}"));
        next.run(ctx, vec![payload(detail + self.0)])
    }
}

/// A plain `fn`.
struct Negate;

impl ActivityDefinition for Negate {
    type Parameters = (i32,);
    type Output = i32;
    type Timeout = HasTimeout;
    const NAME: &'static str = "negate";

    fn defaults() -> ActivityOptions {
        ActivityOptions::new()
    }
}

impl ActivityImplementation for Negate {
    fn execute(context: ActivityContext, (number,): (i32,)) -> ActivityExecution<i32> {
        ActivityExecution::Blocking(Box::new(move || {
            context.heartbeat(&number)?;
            Ok(-number)
        }))
    }
}

async fn double(context: ActivityContext, number: i32) -> ActivityResult<i32> {
    context.heartbeat(&number)?;
    // With a result that comes at once, it would not be sent any more.
    sleep(Duration::from_secs(1)).await;
    Ok(2 * number)
}

fn setup(interceptors: impl FnOnce(&mut ActivityRegistry)) -> Setup {
    let mut setup = TestWorker::with("double", double);
    setup.registry.function::<Negate>();
    interceptors(&mut setup.registry);
    setup
}

#[tokio::test(start_paused = true)]
async fn the_first_is_the_outermost_and_all_may_change_what_passes() {
    let (server, lines) = (FakeServer::new(), Lines::default());
    let setup = setup(|registry| {
        registry.intercept(Adds(1, lines.clone()));
        registry.intercept(Arc::new(Adds(10, lines.clone())));
    });
    let _worker = setup.start(&server).await;
    let began = Instant::now();
    server.push(task("double", 5));
    assert_eq!(server.report().await.result::<i32>(), 43);
    let passed = ["heartbeat 16", "heartbeat 17", "= 32", "= 42"];
    assert_eq!(
        lines.take(),
        [&["double 5", "double 6"][..], &passed].concat()
    );
    assert_eq!(server.heartbeats(began), [(0, 27)]);

    // A plain function records its heartbeats on a thread of its own.
    server.push(task("negate", 5));
    assert_eq!(server.report().await.result::<i32>(), -5);
    let passed = ["heartbeat 16", "heartbeat 17", "= -16", "= -6"];
    assert_eq!(
        lines.take(),
        [&["negate 5", "negate 6"][..], &passed].concat()
    );
}

struct LocalRun {
    ends: mpsc::UnboundedReceiver<LocalActivityEnd>,
    _running: RunningLocalActivity,
}

fn run_local(worker: &TestWorker, activity_type: &str, argument: i32) -> LocalRun {
    let caller = LocalCaller {
        namespace: "default".into(),
        workflow_type: "order".into(),
        workflow_id: "workflow".into(),
        run_id: "run".into(),
    };
    let task = LocalActivityTask {
        seq: 1,
        options: LocalActivityOptions {
            activity_type: activity_type.into(),
            arguments: vec![payload(argument)],
            header: Headers::new().set(&TENANT, "acme").unwrap().to_proto(),
            ..LocalActivityOptions::default()
        },
        scheduled_time: SystemTime::now(),
        cancel_requested: false,
    };
    let (sender, ends) = mpsc::unbounded_channel();
    let running = worker.dispatcher.run_local(task, &caller, sender);
    LocalRun {
        ends,
        _running: running,
    }
}

#[tokio::test(start_paused = true)]
async fn local_activities_pass_them_too() {
    let (server, lines) = (FakeServer::new(), Lines::default());
    let setup = setup(|registry| registry.intercept(Adds(1, lines.clone())));
    let worker = setup.start(&server).await;
    let end = run_local(&worker, "double", 5).ends.recv().await.unwrap();
    let LocalActivityOutcome::Completed(result) = end.outcome else {
        panic!("{end:?}");
    };
    assert_eq!(number(result.unwrap().payloads.first()), 13);
    assert_eq!(lines.take(), ["local double 5", "heartbeat 6", "= 12"]);
}

/// What the interceptor does is chosen by the argument.
struct Unruly(Lines);

impl ActivityInterceptor for Unruly {
    async fn execute_activity(
        &self,
        ctx: &ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'_>,
    ) -> ActivityResult<Option<Payload>> {
        match number(arguments.first()) {
            1 => {
                let refused = ApplicationFailure::new("not now").with_type("Refused");
                return Err(refused.non_retryable().into());
            }
            2 => panic!("unlucky interceptor"),
            // Once more in the same attempt.
            3 if next.run(ctx, arguments.clone()).await.is_err() => {
                return next.run(ctx, vec![payload(0)]).await;
            }
            _ => {}
        }
        let result = next.run(ctx, arguments).await;
        if let Err(ActivityError::Failed(failure)) = &result {
            self.0.add(failure.to_string());
        }
        result
    }
}

#[tokio::test(start_paused = true)]
async fn one_may_refuse_panic_or_try_again() {
    crate::worker::panic_hook::install();
    let (server, lines) = (FakeServer::new(), Lines::default());
    let calls = Lines::default();
    let called = calls.clone();
    let fails = move |_, number: i32| {
        called.add(number.to_string());
        async move {
            assert_ne!(number, 4, "unlucky body");
            match number {
                0 => Ok(0),
                _ => Err(ActivityError::from("broken")),
            }
        }
    };
    let mut setup = TestWorker::with("fails", fails);
    setup.registry.intercept(Unruly(lines.clone()));
    let _worker = setup.start(&server).await;

    server.push(task("fails", 1));
    let failure = server.report().await.failure();
    assert_eq!(failure.failure_type(), "Refused");
    assert!(failure.is_non_retryable() && calls.take().is_empty());

    server.push(task("fails", 2));
    let failure = server.report().await.failure();
    assert_eq!(failure.failure_type(), "PanicError");
    let message = failure.message();
    assert!(message.contains("unlucky interceptor"), "{message}");
    assert!(message.contains("tests/interceptors.rs:"), "{message}");
    assert!(!failure.is_non_retryable() && calls.take().is_empty());

    server.push(task("fails", 3));
    assert_eq!(server.report().await.result::<i32>(), 0);
    assert_eq!(calls.take(), ["3", "0"]);
    assert!(lines.take().is_empty());

    // The failure that a panic of the body becomes, and that of a type which is not known.
    server.push(task("fails", 4));
    assert_eq!(server.report().await.failure().failure_type(), "PanicError");
    let seen = lines.take();
    assert!(seen[0].contains("unlucky body"), "{seen:?}");
    server.push(task("unknown", 5));
    let failure = server.report().await.failure();
    assert_eq!(failure.failure_type(), "NotFoundError");
    let seen = lines.take();
    assert!(seen[0].contains("`unknown` is not registered"), "{seen:?}");
}

/// Lets heartbeats of odd numbers through, and panics at 4.
struct Odd;

impl ActivityInterceptor for Odd {
    fn record_heartbeat(
        &self,
        ctx: &ActivityContext,
        details: Vec<Payload>,
        next: RecordHeartbeat<'_>,
    ) -> Result<(), HeartbeatError> {
        let detail = number(details.first());
        assert_ne!(detail, 4, "unlucky heartbeat");
        match detail % 2 {
            0 => Err(HeartbeatError::Ended),
            _ => next.run(ctx, details),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn heartbeats_may_be_refused() {
    let server = FakeServer::new();
    let setup = setup(|registry| registry.intercept(Odd));
    let _worker = setup.start(&server).await;
    let began = Instant::now();
    for (argument, text) in [(2, "has ended"), (4, "unlucky heartbeat")] {
        for activity_type in ["double", "negate"] {
            server.push(task(activity_type, argument));
            let failure = server.report().await.failure();
            let message = failure.message();
            assert!(message.contains(text), "{message}");
        }
    }
    assert!(server.heartbeats(began).is_empty());
    server.push(task("double", 3));
    assert_eq!(server.report().await.result::<i32>(), 6);
    assert_eq!(server.heartbeats(began), [(0, 3)]);
}

/// Puts the tenant into capitals.
struct Capitals;

impl ActivityInterceptor for Capitals {
    async fn execute_activity(
        &self,
        ctx: &ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'_>,
    ) -> ActivityResult<Option<Payload>> {
        let tenant = ctx.header(&TENANT)?.unwrap_or_default().to_uppercase();
        let headers = ctx.headers().clone().set(&TENANT, tenant)?;
        next.run(&ctx.with_headers(headers), arguments).await
    }
}

#[tokio::test(start_paused = true)]
async fn the_body_may_get_other_headers() {
    let server = FakeServer::new();
    let tenant = |context: ActivityContext, _| async move {
        // By the context that the interceptor has made, as by any other.
        context.heartbeat(&1)?;
        let sent = context.info().headers.get(&TENANT)?;
        assert_eq!(sent.as_deref(), Some("acme"));
        Ok(context.clone().header(&TENANT)?)
    };
    let mut setup = TestWorker::with("tenant", tenant);
    setup.registry.intercept(Capitals);
    let _worker = setup.start(&server).await;
    let mut task = task("tenant", 0);
    task.header = Some(Header {
        fields: [("tenant".to_owned(), "acme".to_payload().unwrap())].into(),
    });
    server.push(task);
    assert_eq!(server.report().await.result::<String>(), "ACME");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_completes_elsewhere_passes_them() {
    let server = FakeServer::new();
    let elsewhere = |_, number: i32| async move {
        match number {
            0 => Err(ActivityError::complete_asynchronously()),
            _ => Ok(number),
        }
    };
    let mut setup = TestWorker::with("elsewhere", elsewhere);
    setup.registry.intercept(Unruly(Lines::default()));
    let _worker = setup.start(&server).await;
    server.push(task("elsewhere", 0));
    server.push(task("elsewhere", 7));
    // The one that is completed elsewhere is not reported.
    assert!(matches!(server.report().await, Report::Completed(_)));
    assert!(!server.has_reports());
}

#[test]
fn a_registry_beside_another_has_its_interceptors_for_its_activities() {
    let mut base = ActivityRegistry::new();
    base.intercept(Odd);
    let nothing = |_: ActivityContext, _| async { Ok(None) };
    base.untyped("theirs", nothing);
    let mut beside = ActivityRegistry::beside(Arc::new(base));
    beside.untyped("own", nothing);
    let interceptors = |name| beside.interceptors(name).len();
    assert_eq!(
        ["theirs", "unknown", "own"].map(interceptors),
        [1, 1, 0],
        "of {beside:?}"
    );
    // A context without a worker has none.
    let (context, attempt) = ActivityContext::for_tests(ActivityInfo::default());
    context.heartbeat(&4).unwrap();
    assert_eq!(attempt.heartbeats().len(), 1);
}
