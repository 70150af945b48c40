//! What can be intercepted, and by which hook.

use durably_protos::temporal::api::common::v1::Payload;

use super::calls::{
    CancelExternalWorkflow, ScheduleActivity, ScheduleLocalActivity, ScheduleNexusOperation,
    SignalExternalWorkflow, StartChildWorkflow, StartTimer,
};
use super::messages::{ExecuteWorkflow, HandleQuery, HandleSignal, HandleUpdate, ValidateUpdate};
use super::{Intercepted, InterceptedStart, WorkflowInterceptor, WorkflowNext};
use crate::failure::{Failure, WorkflowResult};
use crate::workflow::WorkflowContext;

/// How a call ends: with its result, if it has one, as a payload, or with its failure.
pub type CallResult = Result<Option<Payload>, Failure>;

/// Something that comes to a run, or that it calls: what a hook of a [`WorkflowInterceptor`] is given.
pub trait WorkflowOperation: sealed::Sealed + Sized + 'static {
    /// What its hook gives back.
    type Output;

    /// Gives it to its hook.
    #[doc(hidden)]
    fn give(
        self,
        interceptor: &dyn WorkflowInterceptor,
        context: &WorkflowContext,
        next: WorkflowNext<Self>,
    ) -> Self::Output;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! operations {
    ($($operation:ident => $hook:ident -> $output:ty;)*) => {$(
        impl sealed::Sealed for $operation {}

        impl WorkflowOperation for $operation {
            type Output = $output;

            fn give(
                self,
                interceptor: &dyn WorkflowInterceptor,
                context: &WorkflowContext,
                next: WorkflowNext<Self>,
            ) -> $output {
                interceptor.$hook(context, self, next)
            }
        }
    )*};
}

operations! {
    ExecuteWorkflow => execute_workflow -> Intercepted<WorkflowResult<Option<Payload>>>;
    HandleSignal => handle_signal -> Intercepted<WorkflowResult<()>>;
    HandleQuery => handle_query -> WorkflowResult<Payload>;
    ValidateUpdate => validate_update -> WorkflowResult<()>;
    HandleUpdate => handle_update -> Intercepted<WorkflowResult<Option<Payload>>>;
    ScheduleActivity => schedule_activity -> Intercepted<CallResult>;
    ScheduleLocalActivity => schedule_local_activity -> Intercepted<CallResult>;
    StartChildWorkflow => start_child_workflow -> InterceptedStart<String>;
    SignalExternalWorkflow => signal_external_workflow -> Intercepted<Result<(), Failure>>;
    CancelExternalWorkflow => cancel_external_workflow -> Intercepted<Result<(), Failure>>;
    ScheduleNexusOperation => schedule_nexus_operation -> InterceptedStart<Option<String>>;
    StartTimer => start_timer -> Intercepted<Result<(), Failure>>;
}
