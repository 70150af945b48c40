//! Putting a worker together.

use std::sync::Arc;
use std::time::Duration;

use super::{BuildError, Worker, WorkerDeployment, WorkerOptions};
use crate::activity::{ActivityContext, ActivityRegistry};
use crate::client::Client;
use crate::definition::{
    ActivityImplementation, ActivitySet, WorkflowImplementation, WorkflowInit,
};
use crate::failure::{ActivityResult, WorkflowResult};
use crate::interceptor::{ActivityInterceptor, WorkflowInterceptor};
use crate::payload::{Parameters, Payload, ToPayload};
use crate::workflow::{DuplicateWorkflow, PatchActivation, WorkflowContext, WorkflowRegistry};

/// Names that begin so belong to Temporal (protocol 5.4).
const RESERVED_PREFIX: &str = "__temporal_";

/// A worker in the making: what it runs, and how.
///
/// Mistakes are kept and reported by [`build`](Self::build).
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct WorkerBuilder {
    client: Client,
    task_queue: String,
    workflows: WorkflowRegistry,
    activities: ActivityRegistry,
    options: WorkerOptions,
    mistake: Option<BuildError>,
}

impl WorkerBuilder {
    pub(super) fn new(client: &Client, task_queue: String) -> Self {
        Self {
            client: client.clone(),
            task_queue,
            workflows: WorkflowRegistry::default(),
            activities: ActivityRegistry::default(),
            options: WorkerOptions::default(),
            mistake: None,
        }
    }

    /// Runs a workflow: `.workflow(greet)`, `.workflow(OrderSaga::run)`.
    pub fn workflow<W>(mut self, workflow: W) -> Self
    where
        W: WorkflowInit,
        W::Parameters: Parameters,
        W::Output: ToPayload,
    {
        let added = self.workflows.add(workflow);
        self.added::<W>(added)
    }

    /// Runs a workflow whose state this function makes, from what it holds and from the parameters of
    /// `#[run]`. It takes the place of `#[init]` and of `Default`, which the type then needs not have.
    /// So a workflow gets at what only the program that runs it knows: configuration, tables, pure
    /// functions.
    ///
    /// ```no_run
    /// # use std::collections::HashMap;
    /// # use std::sync::Arc;
    /// # use durably::prelude::*;
    /// struct Quote {
    ///     prices: Arc<HashMap<String, u64>>,
    ///     article: String,
    /// }
    ///
    /// #[workflow]
    /// impl Quote {
    ///     #[run]
    ///     async fn run(&self, ctx: &WorkflowContext, article: String) -> WorkflowResult<u64> {
    ///         // The price is in the history before anything depends on it: workers may differ in theirs.
    ///         let price = self.prices.get(&self.article).copied().unwrap_or_default();
    ///         Ok(ctx.side_effect(|| price))
    ///     }
    /// }
    ///
    /// # fn example(client: &Client, prices: Arc<HashMap<String, u64>>) {
    /// let worker = Worker::builder(client, "orders").workflow_with(
    ///     Quote::run,
    ///     move |_ctx, (article,)| Quote { prices: prices.clone(), article: article.clone() },
    /// );
    /// # }
    /// ```
    ///
    /// # Determinism
    /// It is called once for each run that comes into memory, again on each replay, on workflow threads,
    /// before any message is handled. All workers and replayers of the workflow must make the same of
    /// the same parameters, as far as the workflow's commands depend on it: a value that changes from
    /// release to release goes through a [side effect](WorkflowContext::side_effect), and what talks to
    /// the world belongs into activities. A panic fails the workflow task, like one of the workflow's
    /// code.
    pub fn workflow_with<W, F>(mut self, workflow: W, make: F) -> Self
    where
        W: WorkflowImplementation,
        W::Parameters: Parameters,
        W::Output: ToPayload,
        F: Fn(&WorkflowContext, &W::Parameters) -> W::State + Send + Sync + 'static,
    {
        let added = self.workflows.add_with(workflow, make);
        self.added::<W>(added)
    }

    fn added<W: WorkflowImplementation>(mut self, added: Result<(), DuplicateWorkflow>) -> Self {
        if W::NAME.starts_with(RESERVED_PREFIX) {
            let name = W::NAME.to_owned();
            self.mistake
                .get_or_insert(BuildError::ReservedName { name });
        }
        if let Err(error) = added {
            self.mistake.get_or_insert(error.into());
        }
        self
    }

