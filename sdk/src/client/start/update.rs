//! Starting a workflow together with an update.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use durably_protos::temporal::api::common::v1::{Payload, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_request::Operation;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_request::operation::Operation as Request;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_response::response::Response;
use durably_protos::temporal::api::workflowservice::v1::{
    ExecuteMultiOperationRequest, ExecuteMultiOperationResponse, StartWorkflowExecutionRequest,
    StartWorkflowExecutionResponse, UpdateWorkflowExecutionRequest,
    UpdateWorkflowExecutionResponse,
};
use tonic::Code;

use super::super::handle::{UpdateMessage, Wait, ids, reached, send};
use super::super::rpc::{Call, RpcError};
use super::super::{Client, UpdateError, UpdateHandle, UpdateStage, WorkflowHandle};
use super::{StartError, StartWorkflow, UpdateWithStartError};
use crate::definition::{UpdateDefinition, WorkflowDefinition};
use crate::payload::{
    Argument, Arguments, FromPayload, HeaderKey, Headers, PayloadError, RawPayload,
};

/// A [`StartWorkflow`] that sends an update along. `T` is the type of the update's result.
pub struct UpdateWithStart<T> {
    message: UpdateMessage,
    result: PhantomData<fn() -> T>,
}

/// The update's place among the operations.
const UPDATE: usize = 1;

type Both<W, T> = (WorkflowHandle<W>, UpdateHandle<T>);

impl<W: WorkflowDefinition> StartWorkflow<W> {
    /// Sends an update along: if a workflow with that id is running, and
    /// [`id_conflict_policy`](Self::id_conflict_policy) says so, the update goes to it and nothing is
    /// started; else the workflow is started with the update. Either happens at once, without a chance
    /// for the workflow to close in between.
    ///
    /// Awaiting it gives the workflow's handle and the update's result;
    /// [`start_and_wait_for`](Self::start_and_wait_for) gives an [`UpdateHandle`] in its place. The
    /// policy must be set: [`UseExisting`](crate::options::WorkflowIdConflictPolicy::UseExisting) or
    /// [`Fail`](crate::options::WorkflowIdConflictPolicy::Fail). A cron schedule, a delay or an eager
    /// start do not go with it.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # #[derive(Default)]
    /// # struct Cart { items: State<Vec<String>> }
    /// # #[workflow]
    /// # impl Cart {
    /// #     #[run]
    /// #     async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> { Ok(()) }
    /// #     #[update]
    /// #     fn add(&self, item: String) -> usize { self.items.update(|items| items.push(item)); self.items.with(Vec::len) }
    /// # }
    /// # async fn add(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use durably::options::WorkflowIdConflictPolicy;
    ///
    /// let (cart, items) = client
    ///     .start(Cart::run, ())
    ///     .workflow_id("cart-of-customer-17")
    ///     .task_queue("carts")
    ///     .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
    ///     .update_with_start(Cart::add, "apple")
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A workflow that was started stays so if it rejects the update.
    pub fn update_with_start<U>(
        self,
        update: U,
        arguments: impl Arguments<U::Parameters>,
    ) -> StartWorkflow<W, UpdateWithStart<U::Output>>
    where
        U: UpdateDefinition<Workflow = W::Owner>,
    {
        let _ = update;
        self.with_update(U::NAME.to_owned(), arguments.to_payloads())
    }

    /// As [`update_with_start`](Self::update_with_start), by the update's name and with values as they
    /// go over the wire.
    pub fn update_with_start_by_name(
        self,
        name: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> StartWorkflow<W, UpdateWithStart<RawPayload>> {
        self.with_update(name.into(), Ok(arguments))
    }

    fn with_update<T>(
        self,
        name: String,
        arguments: Result<Vec<Payload>, PayloadError>,
    ) -> StartWorkflow<W, UpdateWithStart<T>> {
        let mode = UpdateWithStart {
            message: UpdateMessage::new(name, arguments, Headers::new()),
            result: PhantomData,
        };
        self.with_mode(mode, None)
    }
}

impl<W: WorkflowDefinition, T> StartWorkflow<W, UpdateWithStart<T>> {
    /// Sets the update's id, as [`UpdateWorkflow::update_id`](crate::client::UpdateWorkflow::update_id).
    pub fn update_id(mut self, id: impl Into<String>) -> Self {
        self.mode.message.set_id(id.into());
        self
    }

    /// Adds a header to the update alone, which also has those of the start. See
    /// [`UpdateWorkflow::header`](crate::client::UpdateWorkflow::header).
    pub fn update_header<V>(mut self, key: &HeaderKey<V>, value: impl Argument<V>) -> Self {
        self.mode.message.add_header(key, value);
        self
    }

