//! A typed workflow as the engine sees one.

use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use durably_engine::{Context, StartedWorkflow, Workflow};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::dynamic_handlers::keep_arguments;
use super::extension::Extension;
use super::instance::TypedInstance;
use super::outcome::{end_by_error, end_by_result};
use super::patch_activation::Decider;
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
    patches: Option<Decider>,
    make_state: MakeState<W>,
}

impl<W: WorkflowImplementation> TypedWorkflow<W> {
    pub(super) fn new(make_state: MakeState<W>, patches: Option<Decider>) -> Self {
        Self {
            dynamic: false,
            patches,
            make_state,
        }
    }

    pub(super) fn dynamic(make_state: MakeState<W>, patches: Option<Decider>) -> Self {
        Self {
            dynamic: true,
            ..Self::new(make_state, patches)
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
        if self.dynamic {
            keep_arguments(context, input);
        }
        keep_patches(context, self.patches.as_ref());
        let context = WorkflowContext::new(context.clone());
        let parameters =
            W::Parameters::from_payloads(input).map_err(|error| unreadable::<W>(&error))?;
        let state = match (self.make_state)(&context, &parameters) {
            Ok(state) => Rc::new(state),
            Err(error) => return Err(init_failure::<W>(error)),
        };
        let future = W::run(state.clone(), context.clone(), parameters);
        let main = async move {
            match future.await {
                Ok(output) => end_by_result(result_payload(&output)),
                Err(error) => end_by_error(&context, error),
            }
        };
        Ok(StartedWorkflow {
            instance: Box::new(TypedInstance::<W> {
                state,
                workflow: PhantomData,
            }),
            main: Box::pin(main),
        })
    }
}

/// Tells the run who decides about its patches.
pub(super) fn keep_patches(context: &Context, patches: Option<&Decider>) {
    if let Some(patches) = patches {
        let extension = context.extension::<Extension>();
        // Once for each run: code is started once.
        let _ = extension.patches.set(patches.clone());
    }
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
