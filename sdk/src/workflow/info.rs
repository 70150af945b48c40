//! What a workflow may know of its own run.

use std::ops::Deref;

use durably_engine::{Context, RunInfo};
use durably_protos::temporal::api::common::v1;
use durably_protos::temporal::api::enums::v1::SuggestContinueAsNewReason;

use crate::failure::{Failure, RetryPolicy};
use crate::payload::{FromPayload, Memo, PayloadError, SearchAttributes};

/// A run's identity, options and origin, and the state of its history.
///
/// Ids, timeouts and the like come from [`RunInfo`], which this dereferences to.
///
/// # Determinism
/// All of it is recorded in the run's first event, or in the current task's start.
#[derive(Debug, Clone, Copy)]
pub struct WorkflowInfo<'a> {
    context: &'a Context,
}

/// Why the server suggests to continue as new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContinueAsNewReason {
    /// The history has too many bytes.
    HistorySizeTooLarge,
    /// The history has too many events.
    TooManyHistoryEvents,
    /// The run has had too many updates.
    TooManyUpdates,
}

impl ContinueAsNewReason {
    fn of(reason: SuggestContinueAsNewReason) -> Option<Self> {
        Some(match reason {
            SuggestContinueAsNewReason::HistorySizeTooLarge => Self::HistorySizeTooLarge,
            SuggestContinueAsNewReason::TooManyHistoryEvents => Self::TooManyHistoryEvents,
            SuggestContinueAsNewReason::TooManyUpdates => Self::TooManyUpdates,
            SuggestContinueAsNewReason::Unspecified => return None,
        })
    }
}

impl<'a> WorkflowInfo<'a> {
    pub(crate) fn new(context: &'a Context) -> Self {
        Self { context }
    }

    /// The memo as it is now: what the run was started with, and its changes since.
    pub fn memo(&self) -> Memo {
        let fields = self.context.memo();
        v1::Memo { fields }.into()
    }

    /// The search attributes as they are now: what the run was started with, and its changes since.
    pub fn search_attributes(&self) -> SearchAttributes {
        let indexed_fields = self.context.search_attributes();
        v1::SearchAttributes { indexed_fields }.into()
    }

    /// How the workflow is retried.
    pub fn retry_policy(&self) -> Option<RetryPolicy> {
        self.context
            .info()
            .retry_policy()
            .cloned()
            .map(RetryPolicy::from)
    }

    /// The result of the last run of this chain that completed; for cron workflows.
    ///
    /// # Errors
    /// The result cannot be read as this type.
    pub fn last_completion_result<T: FromPayload>(&self) -> Result<Option<T>, PayloadError> {
        let result = self.context.info().last_completion_result();
        result
            .and_then(|result| result.payloads.first())
            .map(T::from_payload)
            .transpose()
    }

    /// Why the run before this one failed.
    pub fn last_failure(&self) -> Option<Failure> {
        self.context
            .info()
            .last_failure()
            .cloned()
            .map(Failure::from)
    }

    /// How many events the history had when the current task began.
    pub fn history_length(&self) -> i64 {
        self.context.history_length()
    }

    /// The history's size in bytes when the current task began; 0 on servers that do not say.
    pub fn history_size_bytes(&self) -> i64 {
        self.context.history_size_bytes()
    }

    /// The server suggests to continue as new, since the history grows large.
    pub fn continue_as_new_suggested(&self) -> bool {
        self.context.continue_as_new_suggested()
    }

    /// Why the server suggests that.
    pub fn continue_as_new_reasons(&self) -> Vec<ContinueAsNewReason> {
        let reasons = self.context.continue_as_new_reasons();
        reasons.filter_map(ContinueAsNewReason::of).collect()
    }

    /// Whether the worker deployment has another current version than the one that this run is
    /// pinned to: a good moment to continue as new.
    pub fn target_worker_deployment_version_changed(&self) -> bool {
        self.context.target_worker_deployment_version_changed()
    }
}

impl<'a> Deref for WorkflowInfo<'a> {
    type Target = RunInfo;

    fn deref(&self) -> &RunInfo {
        self.context.info()
    }
}