    /// Runs a workflow under every name that no other has: `.dynamic_workflow(anything)`. It takes
    /// no parameters; its code reads [arguments](crate::workflow::WorkflowContext::arguments) and
    /// name from its context.
    pub fn dynamic_workflow<W>(mut self, workflow: W) -> Self
    where
        W: WorkflowInit<Parameters = ()>,
        W::Output: ToPayload,
    {
        self.workflows.add_dynamic(workflow);
        self
    }

    /// As [`dynamic_workflow`](Self::dynamic_workflow), of a workflow whose state this function makes:
    /// see [`workflow_with`](Self::workflow_with).
    pub fn dynamic_workflow_with<W, F>(mut self, workflow: W, make: F) -> Self
    where
        W: WorkflowImplementation<Parameters = ()>,
        W::Output: ToPayload,
        F: Fn(&WorkflowContext) -> W::State + Send + Sync + 'static,
    {
        self.workflows.add_dynamic_with(workflow, make);
        self
    }

    /// Runs an activity that is a free function: `.activity(charge)`.
    pub fn activity<A>(mut self, _activity: A) -> Self
    where
        A: ActivityImplementation,
        A::Parameters: Parameters,
        A::Output: ToPayload,
    {
        self.activities.function::<A>();
        self
    }

    /// Runs all activities of a value, which their attempts share: `.activities(Inventory { db })`.
    pub fn activities<S: ActivitySet>(self, set: S) -> Self {
        self.shared_activities(Arc::new(set))
    }

    /// Like [`activities`](Self::activities), for a value that others share too.
    pub fn shared_activities<S: ActivitySet>(mut self, set: Arc<S>) -> Self {
        set.register(&mut self.activities);
        self
    }

    /// Runs a closure as the activity type `name`, in place of the activity registered so far that has
    /// the name, if there is one. It takes and gives payloads as they come. For tests, in which
    /// something else stands in for an activity.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # fn example(client: &Client) {
    /// let worker = Worker::builder(client, "orders")
    ///     .replace_activity("charge", |_: ActivityContext, input| async move {
    ///         Ok(input.into_iter().next())
    ///     });
    /// # }
    /// ```
    pub fn replace_activity<F, R>(mut self, name: impl Into<String>, activity: F) -> Self
    where
        F: Fn(ActivityContext, Vec<Payload>) -> R + Send + Sync + 'static,
        R: Future<Output = ActivityResult<Option<Payload>>> + Send + 'static,
    {
        self.activities.replace(name, activity);
        self
    }

    /// Runs an interceptor around the attempts of this worker's activities, those that are registered
    /// later too. May be called several times: the first interceptor is the outermost. See
    /// [`ActivityInterceptor`].
    pub fn activity_interceptor(mut self, interceptor: impl ActivityInterceptor) -> Self {
        self.activities.intercept(interceptor);
        self
    }

    /// Runs a closure as the workflow type `name`, in place of the workflow registered so far that has
    /// the name, if there is one. It takes and gives payloads as they come, and is called again on
    /// replay like all workflow code. For tests, in which something else stands in for a child.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # fn example(client: &Client) {
    /// let worker = Worker::builder(client, "orders")
    ///     .replace_workflow("invoice", |_: WorkflowContext, input| async move {
    ///         Ok(input.into_iter().next())
    ///     });
    /// # }
    /// ```
    pub fn replace_workflow<F, R>(mut self, name: &'static str, body: F) -> Self
    where
        F: Fn(WorkflowContext, Vec<Payload>) -> R + Send + Sync + 'static,
        R: Future<Output = WorkflowResult<Option<Payload>>> + 'static,
    {
        self.workflows.replace(name, body);
        self
    }

    /// How many runs stay in memory between their tasks; 0 replays a run for each task.
    pub fn max_cached_workflows(mut self, runs: usize) -> Self {
        self.options.max_cached_workflows = runs;
        self
    }

    /// How many threads run workflow code.
    pub fn workflow_threads(mut self, threads: usize) -> Self {
        self.options.workflow_threads = threads;
        self
    }

    /// How many workflow tasks may be in progress at a time.
    pub fn max_concurrent_workflow_tasks(mut self, tasks: usize) -> Self {
        self.options.max_concurrent_workflow_tasks = tasks;
        self
    }

    /// How many activities may run at a time.
    pub fn max_concurrent_activities(mut self, activities: usize) -> Self {
        self.options.max_concurrent_activities = activities;
        self
    }

    /// How many local activities may run at a time.
    pub fn max_concurrent_local_activities(mut self, activities: usize) -> Self {
        self.options.max_concurrent_local_activities = activities;
        self
    }

    /// How many [sessions](WorkflowContext::session) of workflows may be open at a time: as many as
    /// there is room for what their activities keep on this machine. Without it the worker takes part
    /// in none.
    ///
    /// The activities of sessions come on a queue of the worker's own. As many as
    /// `max_concurrent_activities` may run beside those of the task queue. The worker's shutdown fails
    /// the sessions that are open.
    pub fn max_concurrent_sessions(mut self, sessions: usize) -> Self {
        self.options.max_concurrent_sessions = sessions;
        self
    }

    /// Whether the worker's activities are run only as local activities of its workflows, and the
    /// queue's activity tasks are left to other workers.
    pub fn local_activities_only(mut self, only: bool) -> Self {
        self.options.local_activities_only = only;
        self
    }

    /// How many activities this worker starts in a second at the most.
    pub fn max_worker_activities_per_second(mut self, activities: f64) -> Self {
        self.options.max_worker_activities_per_second = Some(activities);
        self
    }

    /// How many activities the server hands out from the task queue in a second, over all workers.
    pub fn max_task_queue_activities_per_second(mut self, activities: f64) -> Self {
        self.options.max_task_queue_activities_per_second = Some(activities);
        self
    }

    /// How long activities may go on after the shutdown began, before they are canceled.
    pub fn graceful_shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.options.graceful_shutdown_timeout = Some(timeout);
        self
    }

