//! What holds the clock up, in words.

use std::fmt;

use super::clock::ClockMode;
use super::queues::{QueueKey, QueueKind};
use super::run::{ActivityState, AttemptState, Run};
use super::world::World;

/// Something that time is not skipped over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blocker {
    /// A workflow task waits for a worker, or is with one.
    WorkflowTask {
        /// The workflow.
        workflow_id: String,
        /// Where the task waits; `None` once a worker has it.
        waits_on: Option<UnpolledQueue>,
        /// Which attempt it is: above 1 the workflow's code fails, or its worker does not answer.
        attempt: i32,
    },
    /// An activity waits for a worker, or is with one.
    Activity {
        /// The workflow.
        workflow_id: String,
        /// The activity's type.
        activity_type: String,
        /// Where it waits; `None` once a worker has it.
        waits_on: Option<UnpolledQueue>,
    },
    /// A Nexus operation waits for a handler to start or cancel it, or is with one.
    NexusOperation {
        /// The workflow.
        workflow_id: String,
        /// The endpoint and the operation behind it.
        endpoint: String,
        /// The operation's name.
        operation: String,
        /// Where it waits; `None` once a handler has it.
        waits_on: Option<UnpolledQueue>,
    },
    /// Queries wait for an answer.
    Queries {
        /// The workflow.
        workflow_id: String,
        /// How many.
        count: usize,
    },
    /// Updates wait to be accepted.
    Updates {
        /// The workflow.
        workflow_id: String,
        /// How many.
        count: usize,
    },
    /// Callbacks of the test are at work.
    Callbacks {
        /// How many.
        count: usize,
    },
    /// Nothing is under way, and nothing is due at any time: what is waited for must come from outside.
    NothingIsDue,
    /// Time skipping is locked.
    Locked,
    /// Nobody waits for anything.
    NobodyWaits,
}

/// A task queue with something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnpolledQueue {
    /// Its name.
    pub task_queue: String,
    /// Whether a worker polls it.
    pub is_polled: bool,
}

impl fmt::Display for UnpolledQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let polled = if self.is_polled {
            "whose workers are busy"
        } else {
            "which nobody polls"
        };
        write!(f, "is scheduled on queue `{}`, {polled}", self.task_queue)
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkflowTask {
                workflow_id,
                waits_on,
                attempt,
            } => {
                write!(f, "workflow task of {workflow_id} ")?;
                match waits_on {
                    Some(queue) => write!(f, "{queue}")?,
                    None => f.write_str("is with a worker that has not answered")?,
                }
                if *attempt > 1 {
                    write!(
                        f,
                        " (attempt {attempt}: the ones before failed or timed out)"
                    )?;
                }
                Ok(())
            }
            Self::Activity {
                workflow_id,
                activity_type,
                waits_on,
            } => {
                write!(f, "activity `{activity_type}` of {workflow_id} ")?;
                match waits_on {
                    Some(queue) => write!(f, "{queue}"),
                    None => f.write_str("is with a worker that has not answered"),
                }
            }
            Self::NexusOperation {
                workflow_id,
                endpoint,
                operation,
                waits_on,
            } => {
                write!(
                    f,
                    "Nexus operation `{operation}` of {workflow_id} at endpoint `{endpoint}` "
                )?;
                match waits_on {
                    Some(queue) => write!(f, "{queue}"),
                    None => f.write_str("is with a handler that has not answered"),
                }
            }
            Self::Queries { workflow_id, count } => {
                write!(f, "{count} queries of {workflow_id} wait for a worker")
            }
            Self::Updates { workflow_id, count } => {
                write!(f, "{count} updates of {workflow_id} wait to be accepted")
            }
            Self::Callbacks { count } => write!(f, "{count} callbacks of the test are at work"),
            Self::NothingIsDue => f.write_str(
                "no timer, retry, timeout or schedule is due at any time: a signal, an update or a \
                 completion must come from outside",
            ),
            Self::Locked => f.write_str("time skipping is locked"),
            Self::NobodyWaits => f.write_str("nobody waits for a result, an update or a time"),
        }
    }
}

impl World {
    /// Everything that keeps the clock from skipping now; nothing if it would.
    pub(crate) fn blocked_on(&self) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        for run in self.runs().filter(|run| run.in_flight() > 0) {
            self.blockers_of(run, &mut blockers);
        }
        if self.ringing() > 0 {
            blockers.push(Blocker::Callbacks {
                count: self.ringing(),
            });
        }
        if !blockers.is_empty() || self.clock.mode == ClockMode::RealTime {
            return blockers;
        }
        if self.locks > 0 {
            blockers.push(Blocker::Locked);
        } else if self.waiters.get() == 0 {
            blockers.push(Blocker::NobodyWaits);
        } else if self.timers.target().is_none() {
            blockers.push(Blocker::NothingIsDue);
        }
        blockers
    }

    fn blockers_of(&self, run: &Run, blockers: &mut Vec<Blocker>) {
        let workflow_id = run.workflow_id.to_string();
        if !run.queries.is_empty() {
            blockers.push(Blocker::Queries {
                workflow_id: workflow_id.clone(),
                count: run.queries.len(),
            });
        }
        if !run.is_open() {
            return;
        }
        if let Some(task) = &run.workflow_task {
            let name = run
                .sticky
                .as_ref()
                .map_or(&run.task_queue, |sticky| &sticky.queue);
            let waits_on = || self.unpolled(run, QueueKind::Workflow, name);
            blockers.push(Blocker::WorkflowTask {
                workflow_id: workflow_id.clone(),
                waits_on: (!task.is_started()).then(waits_on),
                attempt: task.attempt,
            });
        }
        for activity in run.activities.values() {
            let waits_on = match activity.state {
                ActivityState::Waiting => {
                    let name = &activity.settings.task_queue;
                    Some(self.unpolled(run, QueueKind::Activity, name))
                }
                ActivityState::Started => None,
                ActivityState::BackingOff | ActivityState::Paused => continue,
            };
            blockers.push(Blocker::Activity {
                workflow_id: workflow_id.clone(),
                activity_type: activity.activity_type.clone(),
                waits_on,
            });
        }
        for operation in run.operations.values().filter(|one| one.is_in_flight()) {
            let state = operation.attempts().map(|attempts| attempts.state);
            let worker = self.nexus_endpoints.worker(&operation.endpoint_id);
            let worker = worker.filter(|_| state == Some(AttemptState::Waiting));
            blockers.push(Blocker::NexusOperation {
                workflow_id: workflow_id.clone(),
                endpoint: operation.endpoint.clone(),
                operation: operation.operation.clone(),
                waits_on: worker.map(|worker| {
                    let kind = QueueKind::Nexus;
                    self.queue_of(&worker.namespace, kind, &worker.task_queue)
                }),
            });
        }
        if run.updates.in_flight() > 0 {
            blockers.push(Blocker::Updates {
                workflow_id,
                count: run.updates.in_flight(),
            });
        }
    }

    fn unpolled(&self, run: &Run, kind: QueueKind, name: &str) -> UnpolledQueue {
        self.queue_of(&run.namespace.name, kind, name)
    }

    fn queue_of(&self, namespace: &str, kind: QueueKind, name: &str) -> UnpolledQueue {
        let key = QueueKey {
            namespace: namespace.into(),
            kind,
            name: name.into(),
        };
        let queue = self.queues.get(&key);
        UnpolledQueue {
            task_queue: name.to_owned(),
            is_polled: queue.is_some_and(super::queues::Queue::is_polled),
        }
    }
}
