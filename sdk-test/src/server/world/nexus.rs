//! Tasks for the handlers of Nexus operations, and the callbacks of runs that have ended.

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::Link;
use durably_protos::temporal::api::common::v1::link::workflow_event::{EventReference, Reference};
use durably_protos::temporal::api::common::v1::link::{Variant as LinkVariant, WorkflowEvent};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{
    CanceledFailureInfo, Failure, TerminatedFailureInfo, TimeoutFailureInfo,
};
use durably_protos::temporal::api::nexus::v1::request::{Capabilities, Variant};
use durably_protos::temporal::api::nexus::v1::{
    CancelOperationRequest, Request, StartOperationRequest,
};
use durably_protos::temporal::api::workflowservice::v1::PollNexusTaskQueueResponse;

use super::{RunIndex, World};
use crate::server::nexus::{handler_failure, operation_link};
use crate::server::queues::{Handed, QueueKey, QueueKind, Task};
use crate::server::run::{
    CallbackToken, ChildEnd, NexusAnswer, OPERATION_HEADER, OperationEnd, Run, SYSTEM_URL,
    TOKEN_HEADER,
};
use crate::server::time::{Span, Time};
use crate::server::token::TaskToken;

impl World {
    /// The task of an operation goes to the queue behind its endpoint.
    pub(super) fn dispatch_operation(&mut self, index: RunIndex, scheduled_id: i64) {
        let Some(run) = self.run(index).filter(|run| run.is_open()) else {
            return;
        };
        let Some(operation) = run.operations.get(&scheduled_id) else {
            return;
        };
        if let Some(worker) = self.nexus_endpoints.worker(&operation.endpoint_id) {
            let key = QueueKey {
                namespace: worker.namespace.as_str().into(),
                kind: QueueKind::Nexus,
                name: worker.task_queue.as_str().into(),
            };
            self.offer(&key, Task::NexusOperation(index, scheduled_id));
            return;
        }
        // The endpoint is gone.
        self.change(index, |run, tx| {
            if let Some(handed) = run.hand_out_operation(tx, scheduled_id) {
                let failure = handler_failure("NOT_FOUND", 0, "endpoint not registered", None);
                let answer = NexusAnswer::Error(failure);
                run.operation_answered(tx, scheduled_id, handed.stamp, answer);
            }
        });
    }

    /// A handler takes a task; `None` if it is none any more.
    pub(super) fn start_operation(&mut self, index: RunIndex, scheduled_id: i64) -> Option<Handed> {
        self.run(index).filter(|run| run.is_open())?;
        let handed = self.change(index, |run, tx| run.hand_out_operation(tx, scheduled_id))??;
        let expires = self.now.after(handed.timeout);
        self.nexus_tasks.handed_out(handed.stamp, self.now, expires);
        let run = self.run(index)?;
        let request = request(run, scheduled_id, handed.timeout, run.now(self.now))?;
        let response = PollNexusTaskQueueResponse {
            task_token: TaskToken::encode(&run.run_id, handed.stamp, scheduled_id),
            request: Some(request),
            ..PollNexusTaskQueueResponse::default()
        };
        Some(Handed::Nexus(Box::new(response)))
    }

    /// A chain of runs has ended: those who asked to be told are.
    pub(super) fn make_callbacks(&mut self, index: RunIndex, end: &ChildEnd) {
        let Some(run) = self.run(index) else { return };
        if run.callbacks.is_empty() {
            return;
        }
        let callbacks = run.callbacks.clone();
        let link = first_event(run);
        let mut made = Vec::new();
        for callback in &callbacks {
            let token = callback.header(TOKEN_HEADER).and_then(CallbackToken::read);
            let operation = callback.header(OPERATION_HEADER).unwrap_or_default();
            made.push(match token {
                Some(token) => {
                    let end = operation_end(end);
                    self.complete_operation(&token, operation, Some(link.clone()), end)
                }
                None => Err("handler error (BAD_REQUEST): invalid callback token".to_owned()),
            });
        }
        self.change(index, |run, tx| {
            for (callback, made) in run.callbacks.iter_mut().zip(made) {
                callback.made = Some((tx.now, made));
            }
        });
    }

    /// An operation has ended, as who ran it says.
    pub(crate) fn complete_operation(
        &mut self,
        token: &CallbackToken,
        operation: &str,
        link: Option<Link>,
        end: OperationEnd,
    ) -> Result<(), String> {
        let target = self.caller_of(token)?;
        self.change(target, |run, tx| {
            run.operation_called_back(tx, token.scheduled_id, operation, link, end);
        });
        Ok(())
    }

