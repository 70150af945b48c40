//! A workflow whose body is a closure that takes and gives payloads as they come.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use durably_engine::{Context, StartedWorkflow, Workflow};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::instance::TypedInstance;
use super::set_up::SetUp;
use super::start::{MainFuture, end, start_intercepted};
use crate::definition::{WorkflowDefinition, WorkflowImplementation};
use crate::failure::WorkflowResult;
use crate::payload::Payload;

pub(super) struct ClosureWorkflow<F> {
    name: &'static str,
    body: Arc<F>,
    set_up: SetUp,
}

impl<F> ClosureWorkflow<F> {
    pub(super) fn new(name: &'static str, body: Arc<F>, set_up: SetUp) -> Self {
        Self { name, body, set_up }
    }
}

impl<F, R> Workflow for ClosureWorkflow<F>
where
    F: Fn(WorkflowContext, Vec<Payload>) -> R + 'static,
    R: Future<Output = WorkflowResult<Option<Payload>>> + 'static,
{
    fn start(&self, context: &Context, input: &[Payload]) -> Result<StartedWorkflow, ProtoFailure> {
        self.set_up.keep(context);
        let context = WorkflowContext::new(context.clone());
        let body = self.body.clone();
        if let Some(interceptors) = context.interceptors() {
            let begin = move |context: &WorkflowContext, input: &[Payload]| {
                let main: MainFuture = Box::pin(body(context.clone(), input.to_vec()));
                Ok((TypedInstance::<NoHandlers>::boxed(Rc::new(())), main))
            };
            return start_intercepted(context, interceptors, input, Rc::new(begin));
        }
        let future = body(context.clone(), input.to_vec());
        Ok(StartedWorkflow {
            instance: TypedInstance::<NoHandlers>::boxed(Rc::new(())),
            main: Box::pin(async move { end(&context, future.await) }),
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
