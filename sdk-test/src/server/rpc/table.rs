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
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;

use super::{
    Deadline, activity, activity_by_id, activity_control, batch, describe, history,
    multi_operation, namespace, nexus_endpoint, nexus_task, poll, query, reset, schedule,
    schedule_list, signal, start, stop, system, task_queue, test_service, time_skipping, update,
    visibility, worker, workflow_options, workflow_task,
};
use crate::server::refusal::Answer;
use crate::server::shared::Shared;
use crate::server::world::World;

/// The largest request that is read: the limit of the real server.
const MAX_REQUEST_BYTES: usize = 4 << 20;

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
        "ResetWorkflowExecution" => call.now(reset::reset).await,
        "DeleteWorkflowExecution" => call.now(stop::delete).await,
        "DescribeWorkflowExecution" => call.now(describe::workflow).await,
        "ListWorkflowExecutions" => call.now(visibility::list).await,
        "ScanWorkflowExecutions" => call.now(visibility::scan).await,
        "CountWorkflowExecutions" => call.now(visibility::count).await,
        "ListOpenWorkflowExecutions" => call.now(visibility::list_open).await,
        "ListClosedWorkflowExecutions" => call.now(visibility::list_closed).await,
        "ListArchivedWorkflowExecutions" => call.now(visibility::list_archived).await,
        "StartBatchOperation" => call.now(batch::start).await,
        "StopBatchOperation" => call.now(batch::stop).await,
        "DescribeBatchOperation" => call.now(batch::describe).await,
        "ListBatchOperations" => call.now(batch::list).await,
        "CreateSchedule" => call.now(schedule::create).await,
        "DescribeSchedule" => call.now(schedule::describe).await,
        "UpdateSchedule" => call.now(schedule::update).await,
        "PatchSchedule" => call.now(schedule::patch).await,
        "DeleteSchedule" => call.now(schedule::delete).await,
        "ListScheduleMatchingTimes" => call.now(schedule::matching_times).await,
        "ListSchedules" => call.now(schedule_list::list).await,
        "CountSchedules" => call.now(schedule_list::count).await,
        "DescribeTaskQueue" => call.now(task_queue::describe).await,
        "ListTaskQueuePartitions" => call.now(task_queue::partitions).await,
        "RecordWorkerHeartbeat" => call.now(worker::heartbeat).await,
        "DescribeWorker" => call.now(worker::describe).await,
        "ListWorkers" => call.now(worker::list).await,
        "CountWorkers" => call.now(worker::count).await,
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
        "PollWorkflowExecutionTimeSkipping" => call.waits(time_skipping::poll).await,
        "PollWorkflowTaskQueue" => call.polls(poll::workflow_task).await,
        "PollActivityTaskQueue" => call.polls(poll::activity_task).await,
        "PollNexusTaskQueue" => call.polls(poll::nexus_task).await,
        "RespondNexusTaskCompleted" => call.now(nexus_task::completed).await,
        "RespondNexusTaskFailed" => call.now(nexus_task::failed).await,
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
        "PauseActivity" => call.now(activity_control::pause).await,
        "UnpauseActivity" => call.now(activity_control::unpause).await,
        "ResetActivity" => call.now(activity_control::reset).await,
        "UpdateActivityOptions" => call.now(activity_control::update_options).await,
        "UpdateWorkflowExecutionOptions" => call.now(workflow_options::update).await,
        "PauseWorkflowExecution" => call.now(workflow_options::pause).await,
        "UnpauseWorkflowExecution" => call.now(workflow_options::unpause).await,
        "RecordActivityTaskHeartbeatById" => call.now(activity_by_id::heartbeat).await,
        _ => unknown(system::WORKFLOW_SERVICE, method),
    }
}

async fn operator_service(call: Call, method: &str) -> HttpResponse {
    match method {
        "AddSearchAttributes" => call.now(namespace::add_search_attributes).await,
        "RemoveSearchAttributes" => call.now(namespace::remove_search_attributes).await,
        "ListSearchAttributes" => call.now(namespace::list_search_attributes).await,
        "CreateNexusEndpoint" => call.now(nexus_endpoint::create).await,
        "GetNexusEndpoint" => call.now(nexus_endpoint::get).await,
        "ListNexusEndpoints" => call.now(nexus_endpoint::list).await,
        "UpdateNexusEndpoint" => call.now(nexus_endpoint::update).await,
        "DeleteNexusEndpoint" => call.now(nexus_endpoint::delete).await,
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
        too_large(grpc.unary(method, self.request).await)
    }
}

/// Says in the real server's words, and with its code, that a request is too large: workers look for
/// both.
fn too_large(response: HttpResponse) -> HttpResponse {
    let refusal = Status::from_header_map(response.headers());
    let refusal = refusal.filter(|status| status.code() == Code::OutOfRange);
    let length = refusal.and_then(|status| {
        let rest = status.message().split_once("length too large: found ")?.1;
        rest.split(' ').next()?.parse::<u64>().ok()
    });
    match length {
        Some(length) => Status::resource_exhausted(format!(
            "grpc: received message larger than max ({length} vs. {MAX_REQUEST_BYTES})"
        ))
        .into_http(),
        None => response,
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
        let method = std::any::type_name::<Q>().rsplit(':').next();
        tracing::trace!(method, "called");
        let answer = (self.answer)(&self.shared, message, &metadata);
        Box::pin(async move {
            let answer = answer.await;
            match &answer {
                Ok(_) => tracing::trace!(method, "answered"),
                Err(status) => tracing::debug!(method, ?status, "refused"),
            }
            answer.map(Response::new)
        })
    }
}
