//! What becomes of a task: results, failures, panics, tasks that cannot be run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::ActivityTaskFailedCause;
use tokio::time::{Instant, sleep};
use tonic::Status;

use super::cancellation::cancel_requested;
use super::worker::Setup;
use super::{FakeServer, Report, TestWorker, task};
use crate::activity::{ActivityContext, ActivityOptions, HasTimeout};
use crate::definition::{ActivityDefinition, ActivityExecution, ActivityImplementation};
use crate::failure::{ActivityError, ActivityResult, ApplicationFailure};
use crate::payload::ToPayload;
use crate::worker::{VersioningBehavior, WorkerDeployment};

/// A plain `fn`: divides ten.
struct Divide;

impl ActivityDefinition for Divide {
    type Parameters = (i32, Option<bool>);
    type Output = i32;
    type Timeout = HasTimeout;
    const NAME: &'static str = "divide";

    fn defaults() -> ActivityOptions {
        ActivityOptions::new()
    }
}

impl ActivityImplementation for Divide {
    fn execute(_: ActivityContext, (by, _): (i32, Option<bool>)) -> ActivityExecution<i32> {
        ActivityExecution::Blocking(Box::new(move || Ok(10 / by)))
    }
}

fn divide() -> Setup {
    let mut setup = Setup::default();
    setup.registry.function::<Divide>();
    setup
}

#[tokio::test(start_paused = true)]
async fn results_come_back_with_the_token_and_the_identity() {
    let server = FakeServer::new();
    let double = |context: ActivityContext, number: i32| async move {
        let info = context.info();
        assert_eq!(
            (info.workflow_id.as_str(), info.run_id.as_str()),
            ("workflow", "run")
        );
        assert_eq!(info.task_queue, "orders");
        Ok(2 * number)
    };
    let _worker = TestWorker::with("double", double).start(&server).await;
    server.push(task("double", 21));
    let Report::Completed(report) = server.report().await else {
        panic!("completed");
    };
    assert_eq!(report.task_token, "token-double-21");
    assert_eq!(
        (report.namespace.as_str(), report.identity.as_str()),
        ("default", "tester")
    );
    assert_eq!(Report::Completed(report).result::<i32>(), 42);
}

#[tokio::test(start_paused = true)]
async fn polls_and_answers_say_which_version_the_worker_is() {
    let server = FakeServer::new();
    let ends = |context: ActivityContext, how: i32| async move {
        let _ = context.heartbeat(&0);
        match how {
            0 => Ok(0),
            1 => Err(ApplicationFailure::new("broken").into()),
            _ => Err(context.canceled().await.into()),
        }
    };
    let deployment = WorkerDeployment::new("orders", "7").versioned(VersioningBehavior::Pinned);
    let setup = TestWorker::with("ends", ends);
    let _worker = setup
        .options(|options| options.deployment = Some(deployment.clone()))
        .start(&server)
        .await;
    let expected = deployment.to_proto();
    for how in 0..3 {
        if how == 2 {
            let answer = Ok(cancel_requested());
            let mut heartbeats = server.state.heartbeats.lock().unwrap();
            heartbeats.answers.push_back(answer);
        }
        server.push(task("ends", how));
        let told = match (how, server.report().await) {
            (0, Report::Completed(report)) => report.deployment_options,
            (1, Report::Failed(report)) => report.deployment_options,
            (2, Report::Canceled(report)) => report.deployment_options,
            (_, other) => panic!("{how}: {other:?}"),
        };
        assert_eq!(told, Some(expected.clone()), "{how}");
    }
    let polls = server.state.polls.lock().unwrap();
    assert_eq!(polls.requests[0].deployment_options, Some(expected));
}

