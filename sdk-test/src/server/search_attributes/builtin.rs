//! The attributes that every namespace has.

use durably_protos::temporal::api::enums::v1::IndexedValueType::{
    self, Bool, Datetime, Int, Keyword, KeywordList,
};

/// Facts of a run, which the server keeps itself.
pub(super) const SYSTEM: [(&str, IndexedValueType); 16] = [
    ("CloseTime", Datetime),
    ("ExecutionDuration", Int),
    ("ExecutionStatus", Keyword),
    ("ExecutionTime", Datetime),
    ("HistoryLength", Int),
    ("HistorySizeBytes", Int),
    ("ParentRunId", Keyword),
    ("ParentWorkflowId", Keyword),
    ("RootRunId", Keyword),
    ("RootWorkflowId", Keyword),
    ("RunId", Keyword),
    ("StartTime", Datetime),
    ("StateTransitionCount", Int),
    ("TaskQueue", Keyword),
    ("WorkflowId", Keyword),
    ("WorkflowType", Keyword),
];

/// Attributes that are stored with the custom ones and have a meaning to the server; clients may set them.
const PREDEFINED: [(&str, IndexedValueType); 11] = [
    ("BatcherNamespace", Keyword),
    ("BatcherUser", Keyword),
    ("BinaryChecksums", KeywordList),
    ("BuildIds", KeywordList),
    ("TemporalChangeVersion", KeywordList),
    ("TemporalNamespaceDivision", Keyword),
    ("TemporalPauseInfo", KeywordList),
    ("TemporalReportedProblems", KeywordList),
    ("TemporalSchedulePaused", Bool),
    ("TemporalScheduledById", Keyword),
    ("TemporalScheduledStartTime", Datetime),
];

/// Predefined attributes that only the server sets.
const PREDEFINED_BY_SERVER: [(&str, IndexedValueType); 6] = [
    ("TemporalExternalPayloadCount", Int),
    ("TemporalExternalPayloadSizeBytes", Int),
    ("TemporalUsedWorkerDeploymentVersions", KeywordList),
    ("TemporalWorkerDeployment", Keyword),
    ("TemporalWorkerDeploymentVersion", Keyword),
    ("TemporalWorkflowVersioningBehavior", Keyword),
];

/// Names of stored fields, which no custom attribute may have.
const RESERVED: [&str; 4] = ["Memo", "MemoEncoding", "NamespaceId", "VisibilityTaskKey"];

/// Names beginning with this are the server's.
pub(crate) const RESERVED_PREFIX: &str = "Temporal";

/// Who may set an attribute that every namespace has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SetBy {
    Client,
    Server,
}

/// The type of a built-in attribute, and who may set it.
pub(super) fn builtin(name: &str) -> Option<(IndexedValueType, SetBy)> {
    let find = |list: &[(&str, IndexedValueType)], by| {
        list.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value_type)| (*value_type, by))
    };
    find(&SYSTEM, SetBy::Server)
        .or_else(|| find(&PREDEFINED, SetBy::Client))
        .or_else(|| find(&PREDEFINED_BY_SERVER, SetBy::Server))
}

/// All built-in attributes, as `ListSearchAttributes.system_attributes` shows them.
pub(super) fn all() -> impl Iterator<Item = (&'static str, IndexedValueType)> {
    SYSTEM
        .into_iter()
        .chain(PREDEFINED)
        .chain(PREDEFINED_BY_SERVER)
}

/// Whether no custom attribute may have this name.
pub(super) fn is_reserved(name: &str) -> bool {
    builtin(name).is_some() || RESERVED.contains(&name) || name.starts_with(RESERVED_PREFIX)
}
