//! A typed workflow as the engine sees one.

use std::rc::Rc;
use std::sync::Arc;

use durably_engine::{Context, StartedWorkflow, Workflow};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::dynamic_handlers::keep_arguments;
use super::instance::TypedInstance;
use super::outcome::{end_by_error, end_by_result};
use super::set_up::SetUp;
use super::start::{MainFuture, start_intercepted};
use crate::definition::{WorkflowDefinition, WorkflowImplementation};
use crate::failure::{ApplicationFailure, WorkflowError, WorkflowResult};
use crate::payload::{Parameters, Payload, PayloadError, ToPayload, result_payload};

/// Makes the state of a run.
pub(super) type MakeState<W> = Arc<
    dyn Fn(
            &WorkflowContext,
            &<W as WorkflowDefinition>::Parameters,
        ) -> WorkflowResult<<W as WorkflowImplementation>::State>
        + Send
        + Sync,
>;

pub(super) struct TypedWorkflow<W: WorkflowImplementation> {
    /// It runs under every name, and reads its arguments itself.
    dynamic: bool,
    set_up: SetUp,
    make_state: MakeState<W>,
}

impl<W: WorkflowImplementation> TypedWorkflow<W> {
    pub(super) fn new(make_state: MakeState<W>, set_up: SetUp) -> Self {
        Self {
            dynamic: false,
            set_up,
            make_state,
        }
    }

    pub(super) fn dynamic(make_state: MakeState<W>, set_up: SetUp) -> Self {
        Self {
            dynamic: true,
            ..Self::new(make_state, set_up)
        }
    }
}

impl<W> Workflow for TypedWorkflow<W>
where
    W: WorkflowImplementation,
    W::Parameters: Parameters,
    W::Output: ToPayload,
{
    fn start(&self, context: &Context, input: &[Payload]) -> Result<StartedWorkflow, ProtoFailure> {
        self.set_up.keep(context);
        let context = WorkflowContext::new(context.clone());
        let (dynamic, make_state) = (self.dynamic, self.make_state.clone());
        if let Some(interceptors) = context.interceptors() {
            let begin = move |context: &WorkflowContext, input: &[Payload]| {
                let begun = begin::<W>(context, input, dynamic, &make_state)?;
                let main: MainFuture = Box::pin(async move {
                    result_payload(&begun.main.await?).map_err(WorkflowError::Payload)
                });
                Ok((TypedInstance::<W>::boxed(begun.state), main))
            };
            return start_intercepted(context, interceptors, input, Rc::new(begin));
        }
        let begun =
            begin::<W>(&context, input, dynamic, &make_state).map_err(|failure| *failure)?;
        let main = async move {
            match begun.main.await {
                Ok(output) => end_by_result(result_payload(&output)),
                Err(error) => end_by_error(&context, error),
            }
        };
        Ok(StartedWorkflow {
            instance: TypedInstance::<W>::boxed(begun.state),
            main: Box::pin(main),
        })
    }
}

/// A run's code before its first poll.
struct Begun<S, F> {
    state: Rc<S>,
    main: F,
}

/// Makes the state and the main future.
#[expect(clippy::type_complexity, reason = "a signature reads best whole")]
fn begin<W>(
    context: &WorkflowContext,
    input: &[Payload],
    dynamic: bool,
    make_state: &MakeState<W>,
) -> Result<
    Begun<W::State, impl Future<Output = WorkflowResult<W::Output>> + use<W>>,
    Box<ProtoFailure>,
>
where
    W: WorkflowImplementation,
    W::Parameters: Parameters,
{
    if dynamic {
        keep_arguments(&context.engine, input);
    }
    let parameters =
        W::Parameters::from_payloads(input).map_err(|error| Box::new(unreadable::<W>(&error)))?;
    let state = match make_state(context, &parameters) {
        Ok(state) => Rc::new(state),
        Err(error) => return Err(Box::new(init_failure::<W>(error))),
    };
    let main = W::run(state.clone(), context.clone(), parameters);
    Ok(Begun { state, main })
}

fn unreadable<W: WorkflowImplementation>(error: &PayloadError) -> ProtoFailure {
    let message = format!(
        "the input of workflow \"{}\" cannot be read: {error}",
        W::NAME
    );
    ApplicationFailure::new(message)
        .with_type("PayloadError")
        .into()
}

/// A state that cannot be made fails the task: there is nothing yet that could fail the run.
fn init_failure<W: WorkflowImplementation>(error: WorkflowError) -> ProtoFailure {
    match error {
        WorkflowError::Failed(failure) | WorkflowError::TaskFailed(failure) => failure.into(),
        error => {
            let message = format!(
                "the state of workflow \"{}\" cannot be made: {error}",
                W::NAME
            );
            ApplicationFailure::new(message)
                .with_type("InitError")
                .into()
        }
    }
}