#[tokio::test(start_paused = true)]
async fn a_plain_function_runs_on_the_blocking_pool() {
    let server = FakeServer::new();
    let _worker = divide().start(&server).await;
    server.push(task("divide", 5));
    assert_eq!(server.report().await.result::<i32>(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panic_fails_the_attempt_and_nothing_else() {
    crate::worker::panic_hook::install();
    let server = FakeServer::new();
    let panicking = |_, number: i32| async move {
        assert_ne!(number, 13, "unlucky");
        Ok(number)
    };
    let _worker = divide()
        .activity("panicking", panicking)
        .start(&server)
        .await;
    for (activity, argument, text) in [
        ("panicking", 13, "unlucky"),
        ("divide", 0, "attempt to divide by zero"),
    ] {
        server.push(task(activity, argument));
        let failure = server.report().await.failure();
        assert_eq!(failure.failure_type(), "PanicError");
        assert!(!failure.is_non_retryable());
        let message = failure.message();
        assert!(message.contains(text), "{message}");
        assert!(message.contains("tests/execution.rs:"), "{message}");
    }
    server.push(task("panicking", 1));
    assert_eq!(server.report().await.result::<i32>(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_type_fails_for_now_and_names_the_known_ones() {
    let server = FakeServer::new();
    let _worker = divide()
        .activity("add", |_, _| async { Ok(()) })
        .start(&server)
        .await;
    server.push(task("multiply", 0));
    let failure = server.report().await.failure();
    assert_eq!(failure.failure_type(), "NotFoundError");
    assert!(!failure.is_non_retryable());
    assert_eq!(
        failure.message(),
        "activity type `multiply` is not registered with this worker of task queue `orders`; it knows: `add`, `divide`"
    );
}

#[tokio::test(start_paused = true)]
async fn input_that_cannot_be_read_names_the_parameter() {
    let server = FakeServer::new();
    let _worker = divide().start(&server).await;
    let mut undecodable = task("divide", 1);
    undecodable.input = Some(Payloads {
        payloads: vec![1.to_payload().unwrap(), "text".to_payload().unwrap()],
    });
    server.push(undecodable);
    let failure = server.report().await.failure();
    assert_eq!(failure.failure_type(), "PayloadError");
    assert!(!failure.is_non_retryable());
    assert!(
        failure
            .message()
            .starts_with("cannot read the input of activity `divide`: parameter 2 of 2: "),
        "{failure}"
    );

    let mut too_few = task("divide", 1);
    too_few.input = None;
    server.push(too_few);
    assert!(
        server
            .report()
            .await
            .failure()
            .message()
            .contains("parameter 1 of 2")
    );

    let mut too_many = task("divide", 1);
    too_many.input = Some(Payloads {
        payloads: (1..=3).map(|_| Some(true).to_payload().unwrap()).collect(),
    });
    too_many.input.as_mut().unwrap().payloads[0] = 5.to_payload().unwrap();
    server.push(too_many);
    assert_eq!(server.report().await.result::<i32>(), 2);
}

#[tokio::test(start_paused = true)]
async fn failures_say_how_to_go_on() {
    let server = FakeServer::new();
    let failing = |_, _| async {
        let failure = ApplicationFailure::new("declined")
            .with_type("Declined")
            .with_next_retry_delay(Duration::from_secs(7))
            .non_retryable();
        Err::<(), _>(ActivityError::from(failure))
    };
    let _worker = TestWorker::with("failing", failing).start(&server).await;
    server.push(task("failing", 0));
    let failed = server.report().await.failed();
    assert_eq!(
        failed.cause(),
        ActivityTaskFailedCause::ActivityWorkerUnhandledFailure
    );
    let failure = super::server::application(failed.failure.unwrap());
    assert_eq!(failure.failure_type(), "Declined");
    assert!(failure.is_non_retryable());
    assert_eq!(failure.next_retry_delay(), Some(Duration::from_secs(7)));
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_too_large_is_not_sent() {
    let server = FakeServer::new();
    let large = |_, bytes: i32| async move { Ok("x".repeat(usize::try_from(bytes)?)) };
    let _worker = TestWorker::with("large", large).start(&server).await;
    server.push(task("large", 200_000));
    let failed = server.report().await.failed();
    assert_eq!(failed.cause(), ActivityTaskFailedCause::PayloadsTooLarge);
    let failure = super::server::application(failed.failure.unwrap());
    assert!(!failure.is_non_retryable());
    assert!(
        failure
            .message()
            .contains("the namespace's limit is 100000"),
        "{failure}"
    );

    // The namespace would take it, a message of gRPC does not.
    let refusal = "grpc: received message larger than max (5000000 vs. 4194304)";
    let refusals = &server.state.report_refusals;
    refusals
        .lock()
        .unwrap()
        .push_back(Status::resource_exhausted(refusal));
    server.push(task("large", 5000));
    let failed = server.report().await.failed();
    assert_eq!(failed.cause(), ActivityTaskFailedCause::PayloadsTooLarge);
}

#[tokio::test(start_paused = true)]
async fn an_activity_completed_elsewhere_is_not_reported_and_frees_its_slot() {
    let server = FakeServer::new();
    let elsewhere = |context: ActivityContext, number: i32| async move {
        assert_eq!(context.task_token(), &format!("token-elsewhere-{number}"));
        if number < 3 {
            return Err(ActivityError::complete_asynchronously());
        }
        Ok(number)
    };
    let setup = TestWorker::with("elsewhere", elsewhere);
    let _worker = setup
        .options(|options| options.max_concurrent_activities = 1)
        .start(&server)
        .await;
    for number in 1..=3 {
        server.push(task("elsewhere", number));
    }
    assert_eq!(server.report().await.result::<i32>(), 3);
    assert!(!server.has_reports());
}

#[tokio::test(start_paused = true)]
async fn a_report_is_repeated_while_the_server_is_away_and_given_up_when_it_is_too_late() {
    let server = FakeServer::new();
    let _worker = TestWorker::with("one", |_, number: i32| async move { Ok(number) })
        .start(&server)
        .await;
    let refuse = |status| {
        server
            .state
            .report_refusals
            .lock()
            .unwrap()
            .push_back(status);
    };
    for _ in 0..12 {
        refuse(Status::unavailable("restarting"));
    }
    let began = Instant::now();
    server.push(task("one", 1));
    assert_eq!(server.report().await.result::<i32>(), 1);
    let elapsed = began.elapsed().as_secs();
    assert!((20..60).contains(&elapsed), "{elapsed} s");
    refuse(Status::not_found(
        "invalid activityID or activity already timed out",
    ));
    server.push(task("one", 2));
    server.push(task("one", 3));
    assert_eq!(server.report().await.result::<i32>(), 3);
    sleep(Duration::from_secs(60)).await;
    assert!(!server.has_reports());
}

#[tokio::test(start_paused = true)]
async fn no_more_activities_run_than_there_are_slots() {
    let server = FakeServer::new();
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let busy = {
        let (running, most) = (running.clone(), most.clone());
        move |_: ActivityContext,
              _|
              -> std::pin::Pin<Box<dyn Future<Output = ActivityResult<()>> + Send>> {
            let (running, most) = (running.clone(), most.clone());
            Box::pin(async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                sleep(Duration::from_secs(1)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            })
        }
    };
    let setup = TestWorker::with("busy", busy);
    let _worker = setup
        .options(|options| options.max_concurrent_activities = 3)
        .start(&server)
        .await;
    let began = Instant::now();
    for _ in 0..9 {
        server.push(task("busy", 0));
    }
    for _ in 0..9 {
        server.report().await;
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!(began.elapsed().as_secs(), 3);
}

/// Panics once more when the panic of its owner drops it.
struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("not even dropping works");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_destructor_fails_the_attempt_too() {
    let server = FakeServer::new();
    let dropping = |_, _| async {
        let _guard = PanicsWhenDropped;
        Ok(())
    };
    let _worker = TestWorker::with("dropping", dropping).start(&server).await;
    server.push(task("dropping", 0));
    let failure = server.report().await.failure();
    assert_eq!(failure.failure_type(), "PanicError");
}
