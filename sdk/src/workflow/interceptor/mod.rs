//! Interceptors of workflow code: user code around what comes to a run, and around what it calls.
//!
//! A run has its interceptors in its [`Extension`](super::extension::Extension). Runs of workers
//! without any never come here: each place that could be intercepted asks first.

mod calls;
mod chain;
mod hooks;
mod intercepted;
mod made;
mod messages;
mod operation;

pub use calls::{
    CancelExternalWorkflow, ScheduleActivity, ScheduleLocalActivity, ScheduleNexusOperation,
    SignalExternalWorkflow, StartChildWorkflow, StartTimer,
};
pub use chain::WorkflowNext;
pub(super) use chain::{Factory, Interceptors};
pub use hooks::WorkflowInterceptor;
pub(super) use intercepted::InterceptedState;
pub use intercepted::{Intercepted, InterceptedStart};
pub(super) use made::{Made, SharedOperation};
pub use messages::{ExecuteWorkflow, HandleQuery, HandleSignal, HandleUpdate, ValidateUpdate};
pub use operation::{CallResult, WorkflowOperation};
