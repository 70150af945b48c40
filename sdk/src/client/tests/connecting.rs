//! Connecting, and what the server says of itself.

use std::io;

use durably_protos::temporal::api::namespace::v1::{NamespaceInfo, namespace_info};
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeNamespaceRequest, DescribeNamespaceResponse, GetSystemInfoRequest,
    GetSystemInfoResponse,
};
use tonic::{Code, Status};

use super::*;
use crate::client::{Client, ConnectError, ConnectOptions};

#[tokio::test(start_paused = true)]
async fn the_server_is_asked_once_what_it_can_do() {
    let server = TestServer::new();
    let info = GetSystemInfoResponse {
        server_version: "1.32.0".into(),
        ..Default::default()
    };
    server.answer::<GetSystemInfoRequest>([Err(Status::unavailable("starting")), Ok(info)]);
    let client = server.client().await;
    assert_eq!(
        client.clone().system_info().await.unwrap().server_version,
        "1.32.0"
    );
    assert_eq!(server.requests::<GetSystemInfoRequest>().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_old_server_has_no_capabilities() {
    let server = TestServer::new();
    server.answer::<GetSystemInfoRequest>([Err(Status::unimplemented("unknown method"))]);
    let client = server.client().await;
    assert_eq!(client.system_info().await.unwrap().capabilities, None);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_is_reported() {
    let server = TestServer::new();
    server.answer::<GetSystemInfoRequest>([Err(Status::unauthenticated("no key"))]);
    let error = Client::connect(server.options()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot connect to test-server:7233: GetSystemInfo failed with UNAUTHENTICATED: no key"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_there_is_reported_with_the_reason() {
    let options = ConnectOptions::new("nowhere:7233").connector(|| async {
        Err::<tokio::io::DuplexStream, _>(io::Error::other("nobody listens"))
    });
    let error = Client::connect(options).await.unwrap_err();
    let ConnectError::Server { source, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(source.code(), Code::Unavailable);
    assert!(error.to_string().contains("nobody listens"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_lazy_client_connects_with_its_first_call() {
    let server = TestServer::new();
    let client = Client::connect_lazy(server.options()).unwrap();
    assert_eq!(server.connections(), 0);
    client.system_info().await.unwrap();
    assert_eq!(server.connections(), 1);
}

#[test]
fn without_a_runtime_there_is_no_client() {
    let error = Client::connect_lazy(ConnectOptions::default()).unwrap_err();
    assert!(matches!(error, ConnectError::NoRuntime));
}

#[tokio::test]
async fn options_that_cannot_be_used_are_named() {
    let error = |options| Client::connect_lazy(options).unwrap_err().to_string();
    let options = ConnectOptions::new;
    assert!(error(options("no port")).starts_with("`no port` is no server address"));
    assert!(error(options("host:1").header("te am", "a")).contains("`te am`"));
    assert!(error(options("host:1").api_key("a\nb")).contains("API key"));
    assert!(error(options("host:1").namespace("a\nb")).contains("namespace"));
}

#[tokio::test(start_paused = true)]
async fn a_namespace_tells_its_limits() {
    let server = TestServer::new();
    let limits = namespace_info::Limits {
        blob_size_limit_error: 1000,
        workflow_task_completion_size_limit_error: 40,
        ..Default::default()
    };
    let info = NamespaceInfo {
        limits: Some(limits),
        ..Default::default()
    };
    let response = DescribeNamespaceResponse {
        namespace_info: Some(info),
        ..Default::default()
    };
    server.answer::<DescribeNamespaceRequest>([Ok(response)]);
    let facts = server.client().await.namespace_facts().await.unwrap();
    assert_eq!(
        (facts.blob_size_limit, facts.memo_size_limit),
        (Some(1000), None)
    );
    assert_eq!(facts.workflow_task_completion_size_limit, Some(40));
    assert_eq!(
        server.requests::<DescribeNamespaceRequest>()[0].namespace,
        "default"
    );
}
