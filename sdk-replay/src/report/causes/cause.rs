//! A cause, with what to do about it.

use serde::{Deserialize, Serialize};

use crate::report::fix::Fix;

/// What may have happened to the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CauseKind {
    /// The code itself differs from one replay to the next: randomness, clock, order of a hash map.
    NotDeterministic,
    /// A patch was removed while runs have its marker.
    RemovedPatch,
    /// The call that asks for a patch stands elsewhere now.
    MovedPatch,
    /// Two calls changed places.
    ChangedOrder,
    /// Calls that run in parallel are issued in another order.
    ChangedOrderOfParallelCalls,
    /// A call was moved before others.
    MovedCall,
    /// A call became one of another kind: an activity a local activity, say.
    ChangedKind,
    /// A call has another name.
    ChangedName,
    /// A call was added.
    AddedCall,
    /// A call was removed.
    RemovedCall,
    /// The run ends in another way.
    ChangedEnd,
    /// The run ends earlier.
    EndedEarly,
    /// The run goes on where it ended.
    EndedLater,
    /// An id is made in another way.
    ChangedId,
    /// Calls that leave no event in history were added or removed.
    ShiftedId,
    /// History speaks of something that the code did not start.
    NotStarted,
    /// Something is in another state than history says.
    OtherState,
    /// The code iterates over something without an order.
    UnorderedCollection,
    /// The history may be that of another workflow.
    AnotherWorkflow,
    /// The history was recorded by another SDK.
    AnotherSdk,
    /// The history was recorded by another version of this SDK.
    AnotherVersion,
    /// An argument or a result has another type.
    ChangedType,
    /// The code has no branch any more for the version that the run follows.
    DroppedVersion,
    /// The code panics.
    Panic,
    /// The code waits for something that is not replayed.
    OutsideWait,
    /// The code ends the workflow task by itself.
    FailedTask,
    /// The history is incomplete or damaged.
    DamagedHistory,
    /// The workflow is not known.
    NotRegistered,
    /// No more is known than that the code changed.
    Unknown,
}

/// A possible reason, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The kind.
    pub kind: CauseKind,
    /// How likely it is beside the other causes, from 0 to 100. It is no probability.
    pub likelihood: u8,
    /// What happened, in one line.
    pub title: String,
    /// What speaks for it.
    pub explanation: String,
    /// What to do.
    pub fix: Fix,
}

impl Cause {
    pub(super) fn new(kind: CauseKind, likelihood: u8, title: impl Into<String>) -> Self {
        Self {
            kind,
            likelihood,
            title: title.into(),
            explanation: String::new(),
            fix: Fix::of_text(""),
        }
    }

    pub(super) fn because(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = explanation.into();
        self
    }

    pub(super) fn fix(mut self, fix: Fix) -> Self {
        self.fix = fix;
        self
    }
}
