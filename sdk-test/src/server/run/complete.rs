//! The answer to a workflow task.

use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{Failure, ServerFailureInfo};
use durably_protos::temporal::api::history::v1::WorkflowTaskCompletedEventAttributes;
use durably_protos::temporal::api::workflowservice::v1::RespondWorkflowTaskCompletedRequest;
use tonic::Status;

use super::update::server_failure;
use super::workflow_task::Started;
use super::{Run, TaskKind, WorkflowTask};
use crate::server::commands::{
    Applied, BadCommand, Surroundings, UpdateMessages, check, check_order,
};
use crate::server::refusal::{Answer, invalid, not_ready, workflow_task_not_found};
use crate::server::text::camel_case;
use crate::server::world::Tx;

/// What the worker is told besides its next tasks.
#[derive(Debug, Default)]
pub(crate) struct Completed {
    /// The worker must forget the events after this one: the task left no trace. 0 otherwise.
    pub(crate) reset_history_event_id: i64,
    /// Activities to hand out with the answer, by their scheduled events.
    pub(crate) eager: Vec<i64>,
}

impl Run {
    /// The workflow task in a worker's hands, if it is the one a token stands for.
    pub(crate) fn started_task(&self, stamp: i64) -> Answer<(&WorkflowTask, &Started)> {
        let task = self
            .workflow_task
            .as_ref()
            .filter(|task| task.stamp == stamp);
        let started = task.and_then(|task| Some((task, task.started.as_ref()?)));
        started
            .filter(|_| self.is_open())
            .ok_or_else(workflow_task_not_found)
    }

