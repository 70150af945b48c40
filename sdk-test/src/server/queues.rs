//! Task queues: what waits for workers, and the workers that wait.
//!
//! A queue holds hints. Whether a task still is one is decided when it is handed out.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use durably_protos::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueResponse, PollNexusTaskQueueResponse, PollWorkflowTaskQueueResponse,
};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::world::RunIndex;

/// How long after its last poll a queue still counts as polled.
const POLLED_RECENTLY: Duration = Duration::from_secs(10);

/// What a queue's tasks are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum QueueKind {
    Workflow,
    Activity,
    Nexus,
}

/// Which queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct QueueKey {
    pub(crate) namespace: Arc<str>,
    pub(crate) kind: QueueKind,
    pub(crate) name: Arc<str>,
}

/// Something for a worker to do.
#[derive(Debug)]
pub(crate) enum Task {
    Workflow(RunIndex),
    Query(RunIndex, u64),
    /// An activity by its scheduled event.
    Activity(RunIndex, i64),
    /// A workflow task that was handed to a worker who had gone: another gets it as it is. With the
    /// stamp that tells it from later ones.
    StartedWorkflow(RunIndex, i64),
    /// An activity that was handed to a worker who had gone.
    StartedActivity(Box<PollActivityTaskQueueResponse>),
    /// A Nexus task that was handed to a handler who had gone.
    StartedNexus(Box<PollNexusTaskQueueResponse>),
    /// A Nexus operation to start or cancel, by its scheduled event.
    NexusOperation(RunIndex, i64),
}

/// What a poll is answered with.
#[derive(Debug)]
pub(crate) enum Handed {
    Workflow(Box<PollWorkflowTaskQueueResponse>),
    Activity(Box<PollActivityTaskQueueResponse>),
    Nexus(Box<PollNexusTaskQueueResponse>),
}

/// A worker that waits.
#[derive(Debug)]
pub(crate) struct Poller {
    pub(crate) identity: String,
    pub(crate) sender: oneshot::Sender<Handed>,
}

/// One queue.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) tasks: VecDeque<Task>,
    pub(crate) pollers: VecDeque<Poller>,
    /// The pollers seen last, with the real time of their last poll.
    seen: HashMap<String, Instant>,
    last_poll: Option<Instant>,
    /// Its worker is gone: nothing is to be put here until it is polled again.
    is_abandoned: bool,
}

/// All queues.
#[derive(Debug, Default)]
pub(crate) struct Queues(HashMap<QueueKey, Queue>);

impl Queues {
    pub(crate) fn get(&self, key: &QueueKey) -> Option<&Queue> {
        self.0.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &QueueKey) -> &mut Queue {
        if !self.0.contains_key(key) {
            self.0.insert(key.clone(), Queue::default());
        }
        self.0.get_mut(key).expect("it has just been made")
    }

    pub(crate) fn find_mut(&mut self, key: &QueueKey) -> Option<&mut Queue> {
        self.0.get_mut(key)
    }

    /// Forgets queues that hold nothing and that nobody polls: sticky queues come and go.
    pub(crate) fn sweep(&mut self) {
        self.0.retain(|_, queue| {
            queue.pollers.retain(|poller| !poller.sender.is_closed());
            !queue.tasks.is_empty() || queue.is_polled()
        });
    }

    /// Everything that waits in any queue.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.0.values().flat_map(|queue| &queue.tasks)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Queue {
    /// Notes that a worker polls.
    pub(crate) fn polled(&mut self, identity: &str) {
        let now = Instant::now();
        self.is_abandoned = false;
        self.last_poll = Some(now);
        self.seen
            .retain(|_, last| now.duration_since(*last) < Duration::from_secs(300));
        self.seen.insert(identity.to_owned(), now);
    }

    /// A worker that waits, if there is one whose caller is there.
    pub(crate) fn next_poller(&mut self) -> Option<Poller> {
        while let Some(poller) = self.pollers.pop_front() {
            if !poller.sender.is_closed() {
                return Some(poller);
            }
        }
        None
    }

    /// Whether a worker waits here or did so a moment ago.
    pub(crate) fn is_polled(&self) -> bool {
        if self.is_abandoned {
            return false;
        }
        let waits = |poller: &Poller| !poller.sender.is_closed();
        self.pollers.iter().any(waits)
            || self
                .last_poll
                .is_some_and(|last| last.elapsed() < POLLED_RECENTLY)
    }

    /// A poll was given up by its caller: with no other left, the worker is taken to be gone.
    pub(crate) fn poll_given_up(&mut self) {
        self.pollers.retain(|poller| !poller.sender.is_closed());
        if self.pollers.is_empty() {
            self.is_abandoned = true;
        }
    }

    /// The worker says that it ends.
    pub(crate) fn abandon(&mut self) {
        self.is_abandoned = true;
    }

    /// Who has polled lately, and how long ago.
    pub(crate) fn seen(&self) -> impl Iterator<Item = (&str, Duration)> {
        self.seen
            .iter()
            .map(|(identity, last)| (identity.as_str(), last.elapsed()))
    }
}
