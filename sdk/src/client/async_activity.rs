//! Activities that are completed by someone other than the worker that started them.

use std::fmt;

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::workflowservice::v1::{
    RecordActivityTaskHeartbeatByIdRequest, RecordActivityTaskHeartbeatByIdResponse,
    RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse,
    RespondActivityTaskCanceledByIdRequest, RespondActivityTaskCanceledRequest,
    RespondActivityTaskCompletedByIdRequest, RespondActivityTaskCompletedRequest,
    RespondActivityTaskFailedByIdRequest, RespondActivityTaskFailedRequest,
};

use super::Client;
use super::interceptor::ClientRequest;
use super::rpc::{Call, RpcError};
use crate::failure::Failure;
use crate::payload::{PayloadError, ToPayload, payloads, result_payload};

/// An activity whose code said that it will be
/// [completed asynchronously](crate::failure::ActivityError::complete_asynchronously).
///
/// ```no_run
/// # use durably::client::{AsyncActivityError, Client};
/// # async fn approved(client: Client, task_token: Vec<u8>) -> Result<(), AsyncActivityError> {
/// client.async_activity(task_token).complete(&true).await?;
/// # Ok(())
/// # }
/// ```
///
/// The activity's timeouts go on running until then. By task token it is this very attempt; by ids it
/// is whatever attempt is the current one.
#[derive(Clone)]
pub struct AsyncActivityHandle {
    client: Client,
    activity: Activity,
}

#[derive(Clone)]
enum Activity {
    Token(Bytes),
    Id {
        workflow_id: String,
        run_id: String,
        activity_id: String,
    },
}

/// What the server answers to a heartbeat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeartbeatResponse {
    /// The activity's workflow asked for its cancellation, or is closed.
    pub cancel_requested: bool,
    /// An operator paused the activity.
    pub activity_paused: bool,
    /// An operator reset the activity.
    pub activity_reset: bool,
}

