//! Completion callbacks: what a run tells when its chain has ended, and the tokens they carry.

use durably_protos::temporal::api::common::v1::{Callback, callback};
use durably_protos::temporal::api::enums::v1::CallbackState;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};
use durably_protos::temporal::api::workflow::v1::CallbackInfo;
use durably_protos::temporal::api::workflow::v1::callback_info::trigger::Variant;
use durably_protos::temporal::api::workflow::v1::callback_info::{Trigger, WorkflowClosed};

use super::PendingOperation;
use crate::server::run::Run;
use crate::server::time::Time;

/// Where the callbacks of this server's operations go: to itself.
pub(crate) const SYSTEM_URL: &str = "temporal://system";
/// The header with the token of the operation.
pub(crate) const TOKEN_HEADER: &str = "temporal-callback-token";
/// The header with what the handler calls the operation.
pub(crate) const OPERATION_HEADER: &str = "nexus-operation-token";

/// A callback of a run.
#[derive(Debug, Clone)]
pub(crate) struct RunCallback {
    pub(crate) callback: Callback,
    pub(crate) registered: Time,
    /// When it was made, and why that failed if it did.
    pub(crate) made: Option<(Time, Result<(), String>)>,
}

impl RunCallback {
    /// A header of the callback, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let Some(callback::Variant::Nexus(nexus)) = &self.callback.variant else {
            return None;
        };
        let mut headers = nexus.header.iter();
        let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn describe(&self) -> CallbackInfo {
        let (state, end, failure) = match &self.made {
            None => (CallbackState::Standby, None, None),
            Some((time, Ok(()))) => (CallbackState::Succeeded, Some(*time), None),
            Some((time, Err(text))) => (CallbackState::Failed, Some(*time), Some(text)),
        };
        CallbackInfo {
            callback: Some(self.callback.clone()),
            trigger: Some(Trigger {
                variant: Some(Variant::WorkflowClosed(WorkflowClosed {})),
            }),
            registration_time: Some(self.registered.timestamp()),
            state: state.into(),
            attempt: i32::from(self.made.is_some()),
            last_attempt_complete_time: end.map(Time::timestamp),
            last_attempt_failure: failure.map(|text| Failure {
                message: text.clone(),
                failure_info: Some(FailureInfo::ApplicationFailureInfo(
                    ApplicationFailureInfo {
                        non_retryable: true,
                        ..ApplicationFailureInfo::default()
                    },
                )),
                ..Failure::default()
            }),
            ..CallbackInfo::default()
        }
    }
}

/// Which operation a callback is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallbackToken {
    pub(crate) run_id: String,
    pub(crate) scheduled_id: i64,
    pub(crate) request_id: String,
}

impl CallbackToken {
    /// The token as the header has it.
    pub(crate) fn text(&self) -> String {
        let content = format!("{}/{}/{}", self.run_id, self.scheduled_id, self.request_id);
        serde_json::json!({"v": 1, "d": content}).to_string()
    }

    /// Reads a header; `None` if it is no token of this server.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        let mut parts = value.get("d")?.as_str()?.splitn(3, '/');
        Some(Self {
            run_id: parts.next()?.to_owned(),
            scheduled_id: parts.next()?.parse().ok()?,
            request_id: parts.next()?.to_owned(),
        })
    }
}

impl Run {
    /// Registers callbacks that are made when the chain has ended.
    pub(crate) fn add_callbacks(&mut self, callbacks: &[Callback], registered: Time) {
        for callback in callbacks {
            self.callbacks.push(RunCallback {
                callback: callback.clone(),
                registered,
                made: None,
            });
        }
    }

    /// The operation that a callback is for, if it still waits.
    pub(crate) fn operation_of(&self, token: &CallbackToken) -> Option<&PendingOperation> {
        let operation = self.operations.get(&token.scheduled_id)?;
        (operation.request_id == token.request_id && self.is_open()).then_some(operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_as_they_were_written() {
        let token = CallbackToken {
            run_id: "run".to_owned(),
            scheduled_id: 5,
            request_id: "request".to_owned(),
        };
        assert_eq!(CallbackToken::read(&token.text()), Some(token));
        for junk in ["", "{}", "[]", "{\"d\":7}", "{\"d\":\"run/x/y\"}"] {
            assert_eq!(CallbackToken::read(junk), None, "{junk}");
        }
    }
}
