//! How a worker works: bounds, figures, timeouts.

use std::time::Duration;

use super::WorkerDeployment;

/// A worker's options. The defaults suit most; see the methods of [`WorkerBuilder`](super::WorkerBuilder).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WorkerOptions {
    /// How many runs stay in memory between their tasks. None: every task replays its history.
    /// Default: 1,000.
    pub max_cached_workflows: usize,
    /// How many threads run workflow code. Each has a connection of its own. Default: 1, which
    /// serves thousands of tasks a second; more use more cores.
    pub workflow_threads: usize,
    /// How many workflow tasks may be in progress at a time. Default: 100.
    pub max_concurrent_workflow_tasks: usize,
    /// How many activities may run at a time. Default: 100.
    pub max_concurrent_activities: usize,
    /// How many local activities may run at a time. Default: 100.
    pub max_concurrent_local_activities: usize,
    /// How many sessions of workflows may be open at a time. None: the worker takes part in no
    /// sessions. Default: 0.
    pub max_concurrent_sessions: usize,
    /// How many polls for workflow tasks each workflow thread keeps open. Default: 5.
    pub workflow_task_pollers: usize,
    /// How many polls for activity tasks are kept open. Default: 5.
    pub activity_task_pollers: usize,
    /// How many activities this worker starts in a second at the most. Default: no limit.
    pub max_worker_activities_per_second: Option<f64>,
    /// How many activities the server hands out from the task queue in a second, over all workers.
    /// The last worker to say so wins. Turns eager activities off. Default: no limit.
    pub max_task_queue_activities_per_second: Option<f64>,
    /// Whether the worker's activities are run only as local activities of its workflows: it takes
    /// no activity tasks of the queue, which other workers then have. Default: no.
    pub local_activities_only: bool,
    /// Whether the server may hand activities to this worker with the answer to a workflow task.
    /// Default: yes.
    pub eager_activities: bool,
    /// How long the server waits for this worker to pick up a task of a run that it has in memory,
    /// before any worker may. Default: 10 s.
    pub sticky_schedule_to_start_timeout: Duration,
    /// How long activities may go on after the shutdown began, before they are canceled; local
    /// activities are then dropped, and run again by another worker. None: as long as they take.
    /// Default: none.
    pub graceful_shutdown_timeout: Option<Duration>,
    /// How long workflow code may compute without waiting before it counts as blocked. Default: 2 s.
    pub deadlock_timeout: Duration,
    /// The most time between two heartbeats of an activity that reach the server. Default: 60 s.
    pub max_heartbeat_throttle_interval: Duration,
    /// The time between two heartbeats of an activity without heartbeat timeout. Default: 30 s.
    pub default_heartbeat_throttle_interval: Duration,
    /// Whether a panic of workflow code fails the workflow instead of its task. Default: no.
    pub panics_fail_workflows: bool,
    /// Whether code that does not follow its history fails the workflow instead of its task.
    /// Default: no.
    pub nondeterminism_fails_workflows: bool,
    /// The version of a deployment that this worker is. Default: none.
    pub deployment: Option<WorkerDeployment>,
    /// The name by which histories and the web UI know this worker. Default: the client's.
    pub identity: Option<String>,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            max_cached_workflows: 1000,
            workflow_threads: 1,
            max_concurrent_workflow_tasks: 100,
            max_concurrent_activities: 100,
            max_concurrent_local_activities: 100,
            max_concurrent_sessions: 0,
            workflow_task_pollers: 5,
            activity_task_pollers: 5,
            max_worker_activities_per_second: None,
            max_task_queue_activities_per_second: None,
            local_activities_only: false,
            eager_activities: true,
            sticky_schedule_to_start_timeout: Duration::from_secs(10),
            graceful_shutdown_timeout: None,
            deadlock_timeout: Duration::from_secs(2),
            max_heartbeat_throttle_interval: Duration::from_secs(60),
            default_heartbeat_throttle_interval: Duration::from_secs(30),
            panics_fail_workflows: false,
            nondeterminism_fails_workflows: false,
            deployment: None,
            identity: None,
        }
    }
}
