//! Code around what clients send, and around what workflows and activities are given and call.
//!
//! | trait | around | registered by |
//! |---|---|---|
//! | [`ClientInterceptor`] | every operation of a client and its handles | [`ConnectOptions::interceptor`](crate::client::ConnectOptions::interceptor) |
//! | [`WorkflowInterceptor`] | the start of a run and the messages to it; its activities, children, timers, messages to others | [`WorkerBuilder::workflow_interceptor`](crate::worker::WorkerBuilder::workflow_interceptor), [`Replayer::workflow_interceptor`](crate::replay::Replayer::workflow_interceptor) |
//! | [`ActivityInterceptor`] | the attempts of a worker's activities, and their heartbeats | [`WorkerBuilder::activity_interceptor`](crate::worker::WorkerBuilder::activity_interceptor) |
//!
//! A hook is given what is about to happen and the rest of the way, changes the one, and passes it on to
//! the other. Hooks that are not written pass on. The interceptor that was registered first is the
//! outermost.

pub use crate::activity::interceptor::{ActivityInterceptor, ExecuteActivity, RecordHeartbeat};
pub use crate::client::interceptor::{
    ClientCall, ClientInterceptor, ClientNext, ClientRequest, HasHeaders, messages,
};
pub use crate::workflow::interceptor::{
    CallResult, CancelExternalWorkflow, ExecuteWorkflow, HandleQuery, HandleSignal, HandleUpdate,
    Intercepted, InterceptedStart, ScheduleActivity, ScheduleLocalActivity, ScheduleNexusOperation,
    SignalExternalWorkflow, StartChildWorkflow, StartTimer, ValidateUpdate, WorkflowInterceptor,
    WorkflowNext, WorkflowOperation,
};
