//! Answering a workflow task, and what follows from the server's reply (protocol 1.6, 2.7, 2.8).

use durably_engine::{
    Completion, HandlerIdentity, QueryResult, Run, WorkflowTaskCompletion, WorkflowTaskFailure,
};
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::command::v1::{Command, FailWorkflowExecutionCommandAttributes};
use durably_protos::temporal::api::enums::v1::{
    CommandType, QueryResultType, WorkflowTaskFailedCause,
};
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::query::v1::WorkflowQueryResult;
use durably_protos::temporal::api::taskqueue::v1::StickyExecutionAttributes;
use durably_protos::temporal::api::workflowservice::v1::respond_workflow_task_completed_request::Capabilities;
use durably_protos::temporal::api::workflowservice::v1::{
    PollWorkflowTaskQueueResponse, RespondQueryTaskCompletedRequest,
    RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskFailedRequest,
};
use prost::Message;

use super::Shard;
use super::poller::sticky_queue;
use super::task::{After, QueryAnswers, TaskHeader, of_codec, one};
use crate::client::{Call, RpcError};
use crate::failure::ApplicationFailure;
use crate::proto_time::proto_duration;
use crate::worker::{CODEC_ERROR, WorkerDeployment, without_payloads};

/// The error by which the server says that new events arrived while a run was ending: the task is
/// executed again with them. A matter of course, not a fault.
const UNHANDLED_COMMAND: &str = "UnhandledCommand";

/// The type of the failure that a panic of workflow code becomes.
const PANIC_ERROR: &str = "PanicError";

impl Shard {
    /// Sends a task's answer; gives what becomes of the run, and the next task if one came back.
    pub(super) async fn respond(
        &self,
        header: &TaskHeader,
        run: Option<&mut Run>,
        completion: Completion,
    ) -> (After, Option<PollWorkflowTaskQueueResponse>) {
        match self.or_failed_workflow(header, completion) {
            Completion::Completed(completion) => self.complete(header, run, completion).await,
            Completion::Answered(result) => {
                self.answer(header, result, WorkflowTaskFailedCause::Unspecified)
                    .await;
                (After::Keep, None)
            }
            Completion::Failed(failure) => (self.fail(header, failure).await, None),
            // Local activities were waited for; this would be a fault of durably's own.
            Completion::Waiting => (After::Evict, None),
        }
    }

    /// What the worker's options say of panics and of code that does not follow its history: they
    /// fail the task, or the workflow.
    fn or_failed_workflow(&self, header: &TaskHeader, completion: Completion) -> Completion {
        let Completion::Failed(failed) = completion else {
            return completion;
        };
        let fails_workflow = match (failed.cause, &failed.failure.failure_info) {
            _ if header.is_legacy_query => false,
            (WorkflowTaskFailedCause::NonDeterministicError, _) => {
                self.config.nondeterminism_fails_workflows
            }
            (_, Some(FailureInfo::ApplicationFailureInfo(info))) => {
                info.r#type == PANIC_ERROR && self.config.panics_fail_workflows
            }
            _ => false,
        };
        if !fails_workflow {
            return Completion::Failed(failed);
        }
        let attributes = FailWorkflowExecutionCommandAttributes {
            failure: Some(failed.failure),
        };
        let command = Command {
            command_type: CommandType::FailWorkflowExecution.into(),
            attributes: Some(Attributes::FailWorkflowExecutionCommandAttributes(
                attributes.into(),
            )),
            ..Command::default()
        };
        Completion::Completed(WorkflowTaskCompletion {
            commands: vec![command],
            terminal: true,
            ..WorkflowTaskCompletion::default()
        })
    }

    async fn complete(
        &self,
        header: &TaskHeader,
        run: Option<&mut Run>,
        completion: WorkflowTaskCompletion,
    ) -> (After, Option<PollWorkflowTaskQueueResponse>) {
        let (terminal, forced) = (completion.terminal, completion.force_new_task);
        warn_of_unfinished(&completion.unfinished_handlers);
        let mut request = self.request(header, completion);
        // What is measured is what is sent: a codec may add to a payload, or compress it.
        let encoded = self.rpc.edge().encode(&mut request).await;
        let failure = match encoded {
            Ok(()) => self.oversized(&request.commands),
            Err(error) => Some(of_codec(&error)),
        };
        if let Some(failure) = failure {
            return (self.fail(header, failure).await, None);
        }
        let eager = self.reserve_eager(&mut request.commands);
        match self.rpc.call_as_it_is(request, Call::ORDINARY).await {
            Ok(response) => {
                if let Some(run) = run
                    && response.reset_history_event_id > 0
                {
                    run.discard_speculative_task(response.reset_history_event_id);
                }
                self.dispatch_eager(response.activity_tasks, eager);
                let next = response
                    .workflow_task
                    .filter(|task| !task.task_token.is_empty());
                let after = match (terminal, forced) {
                    (true, _) => After::Evict,
                    (false, true) if self.grace_over.is_cancelled() => After::Evict,
                    (false, true) => After::GoOn,
                    (false, false) => After::Keep,
                };
                (after, next)
            }
            Err(error) => {
                drop(eager);
                self.completion_refused(header, &error).await;
                (After::Evict, None)
            }
        }
    }

