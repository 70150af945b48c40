//! What happens when a workflow's id is taken.

use durably_protos::temporal::api::enums::v1;

/// Whether a workflow may have the id of one that is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkflowIdReusePolicy {
    /// It may.
    #[default]
    AllowDuplicate,
    /// It may if the closed one did not complete: it failed, timed out, or was canceled or
    /// terminated.
    AllowDuplicateFailedOnly,
    /// It may not.
    RejectDuplicate,
}

/// What a start does if a workflow with its id is running.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkflowIdConflictPolicy {
    /// It fails.
    #[default]
    Fail,
    /// It starts nothing, and gives a handle to the running one.
    UseExisting,
    /// It terminates the running one first.
    TerminateExisting,
}

impl From<WorkflowIdReusePolicy> for v1::WorkflowIdReusePolicy {
    fn from(policy: WorkflowIdReusePolicy) -> Self {
        match policy {
            WorkflowIdReusePolicy::AllowDuplicate => Self::AllowDuplicate,
            WorkflowIdReusePolicy::AllowDuplicateFailedOnly => Self::AllowDuplicateFailedOnly,
            WorkflowIdReusePolicy::RejectDuplicate => Self::RejectDuplicate,
        }
    }
}

impl From<WorkflowIdConflictPolicy> for v1::WorkflowIdConflictPolicy {
    fn from(policy: WorkflowIdConflictPolicy) -> Self {
        match policy {
            WorkflowIdConflictPolicy::Fail => Self::Fail,
            WorkflowIdConflictPolicy::UseExisting => Self::UseExisting,
            WorkflowIdConflictPolicy::TerminateExisting => Self::TerminateExisting,
        }
    }
}