    /// Carries the answer out, or fails the task because of it.
    pub(crate) fn complete_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        stamp: i64,
        mut request: RespondWorkflowTaskCompletedRequest,
    ) -> Answer<Completed> {
        let (task, _) = self.started_task(stamp)?;
        let kind = task.kind;
        let around = Surroundings {
            namespaces: tx.namespaces,
            endpoints: tx.endpoints,
            limits: tx.limits,
        };
        let around = &around;
        check_order(&request.commands)?;
        let commands = std::mem::take(&mut request.commands);
        let unwritten = if kind == TaskKind::Normal { 0 } else { 2 };
        let completed_id = self.history.next_id() + unwritten;
        let messages = match UpdateMessages::read(&request.messages) {
            Ok(messages) => messages,
            Err(text) => {
                let bad = BadCommand::FailsTask(Cause::BadUpdateWorkflowExecutionMessage, text);
                return Err(self.refuse_answer(tx, kind, bad, &request.identity));
            }
        };
        if let Err(bad) = check(self, around, &commands, &messages, completed_id + 1) {
            return Err(self.refuse_answer(tx, kind, bad, &request.identity));
        }
        let leaves_no_trace = kind == TaskKind::Speculative
            && commands.is_empty()
            && messages.only_reject()
            && self.may_discard(&request);
        let results = std::mem::take(&mut request.query_results);
        let completed = if leaves_no_trace {
            self.discard_workflow_task(tx, &request, &messages)
        } else {
            self.finish_workflow_task(tx, &request);
            let task = self.workflow_task.take();
            let mut applied = Applied {
                sequencing_id: task
                    .and_then(|task| task.started)
                    .map_or(0, |started| started.id - 1),
                completed_id: self.last_completed_id,
                identity: &request.identity,
                eager: Vec::new(),
            };
            self.apply_commands(tx, around, &mut applied, commands, &messages);
            Completed {
                reset_history_event_id: 0,
                eager: applied.eager,
            }
        };
        if self.is_open() {
            if !request.force_create_new_workflow_task {
                self.reject_unanswered();
            }
            self.updates.unsend();
            let has_news = self.flush_buffer(tx);
            tx.needs_workflow_task |= has_news || request.force_create_new_workflow_task;
        } else {
            self.buffer.clear();
        }
        self.answer_attached(results);
        Ok(completed)
    }

    /// Writes the end of the task, and its beginning if that has not been written yet.
    fn finish_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        request: &RespondWorkflowTaskCompletedRequest,
    ) {
        self.materialize_workflow_task(tx, &request.identity);
        let Some(task) = &mut self.workflow_task else {
            return;
        };
        tx.timers.clear(&mut task.timer);
        let scheduled_event_id = task.scheduled_id;
        let started_event_id = task.started.as_ref().map_or(0, |started| started.id);
        let completed = WorkflowTaskCompletedEventAttributes {
            scheduled_event_id,
            started_event_id,
            identity: request.identity.clone(),
            sdk_metadata: request.sdk_metadata.clone().map(Box::new),
            metering_metadata: request.metering_metadata,
            binary_checksum: request.binary_checksum.clone(),
            worker_version: request.worker_version_stamp.clone(),
            ..WorkflowTaskCompletedEventAttributes::default()
        };
        let completed_id = self.write(tx, completed);
        let stamp = request.worker_version_stamp.as_ref();
        self.note_version(completed_id, tx.now, &request.binary_checksum, stamp);
        self.last_completed_id = completed_id;
        self.last_started_id = started_event_id;
        self.workflow_task_attempt = 1;
        self.close_attempted = false;
        self.set_sticky(request.sticky_attributes.as_ref());
    }

    /// Lets go of a speculative task as if it had never been.
    fn discard_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        request: &RespondWorkflowTaskCompletedRequest,
        messages: &UpdateMessages,
    ) -> Completed {
        if let Some(mut task) = self.workflow_task.take() {
            tx.timers.clear(&mut task.timer);
        }
        self.workflow_task_attempt = 1;
        self.set_sticky(request.sticky_attributes.as_ref());
        self.apply_rejections(messages);
        Completed {
            reset_history_event_id: self.last_started_id,
            eager: Vec::new(),
        }
    }

    /// Updates that were sent and got no answer are refused on the worker's behalf.
    fn reject_unanswered(&mut self) {
        for id in self.updates.unanswered() {
            let failure = server_failure(
                "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow \
                 Update is not supported by the worker.",
                "UnprocessedUpdate",
            );
            self.updates.reject(&id, failure);
        }
    }

    /// Nothing of the answer is carried out. On the first attempt the task fails in the history; later
    /// it stays with its worker, who may answer again.
    fn refuse_answer(
        &mut self,
        tx: &mut Tx<'_>,
        kind: TaskKind,
        bad: BadCommand,
        identity: &str,
    ) -> Status {
        let (cause, text) = match bad {
            BadCommand::Refused(status) => return status,
            BadCommand::Terminates(reason) => {
                let status = invalid(reason.clone());
                self.terminate(tx, reason, None, "history-service".to_owned());
                return status;
            }
            BadCommand::FailsTask(cause, text) => (cause, text),
        };
        let name = cause_name(cause);
        let message = if text.is_empty() {
            name
        } else {
            format!("{name}: {text}")
        };
        if kind == TaskKind::Transient && cause != Cause::UnhandledCommand {
            return invalid(message);
        }
        let failure = Failure {
            message: message.clone(),
            failure_info: Some(FailureInfo::ServerFailureInfo(ServerFailureInfo {
                non_retryable: false,
            })),
            ..Failure::default()
        };
        if cause == Cause::BadUpdateWorkflowExecutionMessage {
            let status = not_ready(
                "Unable to perform workflow execution update due to unexpected workflow task failure.",
            );
            for id in self.updates.unanswered() {
                self.updates.abort(&id, &status);
            }
        }
        self.fail_workflow_task(tx, cause, Some(failure), identity);
        self.close_attempted = cause == Cause::UnhandledCommand;
        invalid(message)
    }
}

/// `WORKFLOW_TASK_FAILED_CAUSE_BAD_BINARY` as `BadBinary`.
fn cause_name(cause: Cause) -> String {
    let name = cause.as_str_name();
    let name = name.trim_start_matches("WORKFLOW_TASK_FAILED_CAUSE");
    camel_case(&name.to_lowercase())
}