    /// How long workflow code may compute without waiting before it counts as blocked.
    pub fn deadlock_timeout(mut self, timeout: Duration) -> Self {
        self.options.deadlock_timeout = timeout;
        self
    }

    /// Whether a panic of workflow code fails the workflow. Otherwise it fails the workflow task,
    /// which is retried until the code is mended.
    pub fn panics_fail_workflows(mut self, fail: bool) -> Self {
        self.options.panics_fail_workflows = fail;
        self
    }

    /// Whether code that does not follow its history fails the workflow. Otherwise it fails the
    /// workflow task, which is retried until the code is mended.
    pub fn nondeterminism_fails_workflows(mut self, fail: bool) -> Self {
        self.options.nondeterminism_fails_workflows = fail;
        self
    }

    /// Lets this function decide which runs take the new side of a patch, where nothing has decided
    /// so far: `true` activates it. Without the function, all do. By it a change of the code is
    /// rolled out bit by bit, or waits until all workers have the new code.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # fn example(client: &Client) {
    /// let worker = Worker::builder(client, "orders").patch_activation(|patch| {
    ///     // One order of ten, by its id.
    ///     patch.id() != "authorize-first" || patch.info().workflow_id().ends_with('7')
    /// });
    /// # }
    /// ```
    ///
    /// A run asks once for each patch and keeps the answer, on every worker. One that is held back is
    /// as one that passed there with the old code: nothing is recorded of it. The function runs on a
    /// workflow thread; it must neither block nor panic.
    pub fn patch_activation(
        mut self,
        decide: impl Fn(&PatchActivation<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.workflows.set_patch_activation(decide);
        self
    }

    /// Puts an interceptor around every run of this worker's workflows, within those added before. The
    /// function makes one for each run whose code starts: see [`WorkflowInterceptor`].
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use durably::failure::Failure;
    /// # use durably::interceptor::{Intercepted, StartTimer, WorkflowInterceptor, WorkflowNext};
    /// # use durably::prelude::*;
    /// /// No timer shorter than a second.
    /// struct Patient;
    ///
    /// impl WorkflowInterceptor for Patient {
    ///     fn start_timer(
    ///         &self,
    ///         ctx: &WorkflowContext,
    ///         mut call: StartTimer,
    ///         next: WorkflowNext<StartTimer>,
    ///     ) -> Intercepted<Result<(), Failure>> {
    ///         call.duration = call.duration.max(Duration::from_secs(1));
    ///         next.run(call)
    ///     }
    /// }
    ///
    /// # fn example(client: &Client) {
    /// let worker = Worker::builder(client, "orders").workflow_interceptor(|_ctx| Patient);
    /// # }
    /// ```
    ///
    /// Replayers of the workflows need it too:
    /// [`Replayer::workflow_interceptor`](crate::replay::Replayer::workflow_interceptor).
    pub fn workflow_interceptor<I: WorkflowInterceptor>(
        mut self,
        make: impl Fn(&WorkflowContext) -> I + Send + Sync + 'static,
    ) -> Self {
        self.workflows.intercept(make);
        self
    }

    /// The version of a deployment that this worker is: see [`WorkerDeployment`].
    pub fn deployment(mut self, deployment: WorkerDeployment) -> Self {
        self.options.deployment = Some(deployment);
        self
    }

    /// The name by which histories and the web UI know this worker.
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        self.options.identity = Some(identity.into());
        self
    }

