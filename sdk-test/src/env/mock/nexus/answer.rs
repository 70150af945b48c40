//! Answers of handlers as the protocol has them.

use durably::payload::Payload;
use durably_protos::temporal::api::enums::v1::NexusHandlerErrorRetryBehavior as Behavior;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{
    CanceledFailureInfo, Failure, NexusHandlerFailureInfo,
};
use durably_protos::temporal::api::nexus::v1::{
    CancelOperationResponse, Failure as NexusFailure, HandlerError, StartOperationResponse,
    UnsuccessfulOperationError, response, start_operation_response as started,
};
use durably_protos::temporal::api::workflowservice::v1::RespondNexusTaskFailedRequest;

use super::error::{Kind, NexusError};

/// The metadata with which a Nexus failure carries one of Temporal's, in protobuf JSON.
const TEMPORAL_FAILURE: &str = "temporal.api.failure.v1.Failure";

/// What a handler answers to the server.
pub(super) enum Answer {
    Completed(Box<response::Variant>),
    /// Its namespace and token are still to be set.
    Failed(Box<RespondNexusTaskFailedRequest>),
}

impl Answer {
    pub(super) fn result(payload: Option<Payload>) -> Self {
        Self::start(started::Variant::SyncSuccess(started::Sync {
            payload,
            links: Vec::new(),
        }))
    }

    #[expect(deprecated, reason = "what older servers read")]
    pub(super) fn started(token: &str) -> Self {
        Self::start(started::Variant::AsyncSuccess(started::Async {
            operation_id: token.to_owned(),
            operation_token: token.to_owned(),
            links: Vec::new(),
        }))
    }

    /// A request to cancel was taken.
    pub(super) fn cancel_taken() -> Self {
        let taken = CancelOperationResponse {};
        Self::Completed(Box::new(response::Variant::CancelOperation(taken)))
    }

    fn start(variant: started::Variant) -> Self {
        let response = StartOperationResponse {
            variant: Some(variant),
        };
        Self::Completed(Box::new(response::Variant::StartOperation(response)))
    }

    /// `is_new` says whether the server reads failures of Temporal's own form.
    pub(super) fn error(error: NexusError, is_new: bool) -> Self {
        match error.0 {
            Kind::Failed(failure) => unsuccessful("failed", failure.into(), is_new),
            Kind::Canceled(message) => unsuccessful("canceled", canceled(message), is_new),
            Kind::Handler {
                error_type,
                message,
                is_retryable,
            } => {
                let behavior = match is_retryable {
                    Some(true) => Behavior::Retryable,
                    Some(false) => Behavior::NonRetryable,
                    None => Behavior::Unspecified,
                };
                handler_error(error_type, message, behavior, is_new)
            }
            Kind::CompleteAsynchronously => handler_error(
                "INTERNAL".to_owned(),
                "a request to cancel cannot be completed later".to_owned(),
                Behavior::NonRetryable,
                is_new,
            ),
        }
    }
}

#[expect(deprecated, reason = "what older servers read")]
fn unsuccessful(state: &str, failure: Failure, is_new: bool) -> Answer {
    Answer::start(if is_new {
        started::Variant::Failure(failure)
    } else {
        started::Variant::OperationError(UnsuccessfulOperationError {
            operation_state: state.to_owned(),
            failure: Some(nexus_failure(&failure)),
        })
    })
}

/// A failure that says that an operation was canceled.
pub(super) fn canceled(message: String) -> Failure {
    Failure {
        message,
        failure_info: Some(FailureInfo::CanceledFailureInfo(
            CanceledFailureInfo::default(),
        )),
        ..Failure::default()
    }
}

#[expect(deprecated, reason = "what older servers read")]
fn handler_error(error_type: String, message: String, behavior: Behavior, is_new: bool) -> Answer {
    let mut failed = RespondNexusTaskFailedRequest::default();
    if is_new {
        failed.failure = Some(Failure {
            message,
            failure_info: Some(FailureInfo::NexusHandlerFailureInfo(
                NexusHandlerFailureInfo {
                    r#type: error_type,
                    retry_behavior: behavior.into(),
                },
            )),
            ..Failure::default()
        });
    } else {
        failed.error = Some(HandlerError {
            error_type,
            failure: Some(NexusFailure {
                message,
                ..NexusFailure::default()
            }),
            retry_behavior: behavior.into(),
        });
    }
    Answer::Failed(Box::new(failed))
}

/// A failure of Temporal in the form of Nexus.
fn nexus_failure(failure: &Failure) -> NexusFailure {
    let details = serde_json::to_vec(failure).unwrap_or_default();
    NexusFailure {
        message: failure.message.clone(),
        metadata: [("type".to_owned(), TEMPORAL_FAILURE.to_owned())].into(),
        details: details.into(),
        ..NexusFailure::default()
    }
}