    /// The run that waits for an operation: the one that scheduled it, or that was made from it by a
    /// reset.
    fn caller_of(&self, token: &CallbackToken) -> Result<RunIndex, String> {
        let not_found = |text: &str| format!("handler error (NOT_FOUND): {text}");
        let mut next = self.find_run_id(&token.run_id);
        let mut was_open = false;
        while let Some(index) = next {
            let Some(run) = self.run(index) else { break };
            if run.operation_of(token).is_some() {
                return Ok(index);
            }
            was_open |= run.is_open();
            let replaced_by = run.reset_run_id.as_deref();
            next = replaced_by.and_then(|run_id| self.find_run_id(run_id));
        }
        Err(not_found(if was_open {
            "operation not found"
        } else {
            "workflow execution already completed"
        }))
    }
}

fn request(run: &Run, scheduled_id: i64, timeout: Span, now: Time) -> Option<Request> {
    let operation = run.operations.get(&scheduled_id)?;
    let scheduled = run.scheduled_operation(scheduled_id)?;
    let mut header = BTreeMap::from([("request-timeout".to_owned(), milliseconds(timeout))]);
    let variant = if let Some(token) = &operation.token {
        Variant::CancelOperation(CancelOperationRequest {
            service: operation.service.clone(),
            operation: operation.operation.clone(),
            operation_id: token.clone(),
            operation_token: token.clone(),
        })
    } else {
        let given = scheduled.nexus_header.iter();
        header.extend(given.map(|(key, value)| (key.clone(), value.clone())));
        let link = operation_link(
            &run.namespace.name,
            &run.workflow_id,
            &run.run_id,
            scheduled_id,
        );
        let left = [
            (!operation.schedule_to_close.is_zero()).then(|| {
                let deadline = operation.scheduled_time.after(operation.schedule_to_close);
                deadline.since(now)
            }),
            (!operation.start_to_close.is_zero()).then_some(operation.start_to_close),
        ];
        if let Some(left) = left.into_iter().flatten().min() {
            header.insert("operation-timeout".to_owned(), milliseconds(left));
        }
        header.insert("nexus-request-id".to_owned(), operation.request_id.clone());
        let text = format!("<{}>; type=\"{}\"", link.url, link.r#type);
        header.insert("nexus-link".to_owned(), text);
        let token = CallbackToken {
            run_id: run.run_id.to_string(),
            scheduled_id,
            request_id: operation.request_id.clone(),
        };
        Variant::StartOperation(StartOperationRequest {
            service: operation.service.clone(),
            operation: operation.operation.clone(),
            request_id: operation.request_id.clone(),
            callback: SYSTEM_URL.to_owned(),
            payload: scheduled.input.clone(),
            callback_header: [(TOKEN_HEADER.to_owned(), token.text())].into(),
            links: vec![link],
        })
    };
    let starts = matches!(variant, Variant::StartOperation(_));
    Some(Request {
        header,
        scheduled_time: Some(now.timestamp()),
        capabilities: Some(Capabilities {
            temporal_failure_responses: starts,
        }),
        endpoint: operation.endpoint.clone(),
        variant: Some(variant),
    })
}

fn milliseconds(span: Span) -> String {
    format!("{}ms", span.std().as_millis())
}

/// A link to the first event of a run.
fn first_event(run: &Run) -> Link {
    let reference = EventReference {
        event_id: 1,
        event_type: EventType::WorkflowExecutionStarted.into(),
    };
    Link {
        variant: Some(LinkVariant::WorkflowEvent(WorkflowEvent {
            namespace: run.namespace.name.clone(),
            workflow_id: run.workflow_id.to_string(),
            run_id: run.run_id.to_string(),
            reference: Some(Reference::EventRef(reference)),
        })),
    }
}

/// The end of a workflow as that of the operation it was started for.
fn operation_end(end: &ChildEnd) -> OperationEnd {
    let failure = |message: &str, info| Failure {
        message: message.to_owned(),
        failure_info: Some(info),
        ..Failure::default()
    };
    match end {
        ChildEnd::Completed(result) => {
            // An operation has one result at most.
            let result = result.as_ref().and_then(|result| result.payloads.first());
            OperationEnd::Completed(result.cloned(), Vec::new())
        }
        ChildEnd::Failed(cause, _) => {
            OperationEnd::Failed(cause.as_deref().cloned().unwrap_or_default())
        }
        ChildEnd::Canceled(details) => OperationEnd::Canceled(failure(
            "operation canceled",
            FailureInfo::CanceledFailureInfo(CanceledFailureInfo {
                details: details.clone(),
                ..CanceledFailureInfo::default()
            }),
        )),
        ChildEnd::Terminated => OperationEnd::Failed(failure(
            "operation terminated",
            FailureInfo::TerminatedFailureInfo(TerminatedFailureInfo::default()),
        )),
        ChildEnd::TimedOut(_) => OperationEnd::Failed(failure(
            "operation exceeded internal timeout",
            FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo::default()),
        )),
    }
}
