//! The interceptors of a run, one within the other.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::{WorkflowInterceptor, WorkflowOperation};
use crate::workflow::WorkflowContext;
use crate::workflow::extension::Extension;

type Make = dyn Fn(&WorkflowContext) -> Rc<dyn WorkflowInterceptor> + Send + Sync;

/// Makes the interceptor of a run.
#[derive(Clone)]
pub(in crate::workflow) struct Factory(Arc<Make>);

impl Factory {
    pub(in crate::workflow) fn new<I: WorkflowInterceptor>(
        make: impl Fn(&WorkflowContext) -> I + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |context| Rc::new(make(context))))
    }
}

impl fmt::Debug for Factory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Factory")
    }
}

/// The interceptors of a run, the outermost first. There is at least one.
#[derive(Clone)]
pub(in crate::workflow) struct Interceptors(Rc<[Rc<dyn WorkflowInterceptor>]>);

impl Interceptors {
    pub(in crate::workflow) fn make(context: &WorkflowContext, factories: &[Factory]) -> Self {
        let made = factories.iter().map(|factory| (factory.0)(context));
        Self(made.collect())
    }

    /// Gives an operation to the outermost interceptor. `last` does what is to be done when all have
    /// passed it on.
    pub(in crate::workflow) fn run<O: WorkflowOperation>(
        self,
        context: &WorkflowContext,
        operation: O,
        last: impl Fn(O) -> O::Output + 'static,
    ) -> O::Output {
        let first = WorkflowNext {
            context: context.clone(),
            interceptors: self,
            index: 0,
            last: Rc::new(last),
        };
        first.run(operation)
    }

    /// Each of them, the outermost first.
    pub(in crate::workflow) fn each(&self) -> impl Iterator<Item = &dyn WorkflowInterceptor> {
        self.0.iter().map(|interceptor| &**interceptor)
    }
}

impl WorkflowContext {
    /// The interceptors of the run, if it has any.
    pub(in crate::workflow) fn interceptors(&self) -> Option<Interceptors> {
        let extension = self.engine.known_extension::<Extension>()?;
        extension.interceptors.get().cloned()
    }
}

/// The rest of the way: the interceptors that were registered later, and in the end what the operation
/// is without any.
///
/// It may be run again, to repeat a call that failed. What is not passed on does not happen.
pub struct WorkflowNext<O: WorkflowOperation> {
    context: WorkflowContext,
    interceptors: Interceptors,
    index: usize,
    last: Rc<dyn Fn(O) -> O::Output>,
}

impl<O: WorkflowOperation> WorkflowNext<O> {
    /// Passes the operation on. It is made now: an activity is scheduled, a handler called. What is
    /// given back is its end.
    #[must_use = "what is given back is the end of the operation"]
    pub fn run(&self, operation: O) -> O::Output {
        let Some(interceptor) = self.interceptors.0.get(self.index) else {
            return (self.last)(operation);
        };
        let rest = Self {
            index: self.index + 1,
            ..self.clone()
        };
        operation.give(&**interceptor, &self.context, rest)
    }
}

impl<O: WorkflowOperation> Clone for WorkflowNext<O> {
    fn clone(&self) -> Self {
        Self {
            context: self.context.clone(),
            interceptors: self.interceptors.clone(),
            index: self.index,
            last: self.last.clone(),
        }
    }
}

impl<O: WorkflowOperation> fmt::Debug for WorkflowNext<O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.interceptors.0.len() - self.index;
        formatter
            .debug_struct("WorkflowNext")
            .field("interceptors", &left)
            .finish_non_exhaustive()
    }
}
