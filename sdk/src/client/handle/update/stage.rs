//! How far an update has come.

use durably_protos::temporal::api::enums::v1::UpdateWorkflowExecutionLifecycleStage;
use durably_protos::temporal::api::update::v1::WaitPolicy;

/// How far an update shall have come before a start of it returns.
///
/// There is no stage for an update that has merely arrived: it is not in the workflow's history before
/// it is accepted, and a server that fails may forget it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UpdateStage {
    /// A worker has taken it, and it is in the workflow's history. Its handler has begun, and may wait
    /// for whatever it likes.
    Accepted,
    /// It has its outcome.
    Completed,
}

impl From<UpdateStage> for UpdateWorkflowExecutionLifecycleStage {
    fn from(stage: UpdateStage) -> Self {
        match stage {
            UpdateStage::Accepted => Self::Accepted,
            UpdateStage::Completed => Self::Completed,
        }
    }
}

impl UpdateStage {
    pub(super) fn wait_policy(self) -> WaitPolicy {
        WaitPolicy {
            lifecycle_stage: UpdateWorkflowExecutionLifecycleStage::from(self).into(),
        }
    }
}
