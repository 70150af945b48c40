//! The way to a server of another process, on which an environment sees what it needs to.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::TimeSkippingConfig;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_request::operation::Operation;
use durably_protos::temporal::api::workflowservice::v1::{
    ExecuteMultiOperationRequest, RespondWorkflowTaskFailedRequest,
    SignalWithStartWorkflowExecutionRequest, StartWorkflowExecutionRequest,
};
use http_body_util::{BodyExt, Full};
use tokio::sync::watch;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::transport::{Channel, Endpoint};

use super::super::faults::change_message;
use crate::server::TaskFailure;

type Request = http::Request<Body>;
type Response = http::Response<Body>;

/// The way to a server of another process. Starts that go along it carry the wish that time be skipped;
/// workflow tasks that fail end the wait of all who wait.
#[derive(Clone)]
pub(in crate::env) struct Link {
    channel: Channel,
    shared: Arc<Shared>,
}

struct Shared {
    skips_time: bool,
    fails_fast: bool,
    /// The namespaces and ids of the workflows that were started.
    started: Mutex<BTreeSet<(String, String)>>,
    failure: watch::Sender<Option<String>>,
    /// How many hold the completions of workflow tasks back.
    holders: watch::Sender<usize>,
}

/// Holds the completions of workflow tasks back until it is dropped.
pub(in crate::env) struct Hold(Arc<Shared>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.holders.send_modify(|holders| *holders -= 1);
    }
}

impl Link {
    pub(in crate::env) fn new(
        address: &str,
        skips_time: bool,
        fails_fast: bool,
    ) -> Result<Self, tonic::transport::Error> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
        Ok(Self {
            channel: endpoint.connect_lazy(),
            shared: Arc::new(Shared {
                skips_time,
                fails_fast,
                started: Mutex::default(),
                failure: watch::Sender::new(None),
                holders: watch::Sender::new(0),
            }),
        })
    }

    /// Why the test should end, if it should.
    pub(in crate::env) fn failure(&self) -> Option<String> {
        self.shared.failure.borrow().clone()
    }

    /// Ready, with the reason, once the test should end.
    pub(in crate::env) async fn broken(&self) -> String {
        let mut failure = self.shared.failure.subscribe();
        let told = failure.wait_for(Option::is_some).await;
        told.ok()
            .and_then(|told| told.clone())
            .unwrap_or_else(|| "the way to the server is gone".to_owned())
    }

    /// Holds the completions of workflow tasks back: something that their commands may need is still
    /// being made.
    pub(in crate::env) fn hold_completions(&self) -> Hold {
        self.shared.holders.send_modify(|holders| *holders += 1);
        Hold(self.shared.clone())
    }

    /// Ends the wait of all who wait. Only the first reason is told.
    pub(in crate::env) fn break_down(&self, reason: String) {
        self.shared.failure.send_if_modified(|told| {
            let is_first = told.is_none();
            told.get_or_insert(reason);
            is_first
        });
    }

    /// The namespaces and ids of the workflows that were started.
    pub(in crate::env) fn started(&self) -> Vec<(String, String)> {
        let started = self.shared.started.lock();
        let started = started.unwrap_or_else(PoisonError::into_inner);
        started.iter().cloned().collect()
    }

    async fn pass(mut self, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let method = path.rsplit('/').next().unwrap_or_default();
        if method == "RespondWorkflowTaskCompleted" {
            let mut holders = self.shared.holders.subscribe();
            // The sender is the link's own.
            let _there = holders.wait_for(|holders| *holders == 0).await;
        }
        let (head, body) = request.into_parts();
        let body = match body.collect().await {
            Ok(body) => self.look(method, body.to_bytes()),
            Err(status) => return status.into_http(),
        };
        let request = http::Request::from_parts(head, Body::new(Full::new(body)));
        let mut failure = self.shared.failure.subscribe();
        let answer = async {
            std::future::poll_fn(|context| self.channel.poll_ready(context)).await?;
            self.channel.call(request).await
        };
        if !waits(method) {
            return answered(answer.await);
        }
        tokio::select! {
            // What can be answered at once still is.
            biased;
            answer = answer => answered(answer),
            Ok(reason) = failure.wait_for(Option::is_some) => {
                Status::failed_precondition(reason.clone().unwrap_or_default()).into_http()
            }
        }
    }

    /// Looks at a request, and changes it where it is a start.
    fn look(&self, method: &str, body: Bytes) -> Bytes {
        let shared = &self.shared;
        match method {
            "StartWorkflowExecution" => {
                change_message(body, |start: &mut StartWorkflowExecutionRequest| {
                    shared.starts(start);
                })
            }
            "SignalWithStartWorkflowExecution" => change_message(
                body,
                |start: &mut SignalWithStartWorkflowExecutionRequest| {
                    shared.note(&start.namespace, &start.workflow_id);
                    shared.wish(&mut start.time_skipping_config);
                },
            ),
            "ExecuteMultiOperation" => {
                change_message(body, |operations: &mut ExecuteMultiOperationRequest| {
                    for operation in &mut operations.operations {
                        if let Some(Operation::StartWorkflow(start)) = &mut operation.operation {
                            shared.starts(start);
                        }
                    }
                })
            }
            "RespondWorkflowTaskFailed" if shared.fails_fast => {
                change_message(body, |failed: &mut RespondWorkflowTaskFailedRequest| {
                    if TaskFailure::is_fault(failed.cause()) {
                        self.break_down(cause(failed));
                    }
                })
            }
            _ => body,
        }
    }
}

impl Shared {
    fn starts(&self, start: &mut StartWorkflowExecutionRequest) {
        self.note(&start.namespace, &start.workflow_id);
        self.wish(&mut start.time_skipping_config);
    }

    fn note(&self, namespace: &str, workflow_id: &str) {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.insert((namespace.to_owned(), workflow_id.to_owned()));
    }

    fn wish(&self, config: &mut Option<TimeSkippingConfig>) {
        if self.skips_time {
            config.get_or_insert(TimeSkippingConfig {
                enabled: true,
                ..TimeSkippingConfig::default()
            });
        }
    }
}

fn cause(failed: &RespondWorkflowTaskFailedRequest) -> String {
    let cause = failed.cause().as_str_name();
    let cause = cause.trim_start_matches("WORKFLOW_TASK_FAILED_CAUSE_");
    let message = failed.failure.as_ref();
    let message = message.map_or("", |failure| failure.message.as_str());
    format!("a workflow task failed: {cause}: {message}")
}

/// Whether callers of a method wait for something to come.
fn waits(method: &str) -> bool {
    matches!(
        method,
        "GetWorkflowExecutionHistory"
            | "QueryWorkflow"
            | "UpdateWorkflowExecution"
            | "PollWorkflowExecutionUpdate"
            | "PollWorkflowExecutionTimeSkipping"
            | "ExecuteMultiOperation"
    )
}

fn answered(answer: Result<Response, tonic::transport::Error>) -> Response {
    answer.unwrap_or_else(|error| {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        Status::unavailable(text).into_http()
    })
}

impl Service<Request> for Link {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let link = self.clone();
        Box::pin(async move { Ok(link.pass(request).await) })
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Link").finish_non_exhaustive()
    }
}