/// An activity could not be completed, or its heartbeat not be recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AsyncActivityError {
    /// The activity does not wait for that any more: it timed out, was completed or canceled, or its
    /// workflow is closed. By ids: or there is no such activity.
    #[error("the activity is not waiting to be completed: {message}")]
    NotFound {
        /// What the server said.
        message: String,
    },
    /// A value could not be encoded.
    #[error("cannot encode the activity's values: {0}")]
    Payload(#[from] PayloadError),
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

/// Sends one of two requests that differ only in how they name the activity.
macro_rules! send {
    ($self:ident, $by_token:ident, $by_id:ident, { $($field:ident: $value:expr),* $(,)? }) => {
        match $self.activity.clone() {
            Activity::Token(task_token) => {
                let request = $by_token {
                    task_token,
                    namespace: $self.client.namespace().to_owned(),
                    identity: $self.client.identity().to_owned(),
                    $($field: $value,)*
                    ..$by_token::default()
                };
                $self.send(request).await?.into()
            }
            Activity::Id { workflow_id, run_id, activity_id } => {
                let request = $by_id {
                    workflow_id,
                    run_id,
                    activity_id,
                    namespace: $self.client.namespace().to_owned(),
                    identity: $self.client.identity().to_owned(),
                    $($field: $value,)*
                    ..$by_id::default()
                };
                $self.send(request).await?.into()
            }
        }
    };
}

impl AsyncActivityHandle {
    pub(super) fn by_token(client: Client, task_token: Bytes) -> Self {
        Self {
            client,
            activity: Activity::Token(task_token),
        }
    }

    pub(super) fn by_id(
        client: Client,
        workflow_id: String,
        run_id: String,
        activity_id: String,
    ) -> Self {
        let activity = Activity::Id {
            workflow_id,
            run_id,
            activity_id,
        };
        Self { client, activity }
    }

    /// Records that the activity is alive, with details for its next attempt.
    ///
    /// # Errors
    /// See [`AsyncActivityError`].
    pub async fn heartbeat<T: ToPayload>(
        &self,
        details: &T,
    ) -> Result<HeartbeatResponse, AsyncActivityError> {
        let details = one(details)?;
        Ok(send!(
            self,
            RecordActivityTaskHeartbeatRequest,
            RecordActivityTaskHeartbeatByIdRequest,
            { details: details }
        ))
    }

    /// Completes the activity with a result.
    ///
    /// # Errors
    /// See [`AsyncActivityError`].
    pub async fn complete<T: ToPayload + 'static>(
        &self,
        result: &T,
    ) -> Result<(), AsyncActivityError> {
        let result = payloads(result_payload(result)?.into_iter().collect());
        let Done = send!(
            self,
            RespondActivityTaskCompletedRequest,
            RespondActivityTaskCompletedByIdRequest,
            { result: result }
        );
        Ok(())
    }

    /// Fails the activity's attempt. The server retries it as its retry policy says.
    ///
    /// ```no_run
    /// # use durably::client::{AsyncActivityError, AsyncActivityHandle};
    /// use durably::failure::ApplicationFailure;
    ///
    /// # async fn refused(activity: AsyncActivityHandle) -> Result<(), AsyncActivityError> {
    /// activity.fail(ApplicationFailure::new("refused").with_type("Refused").non_retryable()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`AsyncActivityError`].
    pub async fn fail(&self, failure: impl Into<Failure>) -> Result<(), AsyncActivityError> {
        let failure = Some(failure.into().into());
        let Done = send!(
            self,
            RespondActivityTaskFailedRequest,
            RespondActivityTaskFailedByIdRequest,
            { failure: failure }
        );
        Ok(())
    }

    /// Reports that the activity stopped because it was asked to. Only legal after a
    /// [heartbeat](Self::heartbeat) told of the request.
    ///
    /// # Errors
    /// See [`AsyncActivityError`].
    pub async fn report_canceled<T: ToPayload>(
        &self,
        details: &T,
    ) -> Result<(), AsyncActivityError> {
        let details = one(details)?;
        let Done = send!(
            self,
            RespondActivityTaskCanceledRequest,
            RespondActivityTaskCanceledByIdRequest,
            { details: details }
        );
        Ok(())
    }

    async fn send<Q: ClientRequest>(&self, request: Q) -> Result<Q::Response, AsyncActivityError> {
        let answer = self.client.intercepted(request, Call::ORDINARY).await;
        answer.map_err(|error| match error.is_not_found() {
            true => AsyncActivityError::NotFound {
                message: error.message().to_owned(),
            },
            false => AsyncActivityError::Rpc(error),
        })
    }
}

fn one<T: ToPayload>(value: &T) -> Result<Option<Payloads>, PayloadError> {
    Ok(payloads(vec![value.to_payload()?]))
}

/// An answer that says nothing.
struct Done;

impl<T: prost::Message> From<T> for Done {
    fn from(_: T) -> Self {
        Self
    }
}

impl From<RecordActivityTaskHeartbeatResponse> for HeartbeatResponse {
    fn from(response: RecordActivityTaskHeartbeatResponse) -> Self {
        Self {
            cancel_requested: response.cancel_requested,
            activity_paused: response.activity_paused,
            activity_reset: response.activity_reset,
        }
    }
}

impl From<RecordActivityTaskHeartbeatByIdResponse> for HeartbeatResponse {
    fn from(response: RecordActivityTaskHeartbeatByIdResponse) -> Self {
        Self {
            cancel_requested: response.cancel_requested,
            activity_paused: response.activity_paused,
            activity_reset: response.activity_reset,
        }
    }
}

impl fmt::Debug for AsyncActivityHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("AsyncActivityHandle");
        match &self.activity {
            Activity::Token(_) => debug.field("task_token", &"..."),
            Activity::Id {
                workflow_id,
                activity_id,
                ..
            } => debug
                .field("workflow_id", workflow_id)
                .field("activity_id", activity_id),
        };
        debug.finish_non_exhaustive()
    }
}
