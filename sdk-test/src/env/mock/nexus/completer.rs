//! Ends operations that had started.

use std::collections::BTreeMap;

use durably::client::{Client, RpcError};
use durably::payload::Payload;
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::command::v1::{
    CancelWorkflowExecutionCommandAttributes, Command, CompleteWorkflowExecutionCommandAttributes,
    FailWorkflowExecutionCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{
    Callback, Payloads, WorkflowExecution, WorkflowType, callback,
};
use durably_protos::temporal::api::enums::v1::CommandType;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::{
    PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    RequestCancelWorkflowExecutionRequest, RespondWorkflowTaskCompletedRequest,
    StartWorkflowExecutionRequest,
};

use crate::env::backend::Backend;
use crate::server::{OperationEnding, TestServer};

use super::IDENTITY;
use super::answer::canceled;

/// What a handler calls the operation, in the header of the callback.
const OPERATION_HEADER: &str = "nexus-operation-token";
/// How often the task of a workflow that has been started is polled for.
const POLLS: u32 = 3;

/// How an operation ends.
#[derive(Debug, Clone)]
pub(super) enum Ending {
    Completed(Option<Payload>),
    Failed(Box<Failure>),
    Canceled(String),
}

/// The way in which operations of an environment are ended.
#[derive(Debug, Clone)]
pub(in crate::env) enum Completer {
    /// By the server in this process.
    Embedded(TestServer),
    /// By a workflow with the operation's callback, which ends as the operation is to.
    Remote(Box<Client>),
}

impl Completer {
    pub(in crate::env) fn new(backend: &Backend, client: &Client) -> Self {
        match backend {
            Backend::Embedded(server) => Self::Embedded(server.clone()),
            Backend::Remote(_) => Self::Remote(Box::new(client.clone())),
        }
    }

    pub(super) async fn complete(
        &self,
        (url, header): (&str, &BTreeMap<String, String>),
        token: &str,
        ending: Ending,
    ) -> Result<(), String> {
        match self {
            Self::Embedded(server) => {
                let ending = match ending {
                    Ending::Completed(result) => OperationEnding::Completed(result),
                    Ending::Failed(failure) => OperationEnding::Failed(*failure),
                    Ending::Canceled(message) => OperationEnding::Canceled(canceled(message)),
                };
                server.complete_operation(header, token, ending)
            }
            Self::Remote(client) => {
                let mut header = header.clone();
                header.insert(OPERATION_HEADER.to_owned(), token.to_owned());
                let url = url.to_owned();
                let callback = callback::Nexus { url, header };
                let work = Work::new(client);
                let done = work.run(callback, token, ending).await;
                done.map_err(|error| error.to_string())
            }
        }
    }
}

/// A workflow that ends at once. The server calls back those who wait for its end: there is no other way
/// to its own callbacks than that of its workflows.
struct Work<'a> {
    client: &'a Client,
    namespace: String,
    /// Of its id and of its task queue.
    name: String,
}

impl<'a> Work<'a> {
    fn new(client: &'a Client) -> Self {
        Self {
            client,
            namespace: client.namespace().to_owned(),
            name: format!("durably-nexus-mock-{}", uuid::Uuid::new_v4()),
        }
    }

    async fn run(
        &self,
        callback: callback::Nexus,
        token: &str,
        ending: Ending,
    ) -> Result<(), RpcError> {
        let callback = Callback {
            variant: Some(callback::Variant::Nexus(callback)),
            ..Callback::default()
        };
        let start = StartWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_id: self.name.clone(),
            workflow_type: Some(WorkflowType {
                name: format!("durably-nexus-mock of {token}"),
            }),
            task_queue: Some(self.task_queue()),
            identity: IDENTITY.to_owned(),
            request_id: self.name.clone(),
            completion_callbacks: vec![callback],
            ..StartWorkflowExecutionRequest::default()
        };
        self.client.call(start).await?;
        if matches!(ending, Ending::Canceled(_)) {
            self.request_cancel().await?;
        }
        let task = self.poll().await?;
        let complete = RespondWorkflowTaskCompletedRequest {
            namespace: self.namespace.clone(),
            task_token: task.task_token,
            identity: IDENTITY.to_owned(),
            commands: vec![command(ending)],
            ..RespondWorkflowTaskCompletedRequest::default()
        };
        self.client.call(complete).await?;
        Ok(())
    }

    async fn request_cancel(&self) -> Result<(), RpcError> {
        let cancel = RequestCancelWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_execution: Some(WorkflowExecution {
                workflow_id: self.name.clone(),
                run_id: String::new(),
            }),
            identity: IDENTITY.to_owned(),
            request_id: self.name.clone(),
            ..RequestCancelWorkflowExecutionRequest::default()
        };
        self.client.call(cancel).await.map(drop)
    }

    /// The workflow's task. An empty answer only says that it has not come yet.
    async fn poll(&self) -> Result<PollWorkflowTaskQueueResponse, RpcError> {
        let mut task = PollWorkflowTaskQueueResponse::default();
        for _ in 0..POLLS {
            let poll = PollWorkflowTaskQueueRequest {
                namespace: self.namespace.clone(),
                task_queue: Some(self.task_queue()),
                identity: IDENTITY.to_owned(),
                ..PollWorkflowTaskQueueRequest::default()
            };
            task = self.client.call(poll).await?;
            if !task.task_token.is_empty() {
                break;
            }
        }
        Ok(task)
    }

    fn task_queue(&self) -> TaskQueue {
        TaskQueue {
            name: self.name.clone(),
            ..TaskQueue::default()
        }
    }
}

fn command(ending: Ending) -> Command {
    let (kind, attributes) = match ending {
        Ending::Completed(result) => {
            let result = result.map(|result| Payloads {
                payloads: vec![result],
            });
            let attributes = CompleteWorkflowExecutionCommandAttributes { result };
            (
                CommandType::CompleteWorkflowExecution,
                Attributes::CompleteWorkflowExecutionCommandAttributes(Box::new(attributes)),
            )
        }
        Ending::Failed(failure) => {
            let failure = Some(*failure);
            let attributes = FailWorkflowExecutionCommandAttributes { failure };
            (
                CommandType::FailWorkflowExecution,
                Attributes::FailWorkflowExecutionCommandAttributes(Box::new(attributes)),
            )
        }
        Ending::Canceled(_) => {
            let attributes = CancelWorkflowExecutionCommandAttributes::default();
            (
                CommandType::CancelWorkflowExecution,
                Attributes::CancelWorkflowExecutionCommandAttributes(Box::new(attributes)),
            )
        }
    };
    Command {
        command_type: kind.into(),
        attributes: Some(attributes),
        ..Command::default()
    }
}
