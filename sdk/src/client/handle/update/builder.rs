//! The options of an update.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use durably_protos::temporal::api::common::v1::{Payload, WorkflowExecution};

use super::super::super::Client;
use super::super::WorkflowHandle;
use super::message::UpdateMessage;
use super::send::send;
use super::{UpdateError, UpdateHandle, UpdateStage};
use crate::definition::{UpdateDefinition, WorkflowDefinition};
use crate::payload::{Argument, Arguments, FromPayload, HeaderKey, PayloadError, RawPayload};

/// An update about to be sent; see [`WorkflowHandle::update`]. Awaiting it gives the update's result,
/// [`start`](Self::start) gives an [`UpdateHandle`].
#[must_use = "nothing is sent until this is awaited or started"]
pub struct UpdateWorkflow<T> {
    client: Client,
    execution: WorkflowExecution,
    first_execution_run_id: String,
    message: UpdateMessage,
    result: PhantomData<fn() -> T>,
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    /// Sends an update and waits for its result: the workflow accepts or rejects it, and its handler
    /// runs to its end. That takes a worker, and as long as the handler takes.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # #[derive(Default)]
    /// # struct OrderSaga { address: State<String> }
    /// # #[workflow]
    /// # impl OrderSaga {
    /// #     #[run]
    /// #     async fn run(&self, ctx: &WorkflowContext, order: String) -> WorkflowResult<String> { Ok(order) }
    /// #     #[update]
    /// #     fn change_address(&self, to: String) -> String { self.address.replace(to) }
    /// # }
    /// # async fn update(client: Client) -> Result<(), durably::client::UpdateError> {
    /// let order = client.workflow_handle(OrderSaga::run, "order-123");
    /// let before: String = order.update(OrderSaga::change_address, "12 High Street").await?;
    ///
    /// let change = order.update(OrderSaga::change_address, "7 Low Street").update_id("change-2").start().await?;
    /// let before: String = change.result().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// With a handle from a start, the update goes to no other workflow than the one that was started.
    ///
    /// # Errors
    /// See [`UpdateError`]. A server that cannot be reached is asked again for 5 minutes.
    pub fn update<U>(
        &self,
        update: U,
        arguments: impl Arguments<U::Parameters>,
    ) -> UpdateWorkflow<U::Output>
    where
        U: UpdateDefinition<Workflow = W::Owner>,
    {
        let _ = update;
        self.new_update(U::NAME.to_owned(), arguments.to_payloads())
    }

    /// As [`update`](Self::update), by the update's name and with values as they go over the wire.
    pub fn update_by_name(
        &self,
        name: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> UpdateWorkflow<RawPayload> {
        self.new_update(name.into(), Ok(arguments))
    }

    /// A handle to an update that was sent before, by this program or another. `T` is the type of its
    /// result. Nothing is asked of the server.
    ///
    /// An update belongs to one run. If the workflow may have gone on in another since, choose the
    /// update's run by [`with_run_id`](Self::with_run_id).
    pub fn update_handle<T>(&self, update_id: impl Into<String>) -> UpdateHandle<T> {
        let run_id = self.run_id.clone();
        UpdateHandle::new(&self.client, &self.workflow_id, run_id, &update_id.into())
    }

    fn new_update<T>(
        &self,
        name: String,
        arguments: Result<Vec<Payload>, PayloadError>,
    ) -> UpdateWorkflow<T> {
        let message = UpdateMessage::new(name, arguments, self.client.headers().clone());
        UpdateWorkflow {
            client: self.client.clone(),
            execution: self.execution(),
            first_execution_run_id: self.first_execution_run_id.clone(),
            message,
            result: PhantomData,
        }
    }
}

impl<T> UpdateWorkflow<T> {
    /// Sets the update's id; a random UUID otherwise. An update is accepted once in a run: sent again
    /// under the same id it gives the first one's result. A rejected one is forgotten.
    pub fn update_id(mut self, id: impl Into<String>) -> Self {
        self.message.set_id(id.into());
        self
    }

    /// Adds a header: a value beside the arguments, which the handler passes on to what it calls.
    pub fn header<V>(mut self, key: &HeaderKey<V>, value: impl Argument<V>) -> Self {
        self.message.add_header(key, value);
        self
    }

    /// Sends the update and waits until it is accepted.
    ///
    /// Returning is no proof of that: an update that was rejected, or that failed at once, gives a
    /// handle whose [`result`](UpdateHandle::result) is the failure. Both look alike to a client.
    ///
    /// # Errors
    /// See [`UpdateError`].
    pub fn start(self) -> impl Future<Output = Result<UpdateHandle<T>, UpdateError>> + Send {
        self.start_and_wait_for(UpdateStage::Accepted)
    }

    /// As [`start`](Self::start), and waits until the update has come that far.
    ///
    /// # Errors
    /// See [`UpdateError`].
    pub async fn start_and_wait_for(
        self,
        stage: UpdateStage,
    ) -> Result<UpdateHandle<T>, UpdateError> {
        let Self {
            client,
            execution,
            first_execution_run_id,
            message,
            ..
        } = self;
        let request = message.into_request(&client, execution, first_execution_run_id, stage)?;
        let handle: UpdateHandle<T> = send(&client, request).await?;
        match stage {
            UpdateStage::Accepted => Ok(handle),
            UpdateStage::Completed => handle.completed().await,
        }
    }
}

impl<T: FromPayload + 'static> IntoFuture for UpdateWorkflow<T> {
    type Output = Result<T, UpdateError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let handle = self.start_and_wait_for(UpdateStage::Completed).await?;
            handle.result().await
        })
    }
}

impl<T> fmt::Debug for UpdateWorkflow<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UpdateWorkflow")
            .field("execution", &self.execution)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}