    /// Starts the workflow if it does not run, and waits until the update has come that far.
    ///
    /// # Errors
    /// See [`UpdateWithStartError`].
    pub async fn start_and_wait_for(
        mut self,
        stage: UpdateStage,
    ) -> Result<Both<W, T>, UpdateWithStartError> {
        self.check()?;
        check_conflict_policy(&self.request)?;
        let (client, start) = (self.client, self.request);
        let execution = WorkflowExecution {
            workflow_id: start.workflow_id.clone(),
            run_id: String::new(),
        };
        let mut message = self.mode.message;
        message.add_headers_of(start.header.clone());
        let update = message.into_request(&client, execution, String::new(), stage)?;
        let (started, response) = start_and_update(&client, &start, &update).await?;
        let update_handle = match reached(&client, &update, response) {
            Some(handle) => handle,
            // Admitted: from here on it is an update as any other, to the workflow that there is.
            None => {
                let update = UpdateWorkflowExecutionRequest {
                    first_execution_run_id: started.first_execution_run_id.clone(),
                    ..update
                };
                send(&client, update).await?
            }
        };
        let update_handle = match stage {
            UpdateStage::Accepted => update_handle,
            UpdateStage::Completed => update_handle.completed().await?,
        };
        let handle = WorkflowHandle::started(
            client,
            start.workflow_id,
            started.run_id,
            started.first_execution_run_id,
        );
        Ok((handle, update_handle))
    }
}

/// The server takes no policy for the one that fails; here the caller is to know what happens.
fn check_conflict_policy(start: &StartWorkflowExecutionRequest) -> Result<(), StartError> {
    match start.workflow_id_conflict_policy() {
        WorkflowIdConflictPolicy::Unspecified => Err(StartError::NoConflictPolicy {
            workflow_id: start.workflow_id.clone(),
        }),
        _ => Ok(()),
    }
}

/// Makes both calls as one. Made again, it does nothing twice: the server knows the start by its
/// request id and the update by its own.
async fn start_and_update(
    client: &Client,
    start: &StartWorkflowExecutionRequest,
    update: &UpdateWorkflowExecutionRequest,
) -> Result<
    (
        StartWorkflowExecutionResponse,
        UpdateWorkflowExecutionResponse,
    ),
    UpdateWithStartError,
> {
    let operations = [
        Request::StartWorkflow(start.clone()),
        Request::UpdateWorkflow(update.clone()),
    ];
    let request = ExecuteMultiOperationRequest {
        namespace: client.namespace().to_owned(),
        operations: operations
            .map(|operation| Operation {
                operation: Some(operation),
            })
            .into(),
        ..ExecuteMultiOperationRequest::default()
    };
    let mut wait = Wait::new();
    loop {
        wait.for_turn().await;
        match client.intercepted(request.clone(), Call::LONG_POLL).await {
            Ok(response) => return Ok(both(response)),
            Err(error) if wait.outlasts(&error) => {}
            Err(error) => return Err(error_of(error, update)),
        }
    }
}

/// The responses to the two. One that is missing is as empty as a response can be: the update is then
/// asked for.
fn both(
    response: ExecuteMultiOperationResponse,
) -> (
    StartWorkflowExecutionResponse,
    UpdateWorkflowExecutionResponse,
) {
    let (mut start, mut update) = Default::default();
    for response in response.responses {
        match response.response {
            Some(Response::StartWorkflow(response)) => start = response,
            Some(Response::UpdateWorkflow(response)) => update = response,
            None => {}
        }
    }
    (start, update)
}

/// The error of the operation that was to blame. The other one was merely given up.
fn error_of(error: RpcError, update: &UpdateWorkflowExecutionRequest) -> UpdateWithStartError {
    let (workflow_id, update_id) = ids(update);
    match error.failed_operation() {
        Some((UPDATE, error)) => UpdateError::from_rpc(error, workflow_id, update_id).into(),
        Some((_, error)) => StartError::from_rpc(error, workflow_id).into(),
        // Nobody knows which of the two took so long, or whether either did.
        None if !error.is_refused()
            && matches!(error.code(), Code::DeadlineExceeded | Code::Cancelled) =>
        {
            UpdateError::from_rpc(error, workflow_id, update_id).into()
        }
        None => StartError::from_rpc(error, workflow_id).into(),
    }
}

impl<W: WorkflowDefinition, T: FromPayload + 'static> IntoFuture
    for StartWorkflow<W, UpdateWithStart<T>>
{
    type Output = Result<(WorkflowHandle<W>, T), UpdateWithStartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (handle, update) = self.start_and_wait_for(UpdateStage::Completed).await?;
            Ok((handle, update.result().await?))
        })
    }
}

impl<T> fmt::Debug for UpdateWithStart<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("UpdateWithStart")
            .field(&self.message)
            .finish()
    }
}