    /// All options at once: a closure changes what it wants to.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # fn example(client: &Client) {
    /// let worker = Worker::builder(client, "orders").options(|options| {
    ///     options.activity_task_pollers = 20;
    ///     options.eager_activities = false;
    /// });
    /// # }
    /// ```
    pub fn options(mut self, change: impl FnOnce(&mut WorkerOptions)) -> Self {
        change(&mut self.options);
        self
    }

    /// The worker; it does nothing until it runs.
    ///
    /// # Errors
    /// Something of the configuration cannot work; the error names it.
    pub fn build(mut self) -> Result<Worker, BuildError> {
        if let Some(mistake) = self.mistake.take() {
            return Err(mistake);
        }
        self.activities.check()?;
        check_task_queue(&self.task_queue)?;
        if self.workflows.is_empty() && self.activities.is_empty() {
            let task_queue = self.task_queue;
            return Err(BuildError::NothingRegistered { task_queue });
        }
        check_options(&self.options)?;
        if let Some(deployment) = &self.options.deployment {
            deployment.check(self.workflows.names())?;
        }
        let sessions = self.options.max_concurrent_sessions;
        if sessions > 0 && (self.activities.is_empty() || self.options.local_activities_only) {
            return Err(refuse("max_concurrent_sessions", sessions, NO_ACTIVITIES));
        }
        if self.options.local_activities_only && self.workflows.is_empty() {
            return Err(refuse("local_activities_only", true, NO_WORK));
        }
        Ok(Worker::new(
            self.client,
            self.task_queue,
            self.workflows,
            self.activities,
            self.options,
        ))
    }
}

const NO_ACTIVITIES: &str = "sessions are for activities of the queue, and the worker takes none";
const NO_WORK: &str = "the worker could take no task at all";

fn check_task_queue(name: &str) -> Result<(), BuildError> {
    let reason = if name.is_empty() {
        "a worker needs a task queue to poll; the name is empty"
    } else if name.starts_with(RESERVED_PREFIX) || name.starts_with("/_sys/") {
        "names of this form belong to Temporal"
    } else {
        return Ok(());
    };
    let name = name.to_owned();
    Err(BuildError::TaskQueue { name, reason })
}

fn check_options(options: &WorkerOptions) -> Result<(), BuildError> {
    let counts = [
        ("workflow_threads", options.workflow_threads),
        (
            "max_concurrent_workflow_tasks",
            options.max_concurrent_workflow_tasks,
        ),
        (
            "max_concurrent_activities",
            options.max_concurrent_activities,
        ),
        (
            "max_concurrent_local_activities",
            options.max_concurrent_local_activities,
        ),
        ("workflow_task_pollers", options.workflow_task_pollers),
        ("activity_task_pollers", options.activity_task_pollers),
    ];
    for (option, value) in counts {
        if value == 0 {
            return Err(refuse(option, value, NO_WORK));
        }
    }
    if options.max_cached_workflows > 0 && options.max_concurrent_workflow_tasks < 2 {
        let reason = "with cached workflows two queues are polled, which takes two slots; or set `max_cached_workflows` to 0";
        return Err(refuse(
            "max_concurrent_workflow_tasks",
            options.max_concurrent_workflow_tasks,
            reason,
        ));
    }
    let rates = [
        (
            "max_worker_activities_per_second",
            options.max_worker_activities_per_second,
        ),
        (
            "max_task_queue_activities_per_second",
            options.max_task_queue_activities_per_second,
        ),
    ];
    for (option, rate) in rates {
        if let Some(rate) = rate
            && !(rate.is_finite() && rate > 0.0)
        {
            return Err(refuse(
                option,
                rate,
                "a rate is a positive number; leave it out for no limit",
            ));
        }
    }
    Ok(())
}

fn refuse(option: &'static str, value: impl ToString, reason: &'static str) -> BuildError {
    BuildError::Option {
        option,
        value: value.to_string(),
        reason,
    }
}
