//! The trait that users implement.

use durably_protos::temporal::api::common::v1::Payload;

use super::{
    CallResult, CancelExternalWorkflow, ExecuteWorkflow, HandleQuery, HandleSignal, HandleUpdate,
    Intercepted, InterceptedStart, ScheduleActivity, ScheduleLocalActivity, ScheduleNexusOperation,
    SignalExternalWorkflow, StartChildWorkflow, StartTimer, ValidateUpdate, WorkflowNext,
};
use crate::failure::{ContinueAsNew, Failure, WorkflowResult};
use crate::workflow::WorkflowContext;

/// User code around what comes to a workflow's run (its start, signals, queries, updates) and around
/// what the run calls (activities, children, timers, other workflows): for what concerns all workflows of
/// a worker, and is no matter of any of them. Registered by
/// [`WorkerBuilder::workflow_interceptor`](crate::worker::WorkerBuilder::workflow_interceptor).
///
/// Every hook passes on unless it is implemented. One that is gets the operation, may change it, passes
/// it on by [`next.run(..)`](WorkflowNext::run), and gives back what came of it, as it is or wrapped:
///
/// ```
/// use durably::interceptor::{
///     CallResult, Intercepted, ScheduleActivity, WorkflowInterceptor, WorkflowNext,
/// };
/// use durably::payload::HeaderKey;
/// use durably::prelude::*;
///
/// const CALLER: HeaderKey<String> = HeaderKey::new("caller");
///
/// /// Tells each activity which workflow calls it, and notes the calls that failed.
/// struct Callers;
///
/// impl WorkflowInterceptor for Callers {
///     fn schedule_activity(
///         &self,
///         ctx: &WorkflowContext,
///         mut call: ScheduleActivity,
///         next: WorkflowNext<ScheduleActivity>,
///     ) -> Intercepted<CallResult> {
///         let (ctx, activity) = (ctx.clone(), call.activity_type.clone());
///         let caller = ctx.info().workflow_type().to_owned();
///         if let Err(error) = call.headers.insert(&CALLER, caller) {
///             return Intercepted::done(Err(ApplicationFailure::new(error.to_string()).into()));
///         }
///         next.run(call).then(move |result| {
///             if let Err(failure) = &result
///                 && !ctx.is_replaying()
///             {
///                 eprintln!("{activity} failed: {failure}");
///             }
///             result
///         })
///     }
/// }
///
/// # fn example(client: &Client) {
/// let worker = Worker::builder(client, "orders").workflow_interceptor(|_ctx| Callers);
/// # }
/// ```
///
/// A hook is a plain function: what it does before it returns happens at once, at the place of the call,
/// so that an interceptor which only passes on changes no order of things. What is to happen later goes
/// into [`then`](Intercepted::then) or [`around`](Intercepted::around).
///
/// Each run has an interceptor of its own, which is made when the run's code starts and dropped with it.
/// What it keeps belongs to the run, and may sit in a `Cell`.
///
/// What an interceptor calls itself, on its context, passes all interceptors, itself too. Not
/// intercepted are the activities and signals that hold [sessions](WorkflowContext::session) open, and
/// queries that every workflow answers.
///
/// # Determinism
/// Interceptors are workflow code: they run again in every replay, and the rules of workflow code hold
/// for them. What talks to the world (metrics, logs) asks [`is_replaying`](WorkflowContext::is_replaying)
/// first. Replayers need the interceptors that the workers have, as far as those call something, change
/// what a workflow sees, or change what is compared with the history: types, names, ids, the order of
/// calls. Headers, arguments and timeouts of calls may change without a new version of the code.
///
/// # Errors
/// A panic is one of the workflow's code: it fails the workflow task.
#[expect(
    unused_variables,
    reason = "what passes on by default has no use for the context, but names it in the documentation"
)]
pub trait WorkflowInterceptor: 'static {
    /// The run's code starts. Its state is made from the arguments when this passes on; the code runs
    /// when what is given back is awaited, after the signals that came with its first task.
    ///
    /// It ends with the run's result, or with the error that ends the run:
    /// [`WorkflowError::ContinueAsNew`](crate::failure::WorkflowError::ContinueAsNew) is one of them.
    /// Must pass on once, since the state is needed for messages; to end the run early, drop what was
    /// given back in [`around`](Intercepted::around).
    fn execute_workflow(
        &self,
        ctx: &WorkflowContext,
        run: ExecuteWorkflow,
        next: WorkflowNext<ExecuteWorkflow>,
    ) -> Intercepted<WorkflowResult<Option<Payload>>> {
        next.run(run)
    }

    /// A signal that has a handler. An error ends the run as one of the handler's does. A signal whose
    /// arguments cannot be read is dropped when this passes on, with an error in the log.
    fn handle_signal(
        &self,
        ctx: &WorkflowContext,
        signal: HandleSignal,
        next: WorkflowNext<HandleSignal>,
    ) -> Intercepted<WorkflowResult<()>> {
        next.run(signal)
    }

    /// A signal that a [`SignalChannel`](crate::workflow::SignalChannel) receives, in the moment in
    /// which the code takes it. There is no handler to wrap; arguments may be changed.
    fn receive_signal(&self, ctx: &WorkflowContext, signal: &mut HandleSignal) {}

    /// A query, except those that every workflow answers (`__stack_trace` and its like). Nothing may
    /// change: neither state nor history.
    ///
    /// # Errors
    /// The query fails with this error.
    fn handle_query(
        &self,
        ctx: &WorkflowContext,
        query: HandleQuery,
        next: WorkflowNext<HandleQuery>,
    ) -> WorkflowResult<Payload> {
        next.run(query)
    }

    /// An update of a name that has a handler, before it is accepted. Nothing may change. Passing on
    /// reads the arguments and asks the validator, if there is one.
    ///
    /// # Errors
    /// The update is refused with this error, and leaves no trace in the history.
    ///
    /// # Determinism
    /// Not called on replay: an accepted update stays accepted.
    fn validate_update(
        &self,
        ctx: &WorkflowContext,
        update: ValidateUpdate,
        next: WorkflowNext<ValidateUpdate>,
    ) -> WorkflowResult<()> {
        next.run(update)
    }

    /// An update that was accepted. It ends with the result or the failure that the caller gets.
    fn handle_update(
        &self,
        ctx: &WorkflowContext,
        update: HandleUpdate,
        next: WorkflowNext<HandleUpdate>,
    ) -> Intercepted<WorkflowResult<Option<Payload>>> {
        next.run(update)
    }

    /// An activity is scheduled when this passes on.
    fn schedule_activity(
        &self,
        ctx: &WorkflowContext,
        call: ScheduleActivity,
        next: WorkflowNext<ScheduleActivity>,
    ) -> Intercepted<CallResult> {
        next.run(call)
    }

    /// A local activity is run when this passes on, with all its attempts.
    fn schedule_local_activity(
        &self,
        ctx: &WorkflowContext,
        call: ScheduleLocalActivity,
        next: WorkflowNext<ScheduleLocalActivity>,
    ) -> Intercepted<CallResult> {
        next.run(call)
    }

    /// A child workflow is started when this passes on.
    fn start_child_workflow(
        &self,
        ctx: &WorkflowContext,
        call: StartChildWorkflow,
        next: WorkflowNext<StartChildWorkflow>,
    ) -> InterceptedStart<String> {
        next.run(call)
    }

    /// A signal is sent to a child or to another workflow when this passes on. It ends when it has
    /// arrived.
    fn signal_external_workflow(
        &self,
        ctx: &WorkflowContext,
        call: SignalExternalWorkflow,
        next: WorkflowNext<SignalExternalWorkflow>,
    ) -> Intercepted<Result<(), Failure>> {
        next.run(call)
    }

    /// Another workflow is asked to cancel when this passes on. It ends when the request has arrived.
    fn cancel_external_workflow(
        &self,
        ctx: &WorkflowContext,
        call: CancelExternalWorkflow,
        next: WorkflowNext<CancelExternalWorkflow>,
    ) -> Intercepted<Result<(), Failure>> {
        next.run(call)
    }

    /// A Nexus operation is scheduled when this passes on.
    fn schedule_nexus_operation(
        &self,
        ctx: &WorkflowContext,
        call: ScheduleNexusOperation,
        next: WorkflowNext<ScheduleNexusOperation>,
    ) -> InterceptedStart<Option<String>> {
        next.run(call)
    }

    /// A timer is started when this passes on. Timers of the SDK's own are among them: those of
    /// timeouts and tickers, and the waits between attempts of local activities.
    fn start_timer(
        &self,
        ctx: &WorkflowContext,
        call: StartTimer,
        next: WorkflowNext<StartTimer>,
    ) -> Intercepted<Result<(), Failure>> {
        next.run(call)
    }

    /// The run ends by continuing as new, in this way. Type and headers are always there, whether the
    /// code named them or not.
    fn continue_as_new(&self, ctx: &WorkflowContext, call: &mut ContinueAsNew) {}
}
