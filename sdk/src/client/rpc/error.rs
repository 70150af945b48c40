//! What a failed call is reported as.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use durably_protos::google::protobuf::Any;
use durably_protos::temporal::api::errordetails::v1::MultiOperationExecutionFailure;
use durably_protos::temporal::api::failure::v1::MultiOperationExecutionAborted;
use prost::{Message, Name};
use tonic::{Code, Status};

use super::detail::{RpcErrorDetail, details, find, known};
use super::retry::{is_local_expiry, is_message_too_large, is_retryable};
use crate::payload::codec::PayloadCodecError;

/// A call that failed, after the retries that its kind allows.
pub struct RpcError {
    // Boxed, so that results which hold errors stay small.
    inner: Box<Inner>,
}

struct Inner {
    method: &'static str,
    code: Code,
    message: String,
    details: Vec<Any>,
    retryable: bool,
    attempts: u32,
    source: Option<Arc<dyn Error + Send + Sync>>,
    origin: Origin,
}

/// Who says that the call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The server, or the connection to it.
    Server,
    PayloadCodec,
    Interceptor,
}

impl RpcError {
    pub(super) fn new(method: &'static str, status: &Status, attempts: u32) -> Self {
        let (code, message) = if is_local_expiry(status) {
            (
                Code::DeadlineExceeded,
                "the server did not answer in time".to_owned(),
            )
        } else {
            (status.code(), status.message().to_owned())
        };
        let inner = Inner {
            method,
            code,
            message,
            details: details(&bytes::Bytes::copy_from_slice(status.details())),
            retryable: is_retryable(status),
            attempts,
            source: sources(status),
            origin: Origin::Server,
        };
        Self {
            inner: Box::new(inner),
        }
    }

    /// The payload codec failed, before the call or after it.
    pub(super) fn of_codec(method: &'static str, error: PayloadCodecError) -> Self {
        let inner = Inner {
            method,
            code: Code::Internal,
            message: error.to_string(),
            details: Vec::new(),
            retryable: false,
            attempts: 1,
            source: Some(Arc::new(error)),
            origin: Origin::PayloadCodec,
        };
        Self {
            inner: Box::new(inner),
        }
    }

    /// A call that was not made because an interceptor refused it: to be returned by the hooks of a
    /// [`ClientInterceptor`](crate::interceptor::ClientInterceptor).
    ///
    /// The operation that made the call takes it for an answer of the server with this code: where
    /// [`NotFound`](Code::NotFound) means a missing workflow, its error says so. It is final: an
    /// operation that would ask the server again does not ask.
    ///
    /// ```
    /// use durably::client::{RpcCode, RpcError};
    ///
    /// let code = RpcCode::PermissionDenied;
    /// let error = RpcError::refused("StartWorkflowExecution", code, "no tenant");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "StartWorkflowExecution was refused by an interceptor (PERMISSION_DENIED): no tenant"
    /// );
    /// ```
    pub fn refused(method: &'static str, code: Code, message: impl Into<String>) -> Self {
        let inner = Inner {
            method,
            code,
            message: message.into(),
            details: Vec::new(),
            retryable: false,
            attempts: 0,
            source: None,
            origin: Origin::Interceptor,
        };
        Self {
            inner: Box::new(inner),
        }
    }

    /// Says what a [refusal](Self::refused) is due to.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.inner.source = Some(Arc::from(source.into()));
        self
    }

    /// The method that was called, such as `StartWorkflowExecution`.
    pub fn method(&self) -> &'static str {
        self.inner.method
    }

    /// The gRPC code.
    pub fn code(&self) -> Code {
        self.inner.code
    }

    /// What the server said, or the interceptor that refused the call.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// How many attempts were made; none of a call that an interceptor refused.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// What the server said beyond code and message, if this SDK knows the kind of detail.
    pub fn detail(&self) -> Option<RpcErrorDetail> {
        known(&self.inner.details)
    }

    /// The detail of one message type, for kinds that [`RpcErrorDetail`] does not know.
    pub fn detail_of<M: Message + Name + Default>(&self) -> Option<M> {
        find(&self.inner.details)
    }

    /// Of operations that were to happen together, the one that failed: its place, and its own error.
    pub(crate) fn failed_operation(&self) -> Option<(usize, Self)> {
        let failure = self.detail_of::<MultiOperationExecutionFailure>()?;
        let given_up = |details: &[Any]| find::<MultiOperationExecutionAborted>(details).is_some();
        let mut operations = failure.statuses.into_iter().enumerate();
        let (place, operation) = operations.find(|(_, operation)| {
            operation.code != Code::Ok as i32 && !given_up(&operation.details)
        })?;
        let code = Code::from(operation.code);
        let inner = Inner {
            method: self.method(),
            code,
            retryable: is_retryable(&Status::new(code, &operation.message)),
            message: operation.message,
            details: operation.details,
            attempts: self.attempts(),
            source: None,
            origin: Origin::Server,
        };
        Some((
            place,
            Self {
                inner: Box::new(inner),
            },
        ))
    }

    /// Whether the server does not know what the call was about: no such workflow, activity or task,
    /// or it is closed. A namespace that does not exist is another matter.
    pub fn is_not_found(&self) -> bool {
        let namespace = matches!(
            self.detail(),
            Some(RpcErrorDetail::NamespaceNotFound { .. })
        );
        self.code() == Code::NotFound && !namespace
    }

    /// Whether the request was larger than the server accepts (4 MiB by default). It will not accept
    /// it later either.
    pub fn is_message_too_large(&self) -> bool {
        self.code() == Code::ResourceExhausted && is_message_too_large(self.message())
    }

    /// Whether it was not the call that failed, but the client's
    /// [payload codec](crate::payload::codec::PayloadCodec): before the call, which was then not made, or
    /// with the response. The [`code`](Self::code) is then [`Code::Internal`], the source a
    /// [`PayloadCodecError`].
    pub fn is_payload_codec(&self) -> bool {
        self.inner.origin == Origin::PayloadCodec
    }

    /// Whether an interceptor [refused](Self::refused) the call, which was then not made.
    pub fn is_refused(&self) -> bool {
        self.inner.origin == Origin::Interceptor
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.inner.retryable
    }
}

