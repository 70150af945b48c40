//! Workers of a test environment.

use std::fmt;
use std::sync::Arc;

use durably::definition::{
    ActivityDefinition, ActivityImplementation, ActivitySet, WorkflowImplementation, WorkflowInit,
};
use durably::failure::ActivityResult;
use durably::payload::{Parameters, ToPayload};
use durably::worker::{BuildError, Worker, WorkerBuilder};
use durably::workflow::WorkflowContext;

use super::mock::{ActivityMock, MockInput, Stand};
use super::running_worker::RunningWorker;
use super::test_env::Shared;

/// A worker of a test environment in the making: [`TestEnv::worker`](super::TestEnv::worker).
///
/// It serves the mocks of the environment too. A mock takes the place of the activity or workflow of its
/// name, so that a set of activities can be registered as a whole and one of them mocked.
#[must_use = "a worker does nothing until it is started"]
pub struct TestWorkerBuilder {
    env: Arc<Shared>,
    task_queue: String,
    builder: WorkerBuilder,
    mocks: Vec<Stand>,
}

impl TestWorkerBuilder {
    pub(super) fn new(env: &Arc<Shared>, task_queue: String) -> Self {
        Self {
            env: env.clone(),
            builder: Worker::builder(&env.client, &task_queue),
            task_queue,
            mocks: Vec::new(),
        }
    }

    /// Runs a workflow.
    pub fn workflow<W>(self, workflow: W) -> Self
    where
        W: WorkflowInit,
        W::Parameters: Parameters,
        W::Output: ToPayload,
    {
        self.configure(|builder| builder.workflow(workflow))
    }

    /// Runs a workflow whose state this function makes: see [`WorkerBuilder::workflow_with`].
    pub fn workflow_with<W, F>(self, workflow: W, make: F) -> Self
    where
        W: WorkflowImplementation,
        W::Parameters: Parameters,
        W::Output: ToPayload,
        F: Fn(&WorkflowContext, &W::Parameters) -> W::State + Send + Sync + 'static,
    {
        self.configure(|builder| builder.workflow_with(workflow, make))
    }

    /// Runs an activity that is a free function.
    pub fn activity<A>(self, activity: A) -> Self
    where
        A: ActivityImplementation,
        A::Parameters: Parameters,
        A::Output: ToPayload,
    {
        self.configure(|builder| builder.activity(activity))
    }

    /// Runs all activities of a value.
    pub fn activities<S: ActivitySet>(self, set: S) -> Self {
        self.configure(|builder| builder.activities(set))
    }

    /// Runs a closure in place of an activity, on this worker only. Use
    /// [`TestEnv::mock`](super::TestEnv::mock) to expect calls and to see their arguments.
    ///
    /// The closure gets the activity's parameter, or a tuple of them.
    pub fn mock<A>(
        mut self,
        activity: A,
        body: impl FnMut(<A::Parameters as MockInput>::Input) -> ActivityResult<A::Output>
        + Send
        + 'static,
    ) -> Self
    where
        A: ActivityDefinition,
        A::Parameters: MockInput,
        A::Output: ToPayload,
    {
        let mock = ActivityMock::new(activity, &self.env.mocks).with(body);
        self.mocks.push(mock.stand());
        self
    }

    /// Changes the worker's own builder, for all that has no method here.
    ///
    /// ```no_run
    /// # async fn example(env: durably_test::TestEnv) {
    /// let worker = env.worker("orders").configure(|worker| worker.max_cached_workflows(0));
    /// # }
    /// ```
    pub fn configure(mut self, change: impl FnOnce(WorkerBuilder) -> WorkerBuilder) -> Self {
        self.builder = change(self.builder);
        self
    }

    /// Builds and runs the worker.
    ///
    /// # Errors
    /// Something of its configuration cannot work; the error names it.
    pub fn try_start(self) -> Result<RunningWorker, BuildError> {
        let mut builder = self.builder;
        for mock in self.env.mocks.stands().into_iter().chain(self.mocks) {
            builder = mock.register(builder);
        }
        let worker = builder.build()?;
        self.env.replays.add(worker.replayer());
        Ok(RunningWorker::start(worker, self.task_queue, &self.env))
    }

    /// As [`try_start`](Self::try_start).
    ///
    /// # Panics
    /// Something of the worker's configuration cannot work; the message names it.
    #[track_caller]
    pub fn start(self) -> RunningWorker {
        let task_queue = self.task_queue.clone();
        match self.try_start() {
            Ok(worker) => worker,
            Err(error) => panic!("the worker of queue `{task_queue}` cannot be built: {error}"),
        }
    }
}

impl fmt::Debug for TestWorkerBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TestWorkerBuilder")
            .field("builder", &self.builder)
            .finish_non_exhaustive()
    }
}
