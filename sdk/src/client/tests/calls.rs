//! Retries, deadlines and headers.

use std::time::Duration;

use durably_protos::temporal::api::enums::v1::{ResourceExhaustedCause, ResourceExhaustedScope};
use durably_protos::temporal::api::errordetails::v1::ResourceExhaustedFailure;
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeNamespaceRequest, PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    SignalWorkflowExecutionRequest,
};
use tonic::{Code, Status};

use super::*;
use crate::client::{Call, RpcErrorDetail};

type Probe = DescribeNamespaceRequest;

fn unavailable() -> Status {
    Status::unavailable("restarting")
}

/// Whether the times are the nominal ones, give or take the jitter.
fn assert_near(intervals: &[Duration], nominal: &[f64]) {
    assert_eq!(intervals.len(), nominal.len(), "{intervals:?}");
    for (interval, nominal) in intervals.iter().zip(nominal) {
        let ratio = interval.as_secs_f64() / nominal;
        assert!((0.79..1.22).contains(&ratio), "{intervals:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again() {
    let server = TestServer::new();
    server.answer::<Probe>([
        Err(unavailable()),
        Err(Status::internal("oops")),
        Ok(Default::default()),
    ]);
    server.client().await.call(Probe::default()).await.unwrap();
    assert_near(&server.intervals::<Probe>(), &[0.1, 0.17]);
}

#[tokio::test(start_paused = true)]
async fn after_a_minute_without_a_server_the_error_is_reported() {
    let server = TestServer::new();
    server.answer::<Probe>((0..40).map(|_| Err(unavailable())));
    let client = server.client().await;
    let started = tokio::time::Instant::now();
    let error = client.call(Probe::default()).await.unwrap_err();
    assert!((50..60).contains(&started.elapsed().as_secs()));
    let attempts = error.attempts();
    assert!((15..=25).contains(&attempts), "{attempts}");
    assert_eq!(server.requests::<Probe>().len(), attempts as usize);
    assert_eq!(
        error.to_string(),
        format!(
            "DescribeNamespace failed with UNAVAILABLE: restarting (after {attempts} attempts)"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_server_gets_more_time() {
    let server = TestServer::new();
    let failure = ResourceExhaustedFailure {
        cause: ResourceExhaustedCause::RpsLimit.into(),
        scope: ResourceExhaustedScope::Namespace.into(),
    };
    let overloaded = || {
        Err(status(
            Code::ResourceExhausted,
            "too many requests",
            &failure,
        ))
    };
    server.answer::<Probe>([overloaded(), overloaded(), Ok(Default::default())]);
    let client = server.client().await;
    client.call(Probe::default()).await.unwrap();
    assert_near(&server.intervals::<Probe>(), &[1.0, 2.0]);

    server.answer::<Probe>([overloaded()]);
    let call = client.rpc().call(Probe::default(), Call::NO_RETRY);
    assert_eq!(
        call.await.unwrap_err().detail(),
        Some(RpcErrorDetail::ResourceExhausted {
            cause: ResourceExhaustedCause::RpsLimit,
            scope: ResourceExhaustedScope::Namespace,
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_too_large_is_sent_once() {
    let server = TestServer::new();
    let text = "grpc: received message after decompression larger than max 4194304";
    server.answer::<Probe>([Err(Status::resource_exhausted(text))]);
    let error = server
        .client()
        .await
        .call(Probe::default())
        .await
        .unwrap_err();
    assert!(error.is_message_too_large() && !error.is_retryable());
    assert_eq!((error.attempts(), server.requests::<Probe>().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_reported_at_once() {
    let server = TestServer::new();
    let client = server.client().await;
    for code in [
        Code::InvalidArgument,
        Code::NotFound,
        Code::PermissionDenied,
        Code::Unimplemented,
    ] {
        server.answer::<Probe>([Err(Status::new(code, "no"))]);
        assert_eq!(
            client.call(Probe::default()).await.unwrap_err().code(),
            code
        );
    }
    assert_eq!(server.requests::<Probe>().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stays_silent_is_given_up_after_the_deadline() {
    let server = TestServer::new();
    server.stay_silent::<Probe>();
    let client = server.client().await;
    let started = tokio::time::Instant::now();
    let error = client.call(Probe::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::DeadlineExceeded);
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn polls_for_tasks_go_on_until_there_is_an_answer_or_a_final_error() {
    type Poll = PollWorkflowTaskQueueRequest;
    let server = TestServer::new();
    let client = server.client().await;
    server.answer::<Poll>((0..30).map(|_| Err(unavailable())));
    server.stay_silent::<Poll>();
    let expired = Status::deadline_exceeded("nothing to do");
    server.answer::<Poll>([Err(expired), Ok(PollWorkflowTaskQueueResponse::default())]);
    client
        .rpc()
        .call(Poll::default(), Call::TASK_POLL)
        .await
        .unwrap();
    let intervals = server.intervals::<Poll>();
    assert_near(&intervals[..6], &[0.2, 0.4, 0.8, 1.6, 3.2, 6.4]);
    assert_near(&intervals[6..30], &[10.0; 24]);

    server.answer::<Poll>([Err(Status::invalid_argument("missing task queue name"))]);
    let error = client
        .rpc()
        .call(Poll::default(), Call::TASK_POLL)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
}

#[tokio::test(start_paused = true)]
async fn every_call_carries_the_headers() {
    let server = TestServer::new();
    let options = server.options().namespace("orders").api_key("one").no_tls();
    let options = options
        .header("team", "a")
        .binary_header("trace-bin", [1, 2]);
    let client = crate::client::Client::connect(options).await.unwrap();
    server.answer::<SignalWorkflowExecutionRequest>([
        Err(unavailable()),
        Ok(Default::default()),
        Ok(Default::default()),
    ]);
    let handle = client.untyped_workflow_handle("w");
    handle.signal_by_name("s", Vec::new()).await.unwrap();
    client.set_api_key(Some("two")).unwrap();
    let other = client.with_namespace("billing").unwrap();
    other
        .untyped_workflow_handle("w")
        .signal_by_name("s", Vec::new())
        .await
        .unwrap();
    let further = client.open_channel().unwrap();
    server.answer::<Probe>([Ok(Default::default())]);
    further
        .call(Probe::default(), Call::ORDINARY)
        .await
        .unwrap();

    let calls = server.metadata();
    assert_eq!(calls.len(), 5);
    for (place, (method, metadata)) in calls.iter().enumerate() {
        let header = |name| {
            metadata
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let expect =
            |name, value: &str| assert_eq!(header(name).as_deref(), Some(value), "{method}");
        expect("client-name", "temporal-rust-durably");
        expect("client-version", env!("CARGO_PKG_VERSION"));
        expect(
            "temporal-namespace",
            if place == 3 { "billing" } else { "orders" },
        );
        expect(
            "authorization",
            if place < 3 {
                "Bearer one"
            } else {
                "Bearer two"
            },
        );
        expect("team", "a");
        expect("grpc-timeout", "30000000u");
        assert_eq!(
            metadata.get_bin("trace-bin").unwrap().to_bytes().unwrap()[..],
            [1, 2]
        );
        assert!(header("grpc-encoding").is_none());
    }
    assert_eq!(server.connections(), 2);
}
