//! Starting the code of a run, through its interceptors.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use durably_engine::{Instance, StartedWorkflow, TaskEnd};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::extension::Extension;
use super::interceptor::{ExecuteWorkflow, Intercepted, Interceptors};
use super::outcome::{end_by_error, end_by_result};
use crate::failure::{ApplicationFailure, WorkflowResult};
use crate::payload::{Headers, Payload};

/// The main future of a run.
pub(super) type MainFuture = Pin<Box<dyn Future<Output = WorkflowResult<Option<Payload>>>>>;

/// A run's state, and its main future.
type Begun = Result<(Box<dyn Instance>, MainFuture), Box<ProtoFailure>>;

/// What makes them from the arguments.
pub(super) type Begin = dyn Fn(&WorkflowContext, &[Payload]) -> Begun;

/// The state of a run, once it is made; or why it could not be.
type StateSlot = Rc<RefCell<Option<Result<Box<dyn Instance>, Box<ProtoFailure>>>>>;

/// Starts the code as its interceptors let it be started.
#[expect(clippy::result_large_err, reason = "once per run, and seldom an error")]
pub(super) fn start_intercepted(
    context: WorkflowContext,
    interceptors: Interceptors,
    input: &[Payload],
    begin: Rc<Begin>,
) -> Result<StartedWorkflow, ProtoFailure> {
    let slot = StateSlot::default();
    let main = {
        let (context, slot) = (context.clone(), slot.clone());
        let run = ExecuteWorkflow::new(input.to_vec(), context.run_headers());
        interceptors.run(&context.clone(), run, move |run: ExecuteWorkflow| {
            pass_on(&context, run, &*begin, &slot)
        })
    };
    let instance = slot.take().ok_or_else(not_passed_on)?;
    let instance = instance.map_err(|failure| *failure)?;
    Ok(StartedWorkflow {
        instance,
        main: Box::pin(async move { end(&context, main.await) }),
    })
}

/// How the main function's result ends the run.
pub(super) fn end(context: &WorkflowContext, result: WorkflowResult<Option<Payload>>) -> TaskEnd {
    match result {
        Ok(output) => end_by_result(Ok(output)),
        Err(error) => end_by_error(context, error),
    }
}

/// What is behind the innermost interceptor.
fn pass_on(
    context: &WorkflowContext,
    run: ExecuteWorkflow,
    begin: &Begin,
    slot: &StateSlot,
) -> Intercepted<WorkflowResult<Option<Payload>>> {
    if !keep_headers(context, run.headers) {
        let message = "an interceptor has passed `execute_workflow` on twice: a run has one state";
        context.engine.fail_task(wrong_interceptor(message), None);
        return Intercepted::running(std::future::pending());
    }
    match begin(context, &run.arguments) {
        Ok((instance, main)) => {
            slot.replace(Some(Ok(instance)));
            Intercepted::running(main)
        }
        Err(failure) => {
            slot.replace(Some(Err(failure)));
            Intercepted::running(std::future::pending())
        }
    }
}

/// Keeps the run's headers as interceptors left them. Whether this is the first time.
fn keep_headers(context: &WorkflowContext, headers: Headers) -> bool {
    let extension = context.engine.extension::<Extension>();
    extension.run_headers.set(headers).is_ok()
}

fn not_passed_on() -> ProtoFailure {
    wrong_interceptor(
        "an interceptor has not passed `execute_workflow` on: call `next.run(..)` before it returns, since \
         messages need the state of the workflow; to end the run early, drop what it gives in `around`",
    )
}

fn wrong_interceptor(message: &str) -> ProtoFailure {
    ApplicationFailure::new(message)
        .with_type("InvalidInterceptor")
        .into()
}
