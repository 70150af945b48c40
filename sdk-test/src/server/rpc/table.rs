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

use super::{
    Deadline, MessageCodec, activity, activity_by_id, activity_control, batch, describe, history,
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

/// The answer to a call. In a box from the beginning: a future that holds one of any method is as large as
/// the largest, and would be moved about.
pub(crate) type Answering = Pin<Box<dyn Future<Output = HttpResponse> + Send>>;

/// Answers a call, whatever its path.
pub(crate) fn dispatch(shared: Arc<Shared>, request: http::Request<Body>) -> Answering {
    let path = request.uri().path().to_owned();
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let service = parts.next().unwrap_or_default();
    let method = parts.next().unwrap_or_default();
    let call = Call { shared, request };
    match service {
        "temporal.api.workflowservice.v1.WorkflowService" => workflow_service(call, method),
        "temporal.api.operatorservice.v1.OperatorService" => operator_service(call, method),
        "temporal.api.testservice.v1.TestService" => test_service(call, method),
        "grpc.health.v1.Health" if method == "Check" => call.now(system::health),
        _ => unknown(service, method),
    }
}

fn workflow_service(call: Call, method: &str) -> Answering {
    match method {
        "GetSystemInfo" => call.now(system::info),
        "GetClusterInfo" => call.now(system::cluster),
        "RegisterNamespace" => call.now(namespace::register),
        "DescribeNamespace" => call.now(namespace::describe),
        "ListNamespaces" => call.now(namespace::list),
        "UpdateNamespace" => call.now(namespace::update),
        "GetSearchAttributes" => call.now(namespace::get_search_attributes),
        "StartWorkflowExecution" => call.now(start::start),
        "SignalWithStartWorkflowExecution" => call.now(start::signal_with_start),
        "ExecuteMultiOperation" => call.waits(multi_operation::execute),
        "SignalWorkflowExecution" => call.now(signal::signal),
        "RequestCancelWorkflowExecution" => call.now(stop::cancel),
        "TerminateWorkflowExecution" => call.now(stop::terminate),
        "ResetWorkflowExecution" => call.now(reset::reset),
        "DeleteWorkflowExecution" => call.now(stop::delete),
        "DescribeWorkflowExecution" => call.now(describe::workflow),
        "ListWorkflowExecutions" => call.now(visibility::list),
        "ScanWorkflowExecutions" => call.now(visibility::scan),
        "CountWorkflowExecutions" => call.now(visibility::count),
        "ListOpenWorkflowExecutions" => call.now(visibility::list_open),
        "ListClosedWorkflowExecutions" => call.now(visibility::list_closed),
        "ListArchivedWorkflowExecutions" => call.now(visibility::list_archived),
        "StartBatchOperation" => call.now(batch::start),
        "StopBatchOperation" => call.now(batch::stop),
        "DescribeBatchOperation" => call.now(batch::describe),
        "ListBatchOperations" => call.now(batch::list),
        "CreateSchedule" => call.now(schedule::create),
        "DescribeSchedule" => call.now(schedule::describe),
        "UpdateSchedule" => call.now(schedule::update),
        "PatchSchedule" => call.now(schedule::patch),
        "DeleteSchedule" => call.now(schedule::delete),
        "ListScheduleMatchingTimes" => call.now(schedule::matching_times),
        "ListSchedules" => call.now(schedule_list::list),
        "CountSchedules" => call.now(schedule_list::count),
        "DescribeTaskQueue" => call.now(task_queue::describe),
        "ListTaskQueuePartitions" => call.now(task_queue::partitions),
        "RecordWorkerHeartbeat" => call.now(worker::heartbeat),
        "DescribeWorker" => call.now(worker::describe),
        "ListWorkers" => call.now(worker::list),
        "CountWorkers" => call.now(worker::count),
        "GetWorkflowExecutionHistory" => {
            let unwritten = history::shows_unwritten_to(call.request.headers());
            call.waits(move |shared, request, deadline| {
                history::history(shared, request, deadline, unwritten)
            })
        }
        "GetWorkflowExecutionHistoryReverse" => call.now(history::reverse),
        "QueryWorkflow" => call.waits(query::query),
        "UpdateWorkflowExecution" => call.waits(update::update),
        "PollWorkflowExecutionUpdate" => call.waits(update::poll),
        "PollWorkflowExecutionTimeSkipping" => call.waits(time_skipping::poll),
        "PollWorkflowTaskQueue" => call.polls(poll::workflow_task),
        "PollActivityTaskQueue" => call.polls(poll::activity_task),
        "PollNexusTaskQueue" => call.polls(poll::nexus_task),
        "RespondNexusTaskCompleted" => call.now(nexus_task::completed),
        "RespondNexusTaskFailed" => call.now(nexus_task::failed),
        "ShutdownWorker" => call.now(poll::shutdown_worker),
        "ResetStickyTaskQueue" => call.now(poll::reset_sticky),
        "RespondWorkflowTaskCompleted" => call.now(workflow_task::completed),
        "RespondWorkflowTaskFailed" => call.now(workflow_task::failed),
        "RespondQueryTaskCompleted" => call.now(workflow_task::query_completed),
        "RespondActivityTaskCompleted" => call.now(activity::completed),
        "RespondActivityTaskFailed" => call.now(activity::failed),
        "RespondActivityTaskCanceled" => call.now(activity::canceled),
        "RecordActivityTaskHeartbeat" => call.now(activity::heartbeat),
        "RespondActivityTaskCompletedById" => call.now(activity_by_id::completed),
        "RespondActivityTaskFailedById" => call.now(activity_by_id::failed),
        "RespondActivityTaskCanceledById" => call.now(activity_by_id::canceled),
        "PauseActivity" => call.now(activity_control::pause),
        "UnpauseActivity" => call.now(activity_control::unpause),
        "ResetActivity" => call.now(activity_control::reset),
        "UpdateActivityOptions" => call.now(activity_control::update_options),
        "UpdateWorkflowExecutionOptions" => call.now(workflow_options::update),
        "PauseWorkflowExecution" => call.now(workflow_options::pause),
        "UnpauseWorkflowExecution" => call.now(workflow_options::unpause),
        "RecordActivityTaskHeartbeatById" => call.now(activity_by_id::heartbeat),
        _ => unknown(system::WORKFLOW_SERVICE, method),
    }
}

fn operator_service(call: Call, method: &str) -> Answering {
    match method {
        "AddSearchAttributes" => call.now(namespace::add_search_attributes),
        "RemoveSearchAttributes" => call.now(namespace::remove_search_attributes),
        "ListSearchAttributes" => call.now(namespace::list_search_attributes),
        "CreateNexusEndpoint" => call.now(nexus_endpoint::create),
        "GetNexusEndpoint" => call.now(nexus_endpoint::get),
        "ListNexusEndpoints" => call.now(nexus_endpoint::list),
        "UpdateNexusEndpoint" => call.now(nexus_endpoint::update),
        "DeleteNexusEndpoint" => call.now(nexus_endpoint::delete),
        "DeleteNamespace" => call.now(namespace::delete),
        _ => unknown("temporal.api.operatorservice.v1.OperatorService", method),
    }
}

fn test_service(call: Call, method: &str) -> Answering {
    match method {
        "LockTimeSkipping" => call.now(test_service::lock),
        "UnlockTimeSkipping" => call.now(test_service::unlock),
        "Sleep" => call.waits(test_service::sleep),
        "SleepUntil" => call.waits(test_service::sleep_until),
        "UnlockTimeSkippingWithSleep" => call.waits(test_service::unlock_with_sleep),
        "GetCurrentTime" => call.now(test_service::now),
        _ => unknown("temporal.api.testservice.v1.TestService", method),
    }
}

fn unknown(service: &str, method: &str) -> Answering {
    let status = Status::unimplemented(format!("unknown method {method} for service {service}"));
    Box::pin(std::future::ready(status.into_http()))
}

/// A call that has not been read.
struct Call {
    shared: Arc<Shared>,
    request: http::Request<Body>,
}

impl Call {
    /// Answers at once.
    fn now<Q, R>(self, answer: fn(&mut World, Q) -> Answer<R>) -> Answering
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
    {
        self.unary(move |shared, request, _| {
            std::future::ready(shared.with(|world| answer(world, request)))
        })
    }

    /// Answers when there is something to tell; with an error as soon as waiting has no sense any more.
    fn waits<Q, R, F>(
        self,
        answer: impl Fn(Arc<Shared>, Q, Deadline) -> F + Send + 'static,
    ) -> Answering
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
        F: Future<Output = Answer<R>> + Send + 'static,
    {
        self.polls(move |shared, request, deadline| {
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
    }

    /// Answers a worker when there is something to do.
    fn polls<Q, R, F>(
        self,
        answer: impl Fn(Arc<Shared>, Q, Deadline) -> F + Send + 'static,
    ) -> Answering
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
        F: Future<Output = Answer<R>> + Send + 'static,
    {
        self.unary(
            move |shared: &Arc<Shared>, request, metadata: &MetadataMap| {
                answer(shared.clone(), request, Deadline::of(metadata))
            },
        )
    }

    fn unary<Q, R, F>(
        self,
        answer: impl Fn(&Arc<Shared>, Q, &MetadataMap) -> F + Send + 'static,
    ) -> Answering
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
        F: Future<Output = Answer<R>> + Send + 'static,
    {
        let codec = MessageCodec::<R, Q>::new();
        let mut accepted = EnabledCompressionEncodings::default();
        accepted.enable(CompressionEncoding::Gzip);
        let mut grpc = Grpc::new(codec)
            .max_decoding_message_size(MAX_REQUEST_BYTES)
            .apply_compression_config(accepted, EnabledCompressionEncodings::default());
        let method = Method {
            shared: self.shared,
            answer,
        };
        let request = self.request;
        Box::pin(async move { too_large(grpc.unary(method, request).await) })
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