    fn request(
        &self,
        header: &TaskHeader,
        completion: WorkflowTaskCompletion,
    ) -> RespondWorkflowTaskCompletedRequest {
        let deployment = self.config.deployment.as_ref();
        let leaving = self.grace_over.is_cancelled();
        // A worker that shuts down wants no further task of the run: one that is signaled all the
        // time would keep it from ending (protocol 11.1).
        let goes_on = !self.progress.is_replaced() && !self.shutdown.is_draining();
        let sticky = self.is_sticky() && !completion.terminal && goes_on;
        RespondWorkflowTaskCompletedRequest {
            task_token: header.task_token.clone(),
            namespace: self.config.namespace.clone(),
            identity: self.config.identity.clone(),
            worker_instance_key: self.config.worker_instance_key.clone(),
            commands: completion.commands,
            messages: completion.messages,
            query_results: query_results(completion.query_results),
            return_new_workflow_task: sticky || (completion.force_new_task && !leaving),
            sticky_attributes: sticky.then(|| StickyExecutionAttributes {
                worker_task_queue: Some(sticky_queue(self)),
                schedule_to_start_timeout: Some(proto_duration(
                    self.config.sticky_schedule_to_start_timeout,
                )),
            }),
            deployment_options: deployment.map(WorkerDeployment::to_proto),
            versioning_behavior: deployment.map_or(0, |deployment| {
                deployment.behavior(&header.workflow_type).into()
            }),
            force_create_new_workflow_task: completion.force_new_task,
            sdk_metadata: completion.sdk_metadata,
            capabilities: Some(Capabilities {
                discard_speculative_workflow_task_with_events: true,
            }),
            ..RespondWorkflowTaskCompletedRequest::default()
        }
    }

    /// A payload above the server's limit would terminate the workflow; the task fails instead and
    /// the workflow waits for mended code (protocol 2.8, 12.9).
    fn oversized(&self, commands: &[Command]) -> Option<WorkflowTaskFailure> {
        let limit = self.config.blob_size_limit;
        let command = commands
            .iter()
            .find(|command| command.encoded_len() > limit)?;
        let message = format!(
            "a command of type {} has {} bytes, the namespace's limit is {limit}: keep large data outside of the \
             workflow and pass a reference to it",
            command.command_type().as_str_name(),
            command.encoded_len(),
        );
        Some(WorkflowTaskFailure {
            cause: WorkflowTaskFailedCause::PayloadsTooLarge,
            failure: ApplicationFailure::new(message)
                .with_type("PayloadsTooLarge")
                .into(),
        })
    }

    /// The server did not take the completion: nothing of the task happened. Whatever the reason,
    /// the run in memory is ahead of the server's and must go.
    async fn completion_refused(&self, header: &TaskHeader, error: &RpcError) {
        if error.is_message_too_large() {
            let message =
                format!("the workflow task's commands do not fit into one message: {error}");
            let failure = WorkflowTaskFailure {
                cause: WorkflowTaskFailedCause::GrpcMessageTooLarge,
                failure: ApplicationFailure::new(message)
                    .with_type("GrpcMessageTooLarge")
                    .non_retryable()
                    .into(),
            };
            self.fail(header, failure).await;
        } else if error.code() == tonic::Code::InvalidArgument
            && error.message() == UNHANDLED_COMMAND
        {
            tracing::debug!(
                "new events arrived while the workflow ended; the task is executed again"
            );
        } else {
            tracing::warn!(%error, "the server refused a workflow task's completion; the task will be executed again");
        }
    }

    /// Fails the task. Only the first attempt is reported: the server would schedule the next at
    /// once, for ever; the others time out (protocol 2.8). A query is always answered.
    async fn fail(&self, header: &TaskHeader, failure: WorkflowTaskFailure) -> After {
        if header.is_legacy_query {
            tracing::warn!(
                cause = failure.cause.as_str_name(),
                message = failure.failure.message,
                "query failed"
            );
            let result = QueryResult {
                id: String::new(),
                result: Err(failure.failure),
            };
            self.answer(header, result, failure.cause).await;
            return After::Evict;
        }
        tracing::error!(
            cause = failure.cause.as_str_name(),
            message = failure.failure.message,
            "workflow task failed; the workflow waits for a retry of the task"
        );
        if header.attempt <= 1 {
            let mut request = RespondWorkflowTaskFailedRequest {
                task_token: header.task_token.clone(),
                namespace: self.config.namespace.clone(),
                identity: self.config.identity.clone(),
                cause: failure.cause.into(),
                failure: Some(failure.failure),
                deployment_options: self
                    .config
                    .deployment
                    .as_ref()
                    .map(WorkerDeployment::to_proto),
                ..RespondWorkflowTaskFailedRequest::default()
            };
            let mut reported = self.rpc.call(request.clone(), Call::ORDINARY).await;
            if reported.as_ref().is_err_and(RpcError::is_payload_codec) {
                request.failure = request.failure.as_ref().map(without_payloads);
                reported = self.rpc.call_as_it_is(request, Call::ORDINARY).await;
            }
            if let Err(error) = reported {
                tracing::warn!(%error, "cannot report a failed workflow task; it will time out");
            }
        }
        After::Evict
    }

