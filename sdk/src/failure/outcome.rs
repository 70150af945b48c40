//! Failures that say how something ended: canceled, timed out, terminated, reset, or by the
//! server's own fault.

use std::fmt;

use durably_protos::temporal::api::common::v1::{Payload, Payloads};
use durably_protos::temporal::api::enums::v1::TimeoutType;
use durably_protos::temporal::api::failure::v1::{
    CanceledFailureInfo, ResetWorkflowFailureInfo, ServerFailureInfo, TerminatedFailureInfo,
    TimeoutFailureInfo,
};

use super::limits::{MAX_MESSAGE_BYTES, cut};
use super::record::{Record, failure_kind};
use crate::payload::{FromPayload, PayloadError, ToPayload, payloads_ref};

failure_kind! {
    /// Something was canceled: a workflow, an activity, a timer, a child workflow.
    CanceledFailure, Canceled, CanceledFailureInfo
}

impl CanceledFailure {
    /// A cancellation without details.
    pub fn new(message: impl Into<String>) -> Self {
        let message = cut(message.into(), MAX_MESSAGE_BYTES);
        Self {
            record: Box::new(Record::new(message, CanceledFailureInfo::default())),
        }
    }

    /// Adds a detail for the caller to read, one payload a call.
    ///
    /// # Errors
    /// The value cannot be encoded.
    pub fn with_details<T: ToPayload>(mut self, detail: &T) -> Result<Self, PayloadError> {
        let payload = detail.to_payload()?;
        let details = &mut self.record.info.details;
        details
            .get_or_insert_with(Payloads::default)
            .payloads
            .push(payload);
        Ok(self)
    }

    /// The details as they came.
    pub fn details(&self) -> &[Payload] {
        payloads_ref(self.record.info.details.as_ref())
    }

    /// One detail, counted from 0; `None` if there are not so many.
    ///
    /// # Errors
    /// The detail cannot be read as this type.
    pub fn detail<T: FromPayload>(&self, index: usize) -> Result<Option<T>, PayloadError> {
        self.details().get(index).map(T::from_payload).transpose()
    }

    /// Who asked for the cancellation; empty if unknown.
    pub fn identity(&self) -> &str {
        &self.record.info.identity
    }
}

impl fmt::Display for CanceledFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.record.message_or("canceled"))
    }
}

failure_kind! {
    /// Something took longer than one of its timeouts allows.
    TimeoutFailure, Timeout, TimeoutFailureInfo
}

impl TimeoutFailure {
    /// Which timeout it was; one that this version does not know counts as unspecified.
    pub fn timeout_type(&self) -> TimeoutType {
        self.record.info.timeout_type()
    }

    /// What the activity last reported by heartbeat, as it came.
    pub fn last_heartbeat_details(&self) -> &[Payload] {
        payloads_ref(self.record.info.last_heartbeat_details.as_ref())
    }

    /// One of the heartbeat's details, counted from 0; `None` if there are not so many.
    ///
    /// # Errors
    /// The detail cannot be read as this type.
    pub fn last_heartbeat_detail<T: FromPayload>(
        &self,
        index: usize,
    ) -> Result<Option<T>, PayloadError> {
        self.last_heartbeat_details()
            .get(index)
            .map(T::from_payload)
            .transpose()
    }
}

impl fmt::Display for TimeoutFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let otherwise = match self.timeout_type() {
            TimeoutType::Unspecified => "timed out",
            TimeoutType::StartToClose => "start-to-close timeout",
            TimeoutType::ScheduleToStart => "schedule-to-start timeout",
            TimeoutType::ScheduleToClose => "schedule-to-close timeout",
            TimeoutType::Heartbeat => "heartbeat timeout",
        };
        formatter.write_str(self.record.message_or(otherwise))
    }
}

failure_kind! {
    /// A workflow was terminated.
    TerminatedFailure, Terminated, TerminatedFailureInfo
}

impl TerminatedFailure {
    /// Who terminated it; empty if unknown.
    pub fn identity(&self) -> &str {
        &self.record.info.identity
    }
}

impl fmt::Display for TerminatedFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.record.message_or("terminated"))
    }
}

failure_kind! {
    /// A failure the server made, for example because a result was too large.
    ServerFailure, Server, ServerFailureInfo
}

impl ServerFailure {
    /// Whether the failure is final, whatever the retry policy says.
    pub fn is_non_retryable(&self) -> bool {
        self.record.info.non_retryable
    }
}

impl fmt::Display for ServerFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.record.message_or("server failure"))
    }
}

failure_kind! {
    /// A workflow was reset while the activity was running.
    ResetWorkflowFailure, ResetWorkflow, ResetWorkflowFailureInfo
}

impl ResetWorkflowFailure {
    /// What the activity last reported by heartbeat, as it came.
    pub fn last_heartbeat_details(&self) -> &[Payload] {
        payloads_ref(self.record.info.last_heartbeat_details.as_ref())
    }
}

impl fmt::Display for ResetWorkflowFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.record.message_or("workflow reset"))
    }
}
