//! Interceptors that change nothing: workflows must go as they do without them.

use durably::failure::{Failure, WorkflowResult};
use durably::interceptor::{
    CallResult, CancelExternalWorkflow, ExecuteWorkflow, HandleSignal, HandleUpdate, Intercepted,
    InterceptedStart, ScheduleActivity, ScheduleLocalActivity, ScheduleNexusOperation,
    SignalExternalWorkflow, StartChildWorkflow, StartTimer, WorkflowInterceptor, WorkflowNext,
};
use durably::payload::Payload;
use durably::workflow::WorkflowContext;

/// Passes everything on, and gives back what comes.
#[derive(Debug, Clone, Copy)]
pub struct PassOn;

impl WorkflowInterceptor for PassOn {}

/// Passes everything on, and puts a future around what ends later.
#[derive(Debug, Clone, Copy)]
pub struct PutAround;

impl WorkflowInterceptor for PutAround {
    fn execute_workflow(
        &self,
        _: &WorkflowContext,
        run: ExecuteWorkflow,
        next: WorkflowNext<ExecuteWorkflow>,
    ) -> Intercepted<WorkflowResult<Option<Payload>>> {
        around(next.run(run))
    }

    fn handle_signal(
        &self,
        _: &WorkflowContext,
        signal: HandleSignal,
        next: WorkflowNext<HandleSignal>,
    ) -> Intercepted<WorkflowResult<()>> {
        around(next.run(signal))
    }

    fn handle_update(
        &self,
        _: &WorkflowContext,
        update: HandleUpdate,
        next: WorkflowNext<HandleUpdate>,
    ) -> Intercepted<WorkflowResult<Option<Payload>>> {
        around(next.run(update))
    }

    fn schedule_activity(
        &self,
        _: &WorkflowContext,
        call: ScheduleActivity,
        next: WorkflowNext<ScheduleActivity>,
    ) -> Intercepted<CallResult> {
        around(next.run(call))
    }

    fn schedule_local_activity(
        &self,
        _: &WorkflowContext,
        call: ScheduleLocalActivity,
        next: WorkflowNext<ScheduleLocalActivity>,
    ) -> Intercepted<CallResult> {
        around(next.run(call))
    }

    fn start_child_workflow(
        &self,
        _: &WorkflowContext,
        call: StartChildWorkflow,
        next: WorkflowNext<StartChildWorkflow>,
    ) -> InterceptedStart<String> {
        around_both(next.run(call))
    }

    fn signal_external_workflow(
        &self,
        _: &WorkflowContext,
        call: SignalExternalWorkflow,
        next: WorkflowNext<SignalExternalWorkflow>,
    ) -> Intercepted<Result<(), Failure>> {
        around(next.run(call))
    }

    fn cancel_external_workflow(
        &self,
        _: &WorkflowContext,
        call: CancelExternalWorkflow,
        next: WorkflowNext<CancelExternalWorkflow>,
    ) -> Intercepted<Result<(), Failure>> {
        around(next.run(call))
    }

    fn schedule_nexus_operation(
        &self,
        _: &WorkflowContext,
        call: ScheduleNexusOperation,
        next: WorkflowNext<ScheduleNexusOperation>,
    ) -> InterceptedStart<Option<String>> {
        around_both(next.run(call))
    }

    fn start_timer(
        &self,
        _: &WorkflowContext,
        call: StartTimer,
        next: WorkflowNext<StartTimer>,
    ) -> Intercepted<Result<(), Failure>> {
        around(next.run(call))
    }
}

fn around<T: Unpin + 'static>(passed: Intercepted<T>) -> Intercepted<T> {
    passed.around(|passed| passed).then(|result| result)
}

fn around_both<S: Unpin + 'static>(passed: InterceptedStart<S>) -> InterceptedStart<S> {
    let mut passed = passed;
    passed.started = around(passed.started);
    passed.result = around(passed.result);
    passed
}