    async fn answer(
        &self,
        header: &TaskHeader,
        result: QueryResult,
        cause: WorkflowTaskFailedCause,
    ) {
        let mut request = RespondQueryTaskCompletedRequest {
            task_token: header.task_token.clone(),
            namespace: self.config.namespace.clone(),
            cause: cause.into(),
            ..RespondQueryTaskCompletedRequest::default()
        };
        match result.result {
            Ok(payload) => {
                request.completed_type = QueryResultType::Answered.into();
                request.query_result = Some(one(payload));
            }
            Err(failure) => {
                request.completed_type = QueryResultType::Failed.into();
                request.error_message.clone_from(&failure.message);
                request.failure = Some(failure);
            }
        }
        if let Err(error) = self.rpc.call(request, Call::ORDINARY).await {
            if error.is_message_too_large() {
                let message = format!("the query's answer is too large: {error}");
                let cause = WorkflowTaskFailedCause::GrpcMessageTooLarge;
                self.answer_failed(header, message, "GrpcMessageTooLarge", cause)
                    .await;
            } else if error.is_payload_codec() {
                let message = format!("the query's answer cannot be sent: {error}");
                let cause = WorkflowTaskFailedCause::Unspecified;
                self.answer_failed(header, message, CODEC_ERROR, cause)
                    .await;
            } else {
                // The caller has gone, most likely.
                tracing::debug!(%error, "a query's answer was not taken");
            }
        }
    }

    /// Answers a query with what kept its answer from being sent.
    async fn answer_failed(
        &self,
        header: &TaskHeader,
        message: String,
        failure_type: &str,
        cause: WorkflowTaskFailedCause,
    ) {
        let failure = ApplicationFailure::new(message.clone())
            .with_type(failure_type)
            .non_retryable();
        let request = RespondQueryTaskCompletedRequest {
            task_token: header.task_token.clone(),
            namespace: self.config.namespace.clone(),
            completed_type: QueryResultType::Failed.into(),
            error_message: message,
            failure: Some(failure.into()),
            cause: cause.into(),
            ..RespondQueryTaskCompletedRequest::default()
        };
        // As it is: it has no payloads, and a codec that failed would fail again.
        if let Err(error) = self.rpc.call_as_it_is(request, Call::ORDINARY).await {
            tracing::debug!(%error, "a query's failure was not taken");
        }
    }
}

/// `TMPRL1102`: the run ends while handlers of messages have not (protocol 3.7).
fn warn_of_unfinished(handlers: &[HandlerIdentity]) {
    if handlers.is_empty() {
        return;
    }
    let names: Vec<_> = handlers.iter().map(unfinished_name).collect();
    tracing::warn!(
        handlers = names.join(", "),
        "[TMPRL1102] the workflow ended while handlers of signals or updates were in progress; they are cut off. Wait for \
         `ctx.all_handlers_finished()` before the end, or mark the handler `unfinished_policy = \"abandon\"`"
    );
}

fn unfinished_name(handler: &HandlerIdentity) -> String {
    match &handler.update_id {
        Some(id) => format!("update \"{}\" (id {id})", handler.name),
        None => format!("signal \"{}\"", handler.name),
    }
}

fn query_results(results: Vec<QueryResult>) -> QueryAnswers {
    results
        .into_iter()
        .map(|result| (result.id, query_result(result.result)))
        .collect()
}

fn query_result(
    result: Result<
        durably_protos::temporal::api::common::v1::Payload,
        durably_protos::temporal::api::failure::v1::Failure,
    >,
) -> WorkflowQueryResult {
    match result {
        Ok(payload) => WorkflowQueryResult {
            result_type: QueryResultType::Answered.into(),
            answer: Some(one(payload)),
            ..WorkflowQueryResult::default()
        },
        Err(failure) => WorkflowQueryResult {
            result_type: QueryResultType::Failed.into(),
            error_message: failure.message.clone(),
            failure: Some(failure),
            ..WorkflowQueryResult::default()
        },
    }
}