/// The chain of errors below a status that did not come from the server, as text: what tonic keeps is
/// not for others to hold.
fn sources(status: &Status) -> Option<Arc<dyn Error + Send + Sync>> {
    let mut texts: Vec<String> = Vec::new();
    for error in std::iter::successors(status.source(), |&error| error.source()) {
        let text = error.to_string();
        // Wrappers often repeat what they wrap.
        if text != status.message() && texts.last() != Some(&text) {
            texts.push(text);
        }
    }
    if texts.is_empty() {
        return None;
    }
    Some(Arc::from(Box::from(texts.join(": "))))
}

impl fmt::Display for RpcError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, code) = (self.method(), self.code());
        if self.is_payload_codec() {
            return write!(formatter, "{method}: {}", self.message());
        }
        if self.is_refused() {
            let (code, message) = (name(code), self.message());
            return write!(
                formatter,
                "{method} was refused by an interceptor ({code}): {message}"
            );
        }
        write!(
            formatter,
            "{method} failed with {}: {}",
            name(code),
            self.message()
        )?;
        match self.attempts() {
            0 | 1 => Ok(()),
            attempts => write!(formatter, " (after {attempts} attempts)"),
        }
    }
}

impl fmt::Debug for RpcError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RpcError")
            .field("method", &self.method())
            .field("code", &self.code())
            .field("message", &self.message())
            .field("detail", &self.detail())
            .field("attempts", &self.attempts())
            .field("source", &self.inner.source)
            .finish()
    }
}

impl Error for RpcError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.inner.source.as_ref().map(|source| &**source as _)
    }
}

/// The code as the gRPC specification writes it.
fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use durably_protos::google::rpc;
    use durably_protos::temporal::api::errordetails::v1::WorkflowExecutionAlreadyStartedFailure;

    use super::*;

    fn with_detail<M: Message + Name>(detail: &M) -> RpcError {
        let status = rpc::Status {
            details: vec![Any {
                type_url: M::type_url(),
                value: detail.encode_to_vec().into(),
            }],
            ..rpc::Status::default()
        };
        let details = status.encode_to_vec().into();
        let status = Status::with_details(Code::AlreadyExists, "exists", details);
        RpcError::new("StartWorkflowExecution", &status, 1)
    }

    #[test]
    fn known_details_are_typed_and_others_can_be_read() {
        let error = with_detail(&WorkflowExecutionAlreadyStartedFailure {
            run_id: "run".into(),
            ..Default::default()
        });
        let run_id = "run".to_owned();
        assert_eq!(
            error.detail(),
            Some(RpcErrorDetail::WorkflowExecutionAlreadyStarted { run_id })
        );
        let error = with_detail(&MultiOperationExecutionFailure::default());
        assert_eq!(error.detail(), None);
        assert!(
            error
                .detail_of::<MultiOperationExecutionFailure>()
                .is_some()
        );
    }

    #[test]
    fn details_that_cannot_be_read_do_no_harm() {
        let garbage = bytes::Bytes::from_static(b"\xff\xff\xff");
        let status = Status::with_details(Code::NotFound, "gone", garbage);
        let error = RpcError::new("QueryWorkflow", &status, 2);
        assert_eq!(error.detail(), None);
        assert!(error.is_not_found());
        assert_eq!(
            error.to_string(),
            "QueryWorkflow failed with NOT_FOUND: gone (after 2 attempts)"
        );
    }
}
