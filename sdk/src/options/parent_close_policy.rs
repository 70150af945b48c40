//! What becomes of a child workflow when its parent ends.

use durably_protos::temporal::api::enums::v1;

/// What becomes of a child workflow when its parent ends, or continues as new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParentClosePolicy {
    /// It is terminated.
    #[default]
    Terminate,
    /// It runs on.
    Abandon,
    /// It is asked to cancel.
    RequestCancel,
}

impl From<ParentClosePolicy> for v1::ParentClosePolicy {
    fn from(policy: ParentClosePolicy) -> Self {
        match policy {
            ParentClosePolicy::Terminate => Self::Terminate,
            ParentClosePolicy::Abandon => Self::Abandon,
            ParentClosePolicy::RequestCancel => Self::RequestCancel,
        }
    }
}
