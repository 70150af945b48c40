//! A workflow task that waits for local activities: gives the run their ends, and asks the server
//! for more time before the task's own is over (protocol 2.10, 4.3).

use std::collections::BTreeMap;
use std::time::Duration;

use durably_engine::{
    Completion, LocalActivityEnd, LocalActivityRequest, Run, WorkflowTaskFailure,
};
use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Shard;
use super::task::TaskHeader;
use crate::failure::ApplicationFailure;
use crate::worker::activity::{LocalCaller, RunningLocalActivity};

/// The server's default, for histories that do not tell the timeout.
const DEFAULT_TASK_TIMEOUT: Duration = Duration::from_secs(10);

/// A run in memory, and what runs for it outside of it.
pub(super) struct CachedRun {
    pub(super) run: Run,
    local_activities: Option<Box<LocalActivities>>,
}

impl CachedRun {
    pub(super) fn new(run: Run) -> Self {
        Self {
            run,
            local_activities: None,
        }
    }
}

/// The local activities that run for a run. Each tells its end once, so what waits here is bounded
/// by their number.
struct LocalActivities {
    running: BTreeMap<u32, RunningLocalActivity>,
    sender: mpsc::UnboundedSender<LocalActivityEnd>,
    ends: mpsc::UnboundedReceiver<LocalActivityEnd>,
}

impl LocalActivities {
    fn new() -> Self {
        let (sender, ends) = mpsc::unbounded_channel();
        Self {
            running: BTreeMap::new(),
            sender,
            ends,
        }
    }

    /// Waits until at least one has ended; gives all that have.
    async fn ended(&mut self) -> Vec<LocalActivityEnd> {
        // The sender is kept here, so the channel does not close.
        let Some(first) = self.ends.recv().await else {
            return Vec::new();
        };
        let mut ended = vec![first];
        while let Ok(further) = self.ends.try_recv() {
            ended.push(further);
        }
        for end in &ended {
            self.running.remove(&end.seq);
        }
        // In the order in which they began: when each ended by a hair is nobody's wish.
        ended.sort_by_key(|end| end.seq);
        ended
    }
}

impl Shard {
    /// Goes on with a task until its answer can be sent.
    pub(super) async fn finish_local_activities(
        &self,
        cached: &mut CachedRun,
        header: &TaskHeader,
        received: Instant,
        mut completion: Completion,
    ) -> Completion {
        let timeout = cached
            .run
            .context()
            .and_then(|context| context.info().task_timeout());
        // Four fifths, so that the answer is in time.
        let heartbeat = received + timeout.unwrap_or(DEFAULT_TASK_TIMEOUT) * 4 / 5;
        loop {
            if let Some(failure) = self.begin_local_activities(cached, header) {
                return Completion::Failed(failure);
            }
            if !matches!(completion, Completion::Waiting) {
                return completion;
            }
            let local = cached.local_activities();
            let ended = tokio::select! {
                biased;
                ended = local.ended() => ended,
                // The task that follows goes to another worker then, which runs them again.
                () = async {
                    tokio::select! {
                        () = sleep_until(heartbeat) => {}
                        () = self.grace_over.cancelled() => {}
                    }
                } => {
                    return self.stepping(header, || cached.run.heartbeat());
                }
            };
            completion = self.stepping(header, || cached.run.local_activities_ended(ended));
        }
    }

    /// Does what the run asks for; gives a failure for the task when it cannot be done.
    fn begin_local_activities(
        &self,
        cached: &mut CachedRun,
        header: &TaskHeader,
    ) -> Option<WorkflowTaskFailure> {
        for request in cached.run.take_local_activity_requests() {
            match request {
                LocalActivityRequest::Execute(task) => {
                    let name = &task.options.activity_type;
                    let activities = self.activities.as_ref();
                    let Some(activities) = activities.filter(|activities| activities.knows(name))
                    else {
                        return Some(self.unknown_local_activity(name));
                    };
                    let caller = LocalCaller {
                        namespace: self.config.namespace.clone(),
                        workflow_type: header.workflow_type.clone(),
                        workflow_id: header.execution.workflow_id.clone(),
                        run_id: header.execution.run_id.clone(),
                    };
                    let local = cached.local_activities();
                    let (seq, sender) = (task.seq, local.sender.clone());
                    let running = activities.run_local(*task, &caller, sender);
                    local.running.insert(seq, running);
                }
                LocalActivityRequest::Cancel { seq } => {
                    if let Some(running) = cached.local_activities().running.get(&seq) {
                        running.cancel();
                    }
                }
            }
        }
        None
    }

    /// A matter of the deployment, not of the run: the task is retried until a worker knows it.
    fn unknown_local_activity(&self, name: &str) -> WorkflowTaskFailure {
        let message = format!(
            "local activity \"{name}\" is not registered with this worker of task queue \"{}\"; a local activity \
             runs in the workflow's own worker: register it there",
            self.config.task_queue,
        );
        WorkflowTaskFailure {
            cause: WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
            failure: ApplicationFailure::new(message)
                .with_type("NotFoundError")
                .into(),
        }
    }
}

impl CachedRun {
    fn local_activities(&mut self) -> &mut LocalActivities {
        self.local_activities
            .get_or_insert_with(|| Box::new(LocalActivities::new()))
    }
}
