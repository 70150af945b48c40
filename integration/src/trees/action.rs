//! What a workflow can be told to do, and what it gives.

use serde::{Deserialize, Serialize};

/// The actions of a run, and of the runs that follow it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What the runs before gave.
    pub carried: u64,
    /// What this run does.
    pub action: Action,
    /// What the next run does; none for the last.
    pub next: Option<Box<Self>>,
}

/// One thing to do. Those with children do them in turn, or at the same time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// One after the other.
    Sequence(Vec<Self>),
    /// All at the same time.
    Parallel(Vec<Self>),
    /// Each as a task of its own.
    Spawned(Vec<Self>),
    /// Until one of them is done.
    Race(Vec<Self>),
    /// An activity that fails some times before it succeeds: what it gets, and how often.
    Activity(u64, u32),
    /// An activity that fails for good.
    FailingActivity,
    /// As `Activity`, in the worker.
    LocalActivity(u64, u32),
    /// As `FailingActivity`, in the worker.
    FailingLocalActivity,
    /// A local activity whose retries wait by timer.
    BackingOff(u64),
    /// A timer of so many milliseconds.
    Timer(u32),
    /// Until so many signals have come to this run.
    WaitForSignals(u32),
    /// A child workflow.
    Child(Box<Plan>),
    /// A child that waits for a signal of its parent's.
    SignaledChild(u64),
    /// A child that is canceled as soon as it has started.
    CanceledChild,
    /// At most for so many milliseconds.
    Timeout(u32, Box<Self>),
    /// In a scope that is canceled after so many milliseconds.
    Canceled(u32, Box<Self>),
    /// In a shield, within a scope that is canceled at once.
    Shielded(Box<Self>),
    /// Whether a patch of this number is in the code: it is.
    Patch(u8),
    /// The newest version of something.
    Version(u8),
    /// A value that is made once.
    SideEffect,
    /// A value that is recorded when it changes.
    MutableSideEffect(u8),
    /// Writes the memo, and reads it.
    Memo(u64),
    /// A signal to a workflow that does not exist.
    LostSignal,
}

/// What is given where time decides what happens.
pub(super) const WHATEVER: u64 = 7;
/// What is given for a failure.
pub(super) const FAILED: u64 = 3;

impl Plan {
    /// What performing the plan gives.
    pub fn expected(&self) -> u64 {
        let value = fold(self.carried, self.action.expected());
        match &self.next {
            None => value,
            Some(next) => Self {
                carried: value,
                ..(**next).clone()
            }
            .expected(),
        }
    }
}

impl Action {
    /// What performing the action gives.
    pub fn expected(&self) -> u64 {
        match self {
            Self::Sequence(actions) | Self::Parallel(actions) | Self::Spawned(actions) => {
                actions.iter().fold(1, |sum, one| fold(sum, one.expected()))
            }
            Self::Activity(value, _) | Self::LocalActivity(value, _) | Self::BackingOff(value) => {
                value + 1
            }
            Self::SignaledChild(value) => Plan::waiting(*value).expected(),
            Self::Child(plan) => plan.expected(),
            Self::FailingActivity
            | Self::FailingLocalActivity
            | Self::CanceledChild
            | Self::LostSignal => FAILED,
            Self::Shielded(action) => action.expected(),
            Self::Patch(_) => 1,
            Self::Version(newest) => u64::from(*newest),
            Self::Memo(value) => *value,
            Self::MutableSideEffect(value) => u64::from(*value),
            Self::Race(_)
            | Self::Timer(_)
            | Self::WaitForSignals(_)
            | Self::Timeout(..)
            | Self::Canceled(..)
            | Self::SideEffect => WHATEVER,
        }
    }
}

impl Plan {
    /// A run that waits for a signal.
    pub fn waiting(value: u64) -> Self {
        let wait = Action::WaitForSignals(1);
        Self {
            carried: 0,
            action: Action::Sequence(vec![wait, Action::Activity(value, 0)]),
            next: None,
        }
    }
}

/// Puts two values together so that their order counts.
pub(super) fn fold(sum: u64, value: u64) -> u64 {
    sum.wrapping_mul(31).wrapping_add(value)
}
