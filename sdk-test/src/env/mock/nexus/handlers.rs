//! The handlers behind the endpoints whose operations are mocked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use durably::client::{Client, RpcError};
use durably_protos::temporal::api::nexus::v1::{
    CancelOperationRequest, Request, Response, request,
};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::{
    PollNexusTaskQueueRequest, PollNexusTaskQueueResponse, RespondNexusTaskCompletedRequest,
};
use tokio::task::JoinSet;

use super::answer::Answer;
use super::completer::{Completer, Ending};
use super::endpoint::Endpoint;
use super::error::NexusError;
use super::operation::{MockedOperation, Started};
use super::{BY_REQUEST, IDENTITY};

/// How long after a poll that failed the next is made.
const PAUSE: Duration = Duration::from_millis(20);

/// The mocked operations of an endpoint, by service and name.
#[derive(Debug, Default)]
pub(in crate::env) struct Handlers {
    operations: Mutex<BTreeMap<(String, String), Arc<MockedOperation>>>,
}

impl Handlers {
    /// The last mock of an operation is the one that is called.
    pub(super) fn add(&self, mock: Arc<MockedOperation>) {
        let key = (mock.service.clone(), mock.operation.clone());
        let mut operations = self
            .operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        operations.insert(key, mock);
    }

    fn find(&self, service: &str, operation: &str) -> Result<Arc<MockedOperation>, NexusError> {
        let operations = self
            .operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let key = (service.to_owned(), operation.to_owned());
        operations.get(&key).cloned().ok_or_else(|| {
            let text = format!(
                "operation `{operation}` of service `{service}` is not mocked: `env.mock_nexus(..)` mocks it"
            );
            NexusError::handler("NOT_FOUND", text)
        })
    }

    /// Polls for tasks, and answers them side by side, until the environment ends.
    pub(super) async fn serve(
        self: Arc<Self>,
        endpoint: Endpoint,
        client: Client,
        completer: Completer,
    ) {
        let mut answers = JoinSet::new();
        loop {
            while answers.try_join_next().is_some() {}
            match poll(&endpoint, &client).await {
                Ok(task) => {
                    if let Some(request) = task.request {
                        let held = Held {
                            handlers: self.clone(),
                            client: client.clone(),
                            namespace: endpoint.namespace.clone(),
                            task_token: task.task_token,
                        };
                        answers.spawn(held.answer(request, completer.clone()));
                    }
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

async fn poll(
    endpoint: &Endpoint,
    client: &Client,
) -> Result<PollNexusTaskQueueResponse, RpcError> {
    let poll = PollNexusTaskQueueRequest {
        namespace: endpoint.namespace.clone(),
        task_queue: Some(TaskQueue {
            name: endpoint.task_queue.clone(),
            ..TaskQueue::default()
        }),
        identity: IDENTITY.to_owned(),
        ..PollNexusTaskQueueRequest::default()
    };
    client.call(poll).await
}

/// A task that is being answered.
struct Held {
    handlers: Arc<Handlers>,
    client: Client,
    namespace: String,
    task_token: Bytes,
}

impl Held {
    async fn answer(self, request: Request, completer: Completer) {
        let is_new = request
            .capabilities
            .is_some_and(|it| it.temporal_failure_responses);
        let mut ends = None;
        let answer = match request.variant {
            Some(request::Variant::StartOperation(start)) => {
                match self.handlers.find(&start.service, &start.operation) {
                    Ok(mock) => mock.start(start, request.header, is_new).await,
                    Err(error) => Answer::error(error, is_new),
                }
            }
            Some(request::Variant::CancelOperation(cancel)) => match self.cancel(&cancel) {
                Ok(started) => {
                    ends = started;
                    Answer::cancel_taken()
                }
                Err(error) => Answer::error(error, is_new),
            },
            None => {
                let error = NexusError::handler("NOT_IMPLEMENTED", "a task of an unknown kind");
                Answer::error(error, is_new)
            }
        };
        self.respond(answer).await;
        if let Some(started) = ends {
            let ending = Ending::Canceled(BY_REQUEST.to_owned());
            if let Err(error) = started.end(&completer, ending).await {
                // The test may have ended it in the meantime, or the workflow have closed.
                tracing::debug!(token = started.token, %error, "an operation is not there to be canceled");
            }
        }
    }

    fn cancel(&self, cancel: &CancelOperationRequest) -> Result<Option<Arc<Started>>, NexusError> {
        let mock = self.handlers.find(&cancel.service, &cancel.operation)?;
        mock.cancel(&cancel.operation_token)
    }

    /// A task whose answer does not reach the server comes again.
    async fn respond(&self, answer: Answer) {
        let (namespace, task_token) = (self.namespace.clone(), self.task_token.clone());
        let responded = match answer {
            Answer::Completed(variant) => {
                let response = Some(Response {
                    variant: Some(*variant),
                });
                let completed = RespondNexusTaskCompletedRequest {
                    namespace,
                    task_token,
                    identity: IDENTITY.to_owned(),
                    response,
                    ..RespondNexusTaskCompletedRequest::default()
                };
                self.client.call(completed).await.map(drop)
            }
            Answer::Failed(mut failed) => {
                failed.namespace = namespace;
                failed.task_token = task_token;
                IDENTITY.clone_into(&mut failed.identity);
                self.client.call(*failed).await.map(drop)
            }
        };
        if let Err(error) = responded {
            tracing::debug!(%error, "the answer to a Nexus task was not taken");
        }
    }
}
