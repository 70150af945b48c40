//! The state machines, one file each: what the code asked for and what history says of it.
//!
//! A machine's file has its table on top. `next` is the whole machine; a test compares it
//! with the table for every pair of state and input.

mod activity;
mod activity_failure;
mod change;
mod child;
mod child_failure;
mod child_request;
mod external;
mod local_activities;
mod local_activity;
mod local_activity_task;
mod nexus;
mod side_effect;
mod slot;
#[cfg(test)]
mod table;
mod timer;
mod update;

pub(crate) use activity::{Activities, ActivityInput};
pub use activity::{ActivityCancellationType, ActivityResolution};
pub(crate) use activity_failure::{ActivityIdentity, activity_canceled, activity_failed};
pub(crate) use change::{CHANGE_VERSION, ChangeKind, Changes, DEFAULT_VERSION, Question};
pub(crate) use child::{CancelTarget, ChildInput, ChildNews, Children};
pub use child::{ChildCancellationType, ChildResolution, ChildStart};
pub(crate) use child_failure::{
    ChildIdentity, child_canceled, child_failed, child_not_started, child_terminated,
    child_timed_out,
};
pub use external::ExternalResolution;
pub(crate) use external::{ExternalInput, Externals};
pub(crate) use local_activities::{LocalActivities, Recorded};
pub use local_activity::LocalActivityRequest;
pub use local_activity_task::{
    LocalActivityEnd, LocalActivityOptions, LocalActivityOutcome, LocalActivityResolution,
    LocalActivityTask,
};
pub use nexus::{NexusCancellationType, NexusResolution, NexusStart};
pub(crate) use nexus::{NexusIdentity, NexusInput, NexusNews, NexusOperations};
pub(crate) use side_effect::SideEffects;
pub use side_effect::{MutableSideEffect, SideEffect};
pub(crate) use timer::{TimerEnd, TimerInput, Timers};
pub(crate) use update::{UpdateInputKind, Updates};
