//! A workflow whose body is a closure that takes and gives payloads as they come.

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use durably_engine::{Context, StartedWorkflow, Workflow};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::bridge::keep_patches;
use super::instance::TypedInstance;
use super::outcome::{end_by_error, end_by_result};
use super::patch_activation::Decider;
use crate::definition::{WorkflowDefinition, WorkflowImplementation};
use crate::failure::WorkflowResult;
use crate::payload::Payload;

pub(super) struct ClosureWorkflow<F> {
    name: &'static str,
    body: Arc<F>,
    patches: Option<Decider>,
}

impl<F> ClosureWorkflow<F> {
    pub(super) fn new(name: &'static str, body: Arc<F>, patches: Option<Decider>) -> Self {
        Self {
            name,
            body,
            patches,
        }
    }
}

impl<F, R> Workflow for ClosureWorkflow<F>
where
    F: Fn(WorkflowContext, Vec<Payload>) -> R,
    R: Future<Output = WorkflowResult<Option<Payload>>> + 'static,
{
    fn start(&self, context: &Context, input: &[Payload]) -> Result<StartedWorkflow, ProtoFailure> {
        keep_patches(context, self.patches.as_ref());
        let context = WorkflowContext::new(context.clone());
        let future = (self.body)(context.clone(), input.to_vec());
        let main = async move {
            match future.await {
                Ok(output) => end_by_result(Ok(output)),
                Err(error) => end_by_error(&context, error),
            }
        };
        Ok(StartedWorkflow {
            instance: Box::new(TypedInstance::<NoHandlers> {
                state: Rc::new(()),
                workflow: PhantomData,
            }),
            main: Box::pin(main),
        })
    }
}

impl<F> fmt::Debug for ClosureWorkflow<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClosureWorkflow")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The message handlers of a closure: none but those it registers while it runs.
struct NoHandlers;

impl WorkflowDefinition for NoHandlers {
    type Owner = Self;
    type Parameters = ();
    type Output = ();
    const NAME: &'static str = "";
}

impl WorkflowImplementation for NoHandlers {
    type State = ();

    async fn run(_: Rc<()>, _: WorkflowContext, (): ()) -> WorkflowResult<()> {
        Ok(())
    }
}
