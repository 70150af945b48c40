//! Asking a workflow.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::{QueryRejectCondition, WorkflowExecutionStatus};
use durably_protos::temporal::api::query::v1::WorkflowQuery;
use durably_protos::temporal::api::workflowservice::v1::{
    QueryWorkflowRequest, QueryWorkflowResponse,
};
use tokio::time::Instant;

use super::super::Client;
use super::super::rpc::{Call, RpcError, RpcErrorDetail};
use super::WorkflowHandle;
use crate::definition::{QueryDefinition, WorkflowDefinition};
use crate::failure::Failure;
use crate::payload::{
    Arguments, FromPayload, PayloadError, RawPayload, payloads, value_from_result,
};

/// How long a query is asked again that the server gave up.
const ASKED_AGAIN: Duration = Duration::from_secs(10);
const BEFORE_ASKING_AGAIN: Duration = Duration::from_millis(100);

/// A query was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The workflow's status is one that the query was to be rejected for.
    #[error("the query was rejected: the workflow's status is {status:?}")]
    Rejected {
        /// The workflow's status.
        status: WorkflowExecutionStatus,
    },
    /// The workflow has no such query, or its handler failed.
    #[error("the query failed: {message}")]
    Failed {
        /// What the worker said.
        message: String,
        /// The failure, if the worker sent one.
        #[source]
        failure: Option<Failure>,
    },
    /// There is no such workflow.
    #[error("there is no workflow `{workflow_id}` with the run asked for")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
    },
    /// The workflow cannot be asked yet, or its code keeps failing.
    #[error("workflow `{workflow_id}` cannot be asked: {message}")]
    NotReady {
        /// The workflow's id.
        workflow_id: String,
        /// What the server said.
        message: String,
    },
    /// No worker answered in time.
    #[error("no worker of workflow `{workflow_id}` answered: are its workers running?")]
    NoAnswer {
        /// The workflow's id.
        workflow_id: String,
    },
    /// An argument could not be encoded, or the answer not be read.
    #[error("cannot encode or read the query's values: {0}")]
    Payload(#[from] PayloadError),
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

/// A query about to be asked; see [`WorkflowHandle::query`].
#[must_use = "nothing is asked until this is awaited"]
pub struct QueryWorkflow<T> {
    client: Client,
    request: Result<QueryWorkflowRequest, PayloadError>,
    answer: PhantomData<fn() -> T>,
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    /// Asks the workflow something. A worker answers, also for a workflow that is closed.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # #[derive(Default)]
    /// # struct OrderSaga;
    /// # #[workflow]
    /// # impl OrderSaga {
    /// #     #[run]
    /// #     async fn run(&self, ctx: &WorkflowContext, order: String) -> WorkflowResult<String> { Ok(order) }
    /// #     #[signal]
    /// #     fn cancel(&self, reason: String) {}
    /// #     #[query]
    /// #     fn status(&self) -> String { String::new() }
    /// # }
    /// # async fn query(client: Client) -> Result<(), durably::client::QueryError> {
    /// let order = client.workflow_handle(OrderSaga::run, "order-123");
    /// let status: String = order.query(OrderSaga::status, ()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn query<Q>(
        &self,
        query: Q,
        arguments: impl Arguments<Q::Parameters>,
    ) -> QueryWorkflow<Q::Output>
    where
        Q: QueryDefinition<Workflow = W::Owner>,
    {
        let _ = query;
        self.new_query(Q::NAME.to_owned(), arguments.to_payloads())
    }

    /// As [`query`](Self::query), by the query's name and with values as they go over the wire.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn query_by_name(
        &self,
        name: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> QueryWorkflow<RawPayload> {
        self.new_query(name.into(), Ok(arguments))
    }

    fn new_query<T>(
        &self,
        name: String,
        arguments: Result<Vec<Payload>, PayloadError>,
    ) -> QueryWorkflow<T> {
        let request = arguments.map(|arguments| QueryWorkflowRequest {
            namespace: self.client.namespace().to_owned(),
            execution: Some(self.execution()),
            query: Some(WorkflowQuery {
                query_type: name,
                query_args: payloads(arguments),
                header: self.client.headers().to_proto(),
            }),
            query_reject_condition: QueryRejectCondition::None.into(),
        });
        QueryWorkflow {
            client: self.client.clone(),
            request,
            answer: PhantomData,
        }
    }
}

impl<T> QueryWorkflow<T> {
    /// Sets for which statuses of the workflow the query is rejected; for none otherwise.
    pub fn reject_condition(mut self, condition: QueryRejectCondition) -> Self {
        if let Ok(request) = &mut self.request {
            request.query_reject_condition = condition.into();
        }
        self
    }

    async fn run(self) -> Result<T, QueryError>
    where
        T: FromPayload,
    {
        let request = self.request?;
        let workflow_id = request
            .execution
            .as_ref()
            .map(|execution| execution.workflow_id.clone());
        let response = ask(&self.client, request).await;
        let response =
            response.map_err(|error| error_of(error, workflow_id.unwrap_or_default()))?;
        if let Some(rejected) = response.query_rejected {
            return Err(QueryError::Rejected {
                status: rejected.status(),
            });
        }
        let payloads = response.query_result.unwrap_or_default().payloads;
        Ok(value_from_result(payloads.first())?)
    }
}

/// Asks, and asks again if the server gives up early: it does so where the worker that it asked has
/// just gone. Another one may answer.
async fn ask(
    client: &Client,
    request: QueryWorkflowRequest,
) -> Result<QueryWorkflowResponse, RpcError> {
    let began = Instant::now();
    loop {
        match client.intercepted(request.clone(), Call::ORDINARY).await {
            Err(error)
                if error.code() == tonic::Code::Cancelled
                    && !error.is_refused()
                    && began.elapsed() < ASKED_AGAIN =>
            {
                tokio::time::sleep(BEFORE_ASKING_AGAIN).await;
            }
            result => return result,
        }
    }
}

fn error_of(error: RpcError, workflow_id: String) -> QueryError {
    let message = error.message().to_owned();
    match error.detail() {
        Some(RpcErrorDetail::QueryFailed { failure }) => QueryError::Failed { message, failure },
        Some(RpcErrorDetail::WorkflowNotReady) => QueryError::NotReady {
            workflow_id,
            message,
        },
        _ if error.is_not_found() => QueryError::NotFound { workflow_id },
        _ => match error.code() {
            tonic::Code::FailedPrecondition => QueryError::NotReady {
                workflow_id,
                message,
            },
            // Which of the two it is depends on who gives up first, the server or the client.
            tonic::Code::DeadlineExceeded | tonic::Code::Cancelled if !error.is_refused() => {
                QueryError::NoAnswer { workflow_id }
            }
            _ => QueryError::Rpc(error),
        },
    }
}

impl<T: FromPayload + 'static> IntoFuture for QueryWorkflow<T> {
    type Output = Result<T, QueryError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<T> fmt::Debug for QueryWorkflow<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("QueryWorkflow")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}
