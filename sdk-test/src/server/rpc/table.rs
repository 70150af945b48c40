//! Which function answers which method.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use prost::Message;
use tonic::body::Body;
use tonic::codec::{CompressionEncoding, EnabledCompressionEncodings};
use tonic::codegen::Service;
use tonic::codegen::http;
use tonic::metadata::MetadataMap;
use tonic::server::Grpc;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::{
    Deadline, activity, activity_by_id, describe, history, multi_operation, namespace, poll, query,
    signal, start, stop, system, test_service, update, workflow_task,
};
use crate::server::refusal::Answer;
use crate::server::shared::Shared;
use crate::server::world::World;

/// The largest request that is read.
const MAX_REQUEST_BYTES: usize = 128 << 20;

type HttpResponse = http::Response<Body>;

/// Answers a call, whatever its path.
pub(crate) async fn dispatch(shared: Arc<Shared>, request: http::Request<Body>) -> HttpResponse {
    let path = request.uri().path().to_owned();
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let service = parts.next().unwrap_or_default();
    let method = parts.next().unwrap_or_default();
    let call = Call { shared, request };
    match service {
        "temporal.api.workflowservice.v1.WorkflowService" => workflow_service(call, method).await,
        "temporal.api.operatorservice.v1.OperatorService" => operator_service(call, method).await,
        "temporal.api.testservice.v1.TestService" => test_service(call, method).await,
        "grpc.health.v1.Health" if method == "Check" => call.now(system::health).await,
        _ => unknown(service, method),
    }
}

async fn workflow_service(call: Call, method: &str) -> HttpResponse {
    match method {
        "GetSystemInfo" => call.now(system::info).await,
        "GetClusterInfo" => call.now(system::cluster).await,
        "RegisterNamespace" => call.now(namespace::register).await,
        "DescribeNamespace" => call.now(namespace::describe).await,
        "ListNamespaces" => call.now(namespace::list).await,
        "UpdateNamespace" => call.now(namespace::update).await,
        "GetSearchAttributes" => call.now(namespace::get_search_attributes).await,
        "StartWorkflowExecution" => call.now(start::start).await,
        "SignalWithStartWorkflowExecution" => call.now(start::signal_with_start).await,
        "ExecuteMultiOperation" => call.waits(multi_operation::execute).await,
        "SignalWorkflowExecution" => call.now(signal::signal).await,
        "RequestCancelWorkflowExecution" => call.now(stop::cancel).await,
        "TerminateWorkflowExecution" => call.now(stop::terminate).await,
        "DeleteWorkflowExecution" => call.now(stop::delete).await,
        "DescribeWorkflowExecution" => call.now(describe::workflow).await,
        "DescribeTaskQueue" => call.now(describe::task_queue).await,
        "GetWorkflowExecutionHistory" => {
            let unwritten = history::shows_unwritten_to(call.request.headers());
            call.waits(move |shared, request, deadline| {
                history::history(shared, request, deadline, unwritten)
            })
            .await
        }
        "GetWorkflowExecutionHistoryReverse" => call.now(history::reverse).await,
        "QueryWorkflow" => call.waits(query::query).await,
        "UpdateWorkflowExecution" => call.waits(update::update).await,
        "PollWorkflowExecutionUpdate" => call.waits(update::poll).await,
        "PollWorkflowTaskQueue" => call.polls(poll::workflow_task).await,
        "PollActivityTaskQueue" => call.polls(poll::activity_task).await,
        "ShutdownWorker" => call.now(poll::shutdown_worker).await,
        "ResetStickyTaskQueue" => call.now(poll::reset_sticky).await,
        "RespondWorkflowTaskCompleted" => call.now(workflow_task::completed).await,
        "RespondWorkflowTaskFailed" => call.now(workflow_task::failed).await,
        "RespondQueryTaskCompleted" => call.now(workflow_task::query_completed).await,
        "RespondActivityTaskCompleted" => call.now(activity::completed).await,
        "RespondActivityTaskFailed" => call.now(activity::failed).await,
        "RespondActivityTaskCanceled" => call.now(activity::canceled).await,
        "RecordActivityTaskHeartbeat" => call.now(activity::heartbeat).await,
        "RespondActivityTaskCompletedById" => call.now(activity_by_id::completed).await,
        "RespondActivityTaskFailedById" => call.now(activity_by_id::failed).await,
        "RespondActivityTaskCanceledById" => call.now(activity_by_id::canceled).await,
        "RecordActivityTaskHeartbeatById" => call.now(activity_by_id::heartbeat).await,
        _ => unknown(system::WORKFLOW_SERVICE, method),
    }
}

