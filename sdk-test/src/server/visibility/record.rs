//! What visibility knows of a run.

use std::borrow::Cow;

use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use jiff::Timestamp;

use super::StoredAttributes;
use crate::server::search_attributes::SearchAttributeValue;

/// A run as queries see it.
#[derive(Clone, Debug)]
pub(crate) struct VisibilityRecord<'a> {
    pub(crate) workflow_id: Cow<'a, str>,
    pub(crate) run_id: Cow<'a, str>,
    pub(crate) workflow_type: Cow<'a, str>,
    pub(crate) task_queue: Cow<'a, str>,
    pub(crate) status: WorkflowExecutionStatus,
    pub(crate) start_time: Timestamp,
    /// When the first workflow task was to be scheduled: after the start delay or the backoff.
    pub(crate) execution_time: Timestamp,
    /// Absent while the run is open, and so are the four figures that depend on it.
    pub(crate) close_time: Option<Timestamp>,
    pub(crate) history_length: i64,
    pub(crate) history_size_bytes: i64,
    pub(crate) state_transition_count: i64,
    pub(crate) parent_workflow_id: Option<Cow<'a, str>>,
    pub(crate) parent_run_id: Option<Cow<'a, str>>,
    pub(crate) root_workflow_id: Cow<'a, str>,
    pub(crate) root_run_id: Cow<'a, str>,
    /// Values of custom and predefined attributes.
    pub(crate) search_attributes: StoredAttributes<'a>,
}

/// The attribute that sets runs of the server itself apart; queries that do not name it see only runs without it.
pub(super) const NAMESPACE_DIVISION: &str = "TemporalNamespaceDivision";

/// A search attribute that a query names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    WorkflowId,
    RunId,
    WorkflowType,
    TaskQueue,
    /// By its number.
    ExecutionStatus,
    StartTime,
    ExecutionTime,
    CloseTime,
    ExecutionDuration,
    HistoryLength,
    HistorySizeBytes,
    StateTransitionCount,
    ParentWorkflowId,
    ParentRunId,
    RootWorkflowId,
    RootRunId,
    /// A custom or predefined attribute.
    Stored(String),
}

impl Field {
    /// The field of a search attribute that exists.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "WorkflowId" => Self::WorkflowId,
            "RunId" => Self::RunId,
            "WorkflowType" => Self::WorkflowType,
            "TaskQueue" => Self::TaskQueue,
            "ExecutionStatus" => Self::ExecutionStatus,
            "StartTime" => Self::StartTime,
            "ExecutionTime" => Self::ExecutionTime,
            "CloseTime" => Self::CloseTime,
            "ExecutionDuration" => Self::ExecutionDuration,
            "HistoryLength" => Self::HistoryLength,
            "HistorySizeBytes" => Self::HistorySizeBytes,
            "StateTransitionCount" => Self::StateTransitionCount,
            "ParentWorkflowId" => Self::ParentWorkflowId,
            "ParentRunId" => Self::ParentRunId,
            "RootWorkflowId" => Self::RootWorkflowId,
            "RootRunId" => Self::RootRunId,
            name => Self::Stored(name.to_owned()),
        }
    }
}

/// A value of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FieldValue<'a> {
    Bool(bool),
    Int(i64),
    Double(f64),
    Time(Timestamp),
    Keyword(&'a str),
    Text(&'a str),
    List(&'a [String]),
}

impl VisibilityRecord<'_> {
    /// `None` is null.
    pub(super) fn value(&self, field: &Field) -> Option<FieldValue<'_>> {
        let of_closed = |value: i64| self.close_time.map(|_| FieldValue::Int(value));
        Some(match field {
            Field::WorkflowId => FieldValue::Keyword(&self.workflow_id),
            Field::RunId => FieldValue::Keyword(&self.run_id),
            Field::WorkflowType => FieldValue::Keyword(&self.workflow_type),
            Field::TaskQueue => FieldValue::Keyword(&self.task_queue),
            Field::ExecutionStatus => FieldValue::Int(i32::from(self.status).into()),
            Field::StartTime => FieldValue::Time(self.start_time),
            Field::ExecutionTime => FieldValue::Time(self.execution_time),
            Field::CloseTime => FieldValue::Time(self.close_time?),
            Field::ExecutionDuration => {
                let duration = self.close_time?.duration_since(self.execution_time);
                FieldValue::Int(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX))
            }
            Field::HistoryLength => of_closed(self.history_length)?,
            Field::HistorySizeBytes => of_closed(self.history_size_bytes)?,
            Field::StateTransitionCount => of_closed(self.state_transition_count)?,
            Field::ParentWorkflowId => FieldValue::Keyword(self.parent_workflow_id.as_deref()?),
            Field::ParentRunId => FieldValue::Keyword(self.parent_run_id.as_deref()?),
            Field::RootWorkflowId => FieldValue::Keyword(&self.root_workflow_id),
            Field::RootRunId => FieldValue::Keyword(&self.root_run_id),
            Field::Stored(name) => match self.search_attributes.get(name)? {
                SearchAttributeValue::Bool(value) => FieldValue::Bool(*value),
                SearchAttributeValue::Int(value) => FieldValue::Int(*value),
                SearchAttributeValue::Double(value) => FieldValue::Double(*value),
                SearchAttributeValue::Datetime(value) => FieldValue::Time(*value),
                SearchAttributeValue::Keyword(value) => FieldValue::Keyword(value),
                SearchAttributeValue::Text(value) => FieldValue::Text(value),
                SearchAttributeValue::KeywordList(values) => FieldValue::List(values),
            },
        })
    }

    /// The division of the server's own runs; absent in users' runs.
    pub(super) fn namespace_division(&self) -> Option<&str> {
        match self.search_attributes.get(NAMESPACE_DIVISION)? {
            SearchAttributeValue::Keyword(division) => Some(division),
            _ => None,
        }
    }
}
