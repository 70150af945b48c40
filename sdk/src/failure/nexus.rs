//! Failures of Nexus operations.

use std::fmt;

use durably_protos::temporal::api::enums::v1::NexusHandlerErrorRetryBehavior;
use durably_protos::temporal::api::failure::v1::{
    NexusHandlerFailureInfo, NexusOperationFailureInfo,
};

use super::record::failure_kind;

failure_kind! {
    /// A Nexus operation ended without a result. The cause says how.
    NexusOperationFailure, NexusOperation, NexusOperationFailureInfo
}

impl NexusOperationFailure {
    /// The endpoint the operation was called at.
    pub fn endpoint(&self) -> &str {
        &self.record.info.endpoint
    }

    /// The service.
    pub fn service(&self) -> &str {
        &self.record.info.service
    }

    /// The operation.
    pub fn operation(&self) -> &str {
        &self.record.info.operation
    }

    /// The token of an asynchronous operation; empty if it ended at once.
    pub fn operation_token(&self) -> &str {
        &self.record.info.operation_token
    }

    /// Id of the event that scheduled the operation.
    pub fn scheduled_event_id(&self) -> i64 {
        self.record.info.scheduled_event_id
    }
}

impl fmt::Display for NexusOperationFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (service, operation, endpoint) = (self.service(), self.operation(), self.endpoint());
        write!(
            formatter,
            "nexus operation `{service}.{operation}` at endpoint `{endpoint}` failed"
        )
    }
}

failure_kind! {
    /// A Nexus handler failed, or could not be reached.
    NexusHandlerFailure, NexusHandler, NexusHandlerFailureInfo
}

impl NexusHandlerFailure {
    /// The error type as the Nexus specification names it, such as `BAD_REQUEST`.
    pub fn error_type(&self) -> &str {
        &self.record.info.r#type
    }

    /// Whether the caller retries, where that differs from the error type's default.
    pub fn retry_behavior(&self) -> NexusHandlerErrorRetryBehavior {
        self.record.info.retry_behavior()
    }
}

impl fmt::Display for NexusHandlerFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.record.message_or("nexus handler failed");
        match self.error_type() {
            "" => formatter.write_str(message),
            kind => write!(formatter, "{kind}: {message}"),
        }
    }
}