async fn operator_service(call: Call, method: &str) -> HttpResponse {
    match method {
        "AddSearchAttributes" => call.now(namespace::add_search_attributes).await,
        "RemoveSearchAttributes" => call.now(namespace::remove_search_attributes).await,
        "ListSearchAttributes" => call.now(namespace::list_search_attributes).await,
        "DeleteNamespace" => call.now(namespace::delete).await,
        _ => unknown("temporal.api.operatorservice.v1.OperatorService", method),
    }
}

async fn test_service(call: Call, method: &str) -> HttpResponse {
    match method {
        "LockTimeSkipping" => call.now(test_service::lock).await,
        "UnlockTimeSkipping" => call.now(test_service::unlock).await,
        "Sleep" => call.waits(test_service::sleep).await,
        "SleepUntil" => call.waits(test_service::sleep_until).await,
        "UnlockTimeSkippingWithSleep" => call.waits(test_service::unlock_with_sleep).await,
        "GetCurrentTime" => call.now(test_service::now).await,
        _ => unknown("temporal.api.testservice.v1.TestService", method),
    }
}

fn unknown(service: &str, method: &str) -> HttpResponse {
    Status::unimplemented(format!("unknown method {method} for service {service}")).into_http()
}

/// A call that has not been read.
struct Call {
    shared: Arc<Shared>,
    request: http::Request<Body>,
}

impl Call {
    /// Answers at once.
    async fn now<Q, R>(self, answer: fn(&mut World, Q) -> Answer<R>) -> HttpResponse
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
    {
        self.unary(move |shared, request, _| {
            std::future::ready(shared.with(|world| answer(world, request)))
        })
        .await
    }

    /// Answers when there is something to tell; with an error as soon as waiting has no sense any more.
    async fn waits<Q, R, F>(self, answer: impl Fn(Arc<Shared>, Q, Deadline) -> F) -> HttpResponse
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
        F: Future<Output = Answer<R>> + Send + 'static,
    {
        self.polls(|shared, request, deadline| {
            let mut breakdown = shared.with(|world| world.breakdown.watch());
            let answer = answer(shared, request, deadline);
            async move {
                tokio::select! {
                    // What can be answered at once still is.
                    biased;
                    answer = answer => answer,
                    Ok(reason) = breakdown.wait_for(Option::is_some) => {
                        Err(Status::failed_precondition(reason.clone().unwrap_or_default()))
                    }
                }
            }
        })
        .await
    }

    /// Answers a worker when there is something to do.
    async fn polls<Q, R, F>(self, answer: impl Fn(Arc<Shared>, Q, Deadline) -> F) -> HttpResponse
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
        F: Future<Output = Answer<R>> + Send + 'static,
    {
        self.unary(|shared: &Arc<Shared>, request, metadata: &MetadataMap| {
            answer(shared.clone(), request, Deadline::of(metadata))
        })
        .await
    }

    async fn unary<Q, R, F>(
        self,
        answer: impl Fn(&Arc<Shared>, Q, &MetadataMap) -> F,
    ) -> HttpResponse
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
        F: Future<Output = Answer<R>> + Send + 'static,
    {
        let codec: ProstCodec<R, Q> = ProstCodec::default();
        let mut accepted = EnabledCompressionEncodings::default();
        accepted.enable(CompressionEncoding::Gzip);
        let mut grpc = Grpc::new(codec)
            .max_decoding_message_size(MAX_REQUEST_BYTES)
            .apply_compression_config(accepted, EnabledCompressionEncodings::default());
        let method = Method {
            shared: self.shared,
            answer,
        };
        grpc.unary(method, self.request).await
    }
}

/// One method as tonic wants it.
struct Method<A> {
    shared: Arc<Shared>,
    answer: A,
}

impl<A, Q, R, F> Service<Request<Q>> for Method<A>
where
    A: Fn(&Arc<Shared>, Q, &MetadataMap) -> F,
    F: Future<Output = Answer<R>> + Send + 'static,
{
    type Response = Response<R>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let (metadata, _, message) = request.into_parts();
        let answer = (self.answer)(&self.shared, message, &metadata);
        Box::pin(async move { answer.await.map(Response::new) })
    }
}
