//! Interceptors: user code around what clients send, what workflows and activities are given, and what
//! they call.
//!
//! | interceptor | around | registered by |
//! |---|---|---|
//! | [`WorkflowInterceptor`] | the start of a run and the messages to it; its activities, children, timers and messages to others | [`WorkerBuilder::workflow_interceptor`](crate::worker::WorkerBuilder::workflow_interceptor) |

pub use crate::workflow::interceptor::{
    CallResult, CancelExternalWorkflow, ExecuteWorkflow, HandleQuery, HandleSignal, HandleUpdate,
    Intercepted, InterceptedStart, ReceiveSignal, ScheduleActivity, ScheduleLocalActivity,
    ScheduleNexusOperation, SignalExternalWorkflow, StartChildWorkflow, StartTimer, ValidateUpdate,
    WorkflowInterceptor, WorkflowNext, WorkflowOperation,
};
