//! The workflow types that a worker or a replayer knows.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use durably_engine::Workflow;

use super::WorkflowContext;
use super::bridge::{MakeState, TypedWorkflow};
use super::closure::ClosureWorkflow;
use super::interceptor::{Factory, WorkflowInterceptor};
use super::patch_activation::{Decider, PatchActivation};
use super::set_up::SetUp;
use crate::definition::{WorkflowImplementation, WorkflowInit};
use crate::failure::WorkflowResult;
use crate::payload::{Parameters, Payload, ToPayload};

/// Makes a workflow for the thread that will run it.
type MakeWorkflow = Arc<dyn Fn(SetUp) -> Rc<dyn Workflow> + Send + Sync>;

/// A workflow that can be run.
#[derive(Clone)]
struct Registered {
    make: MakeWorkflow,
    /// None for a closure.
    place: Option<&'static Location<'static>>,
}

/// Workflow types by name.
#[derive(Default, Clone)]
pub struct WorkflowRegistry {
    workflows: BTreeMap<&'static str, Registered>,
    /// What runs under every other name.
    dynamic: Option<Registered>,
    /// What every run gets.
    set_up: SetUp,
}

/// Two workflows were registered under one name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "workflow type \"{name}\" is registered twice; give one of them another name: #[workflow(name = \"..\")]"
)]
pub struct DuplicateWorkflow {
    /// The name.
    pub name: &'static str,
}

impl WorkflowRegistry {
    /// Adds a workflow: `registry.add(OrderSaga::run)`.
    ///
    /// # Errors
    /// Another workflow has the same name.
    pub fn add<W>(&mut self, _workflow: W) -> Result<(), DuplicateWorkflow>
    where
        W: WorkflowInit,
        W::Parameters: Parameters,
        W::Output: ToPayload,
    {
        self.insert::<W>(Arc::new(W::init))
    }

    /// Adds a workflow whose state this function makes: see
    /// [`WorkerBuilder::workflow_with`](crate::worker::WorkerBuilder::workflow_with).
    ///
    /// # Errors
    /// Another workflow has the same name.
    pub fn add_with<W, F>(&mut self, _workflow: W, make: F) -> Result<(), DuplicateWorkflow>
    where
        W: WorkflowImplementation,
        W::Parameters: Parameters,
        W::Output: ToPayload,
        F: Fn(&WorkflowContext, &W::Parameters) -> W::State + Send + Sync + 'static,
    {
        self.insert::<W>(infallible::<W, F>(make))
    }

    fn insert<W>(&mut self, state: MakeState<W>) -> Result<(), DuplicateWorkflow>
    where
        W: WorkflowImplementation,
        W::Parameters: Parameters,
        W::Output: ToPayload,
    {
        let make: MakeWorkflow =
            Arc::new(move |set_up| Rc::new(TypedWorkflow::<W>::new(state.clone(), set_up)));
        let place = W::PLACE;
        let registered = Registered { make, place };
        if self.workflows.insert(W::NAME, registered).is_some() {
            return Err(DuplicateWorkflow { name: W::NAME });
        }
        Ok(())
    }

    /// Adds a workflow that runs under every name that no other has. The second to be added
    /// replaces the first.
    pub fn add_dynamic<W>(&mut self, _workflow: W)
    where
        W: WorkflowInit<Parameters = ()>,
        W::Output: ToPayload,
    {
        self.set_dynamic::<W>(Arc::new(W::init));
    }

    /// As [`add_dynamic`](Self::add_dynamic), of a workflow whose state this function makes.
    pub fn add_dynamic_with<W, F>(&mut self, _workflow: W, make: F)
    where
        W: WorkflowImplementation<Parameters = ()>,
        W::Output: ToPayload,
        F: Fn(&WorkflowContext) -> W::State + Send + Sync + 'static,
    {
        self.set_dynamic::<W>(infallible::<W, _>(move |context, ()| make(context)));
    }

    fn set_dynamic<W>(&mut self, state: MakeState<W>)
    where
        W: WorkflowImplementation<Parameters = ()>,
        W::Output: ToPayload,
    {
        let make: MakeWorkflow =
            Arc::new(move |set_up| Rc::new(TypedWorkflow::<W>::dynamic(state.clone(), set_up)));
        let place = W::PLACE;
        self.dynamic = Some(Registered { make, place });
    }

    /// Runs a closure as the workflow type `name`, in place of the workflow that has the name, if there
    /// is one: see [`WorkerBuilder::replace_workflow`](crate::worker::WorkerBuilder::replace_workflow).
    pub fn replace<F, R>(&mut self, name: &'static str, body: F)
    where
        F: Fn(WorkflowContext, Vec<Payload>) -> R + Send + Sync + 'static,
        R: Future<Output = WorkflowResult<Option<Payload>>> + 'static,
    {
        let body = Arc::new(body);
        let make: MakeWorkflow =
            Arc::new(move |set_up| Rc::new(ClosureWorkflow::new(name, body.clone(), set_up)));
        let place = None;
        self.workflows.insert(name, Registered { make, place });
    }

    /// Lets this function decide which runs take the new side of a patch: see
    /// [`WorkerBuilder::patch_activation`](crate::worker::WorkerBuilder::patch_activation).
    pub fn set_patch_activation(
        &mut self,
        decide: impl Fn(&PatchActivation<'_>) -> bool + Send + Sync + 'static,
    ) {
        self.set_up.patches = Some(Decider::new(decide));
    }

    /// Lets this function make an interceptor for each run, within those added before: see
    /// [`WorkerBuilder::workflow_interceptor`](crate::worker::WorkerBuilder::workflow_interceptor).
    pub fn intercept<I: WorkflowInterceptor>(
        &mut self,
        make: impl Fn(&WorkflowContext) -> I + Send + Sync + 'static,
    ) {
        self.set_up.interceptors.push(Factory::new(make));
    }

    /// The known types, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.workflows.keys().copied()
    }

    /// Whether nothing is registered.
    pub fn is_empty(&self) -> bool {
        self.workflows.is_empty() && self.dynamic.is_none()
    }

    pub(crate) fn make(&self, name: &str) -> Option<Rc<dyn Workflow>> {
        let registered = self.registered(name)?;
        Some((registered.make)(self.set_up.clone()))
    }

    /// Where the function of the workflow stands that runs under a name; none if that is not known.
    pub(crate) fn place(&self, name: &str) -> Option<&'static Location<'static>> {
        self.registered(name)?.place
    }

    fn registered(&self, name: &str) -> Option<&Registered> {
        self.workflows.get(name).or(self.dynamic.as_ref())
    }
}

/// What cannot refuse to make the state. It may panic, as `#[init]` may: that fails the task.
fn infallible<W, F>(make: F) -> MakeState<W>
where
    W: WorkflowImplementation,
    F: Fn(&WorkflowContext, &W::Parameters) -> W::State + Send + Sync + 'static,
{
    Arc::new(move |context, parameters| Ok(make(context, parameters)))
}

impl fmt::Debug for WorkflowRegistry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_set()
            .entries(self.workflows.keys())
            .finish()
    }
}
