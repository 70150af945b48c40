//! Tasks and the workers that wait for them.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{RunIndex, World};
use crate::server::queues::{Handed, Poller, Queue, QueueKey, QueueKind, Task};
use crate::server::run::{ActivityState, QueryState, WorkflowTask};
use crate::server::token::TaskToken;

/// A poll: answered at once, or to be waited for.
#[derive(Debug)]
pub(crate) enum Poll {
    Ready(Handed),
    Waits(oneshot::Receiver<Handed>),
}

impl World {
    /// A worker polls a queue.
    pub(crate) fn poll(&mut self, key: &QueueKey, identity: &str) -> Poll {
        if self.queues.len() > 1000 {
            self.queues.sweep();
        }
        self.queues.get_mut(key).polled(identity);
        while let Some(task) = self.queues.get_mut(key).tasks.pop_front() {
            if let Some(handed) = self.hand_over(key, task, identity) {
                return Poll::Ready(handed);
            }
        }
        let (sender, receiver) = oneshot::channel();
        let poller = Poller {
            identity: identity.to_owned(),
            sender,
        };
        self.queues.get_mut(key).pollers.push_back(poller);
        Poll::Waits(receiver)
    }

    /// A worker gave up its poll; what it had been given meanwhile goes back.
    pub(crate) fn poll_given_up(&mut self, key: &QueueKey, handed: Option<Handed>) {
        if let Some(queue) = self.queues.find_mut(key) {
            queue.poll_given_up();
        }
        if let Some(handed) = handed {
            self.take_back(key, handed);
        }
    }

    /// What was handed to a worker who had gone is for another: on its queue, or on the normal queue
    /// where nobody polls the sticky one.
    fn take_back(&mut self, key: &QueueKey, handed: Handed) {
        match handed {
            Handed::Activity(task) => self.offer_first(key, Task::StartedActivity(task)),
            Handed::Nexus(task) => self.offer_first(key, Task::StartedNexus(task)),
            Handed::Workflow(task) => {
                let token = TaskToken::read(&task.task_token).ok();
                let Some(token) = token else { return };
                let Some(run) = self.find_run_id(&token.run_id) else {
                    return;
                };
                if !self.queues.get(key).is_some_and(Queue::is_polled) {
                    self.change(run, |run, _| run.set_sticky(None));
                }
                let Some(key) = self.workflow_queue(run) else {
                    return;
                };
                let task = match u64::try_from(token.id) {
                    Ok(query) if query > 0 => Task::Query(run, query),
                    _ => Task::StartedWorkflow(run, token.stamp),
                };
                self.offer_first(&key, task);
            }
        }
    }

    /// Gives a task to a worker that waits, or lets it wait for one.
    pub(super) fn offer(&mut self, key: &QueueKey, task: Task) {
        match self.queues.get_mut(key).next_poller() {
            Some(poller) => self.give(key, poller, task),
            None => self.queues.get_mut(key).tasks.push_back(task),
        }
    }

    fn offer_first(&mut self, key: &QueueKey, task: Task) {
        match self.queues.get_mut(key).next_poller() {
            Some(poller) => self.give(key, poller, task),
            None => self.queues.get_mut(key).tasks.push_front(task),
        }
    }

    fn give(&mut self, key: &QueueKey, poller: Poller, task: Task) {
        let Some(handed) = self.hand_over(key, task, &poller.identity) else {
            // It was no longer a task: the worker goes on waiting.
            self.queues.get_mut(key).pollers.push_front(poller);
            return;
        };
        if let Err(handed) = poller.sender.send(handed) {
            self.take_back(key, handed);
        }
    }

    /// Starts a task for a worker; `None` if it is none any more.
    fn hand_over(&mut self, key: &QueueKey, task: Task, identity: &str) -> Option<Handed> {
        match task {
            Task::StartedActivity(task) => {
                let token = TaskToken::read(&task.task_token).ok()?;
                let run = self.run(self.find_run_id(&token.run_id)?)?;
                let activity = run.activities.get(&token.id).filter(|_| run.is_open())?;
                // Its attempt may have timed out since.
                let is_held =
                    activity.state == ActivityState::Started && activity.stamp == token.stamp;
                is_held.then_some(Handed::Activity(task))
            }
            Task::StartedNexus(task) => {
                let token = TaskToken::read(&task.task_token).ok()?;
                let is_held = self.nexus_tasks.is_held(token.stamp, self.now);
                is_held.then_some(Handed::Nexus(task))
            }
            Task::StartedWorkflow(index, stamp) => {
                let partial = key.name != self.run(index)?.task_queue;
                self.change(index, |run, tx| {
                    run.started_task(stamp).ok()?;
                    Some(Handed::Workflow(Box::new(
                        run.hand_out_again(tx.limits, partial),
                    )))
                })?
            }
            Task::Workflow(run) => {
                let request_id = self.ids.uuid();
                self.start_workflow_task(run, key, identity, request_id)
            }
            Task::Query(index, query) => {
                let run = self.run(index)?;
                let pending = run.queries.get(&query)?;
                if pending.state != QueryState::Direct {
                    return None;
                }
                let partial = key.name != run.task_queue;
                let response = run.hand_out_query(&self.limits, query, partial)?;
                Some(Handed::Workflow(Box::new(response)))
            }
            Task::NexusOperation(index, scheduled_id) => self.start_operation(index, scheduled_id),
            Task::Activity(index, scheduled_id) => {
                let run = self.run(index).filter(|run| run.is_open())?;
                let activity = run.activities.get(&scheduled_id)?;
                // It may have been sent to another queue since.
                let is_here = *activity.settings.task_queue == *key.name;
                if activity.state != ActivityState::Waiting || !is_here {
                    return None;
                }
                let request_id = self.ids.uuid();
                self.change(index, |run, tx| {
                    run.start_activity(tx, scheduled_id, identity, request_id);
                    run.hand_out_activity(scheduled_id)
                })?
                .map(|response| Handed::Activity(Box::new(response)))
            }
        }
    }

    fn start_workflow_task(
        &mut self,
        index: RunIndex,
        key: &QueueKey,
        identity: &str,
        request_id: String,
    ) -> Option<Handed> {
        let run = self.run(index)?;
        let task = run.workflow_task.as_ref()?;
        let partial = key.name != run.task_queue;
        // A task that has left the sticky queue, or is no longer there at all.
        if task.is_started() || (partial && run.sticky.is_none()) {
            return None;
        }
        let response = self.change(index, |run, tx| {
            run.start_workflow_task(tx, identity, request_id);
            run.hand_out(tx.limits, partial)
        })?;
        Some(Handed::Workflow(Box::new(response)))
    }

    /// Starts the workflow task of a run for the worker whose answer made it necessary. That worker
    /// has the history so far, whether its run is sticky or not.
    pub(crate) fn start_task_inline(&mut self, index: RunIndex, identity: &str) -> Option<Handed> {
        self.run(index)?
            .workflow_task
            .as_ref()
            .filter(|task| !task.is_started())?;
        let request_id = "request-from-RespondWorkflowTaskCompleted".to_owned();
        let response = self.change(index, |run, tx| {
            run.start_workflow_task(tx, identity, request_id);
            run.hand_out(tx.limits, true)
        })?;
        Some(Handed::Workflow(Box::new(response)))
    }

    /// The queue for what concerns a run's workflow now.
    pub(super) fn workflow_queue(&self, index: RunIndex) -> Option<QueueKey> {
        let run = self.run(index)?;
        let namespace: Arc<str> = run.namespace.name.as_str().into();
        let key = |name: &Arc<str>| QueueKey {
            namespace: namespace.clone(),
            kind: QueueKind::Workflow,
            name: name.clone(),
        };
        let sticky = run.sticky.as_ref().map(|sticky| key(&sticky.queue));
        let is_polled = |key: &QueueKey| {
            let queue = self.queues.get(key);
            queue.is_some_and(Queue::is_polled)
        };
        Some(
            sticky
                .filter(is_polled)
                .unwrap_or_else(|| key(&run.task_queue)),
        )
    }

    pub(super) fn dispatch_workflow_task(&mut self, index: RunIndex) {
        let Some(run) = self.run(index) else { return };
        if !matches!(&run.workflow_task, Some(task) if !task.is_started()) {
            return;
        }
        let was_sticky = run.sticky.is_some();
        let Some(key) = self.workflow_queue(index) else {
            return;
        };
        if was_sticky
            && self
                .run(index)
                .is_some_and(|run| run.task_queue == key.name)
        {
            self.change(index, super::super::run::Run::leave_sticky_queue);
        }
        self.offer(&key, Task::Workflow(index));
    }

    /// A query that its sticky queue still holds goes to the normal one: the worker does not come for it.
    pub(crate) fn move_query(&mut self, index: RunIndex, query: u64) {
        let Some(sticky) = self.workflow_queue(index) else {
            return;
        };
        let Some(run) = self.run(index) else { return };
        let normal = QueueKey {
            name: run.task_queue.clone(),
            ..sticky.clone()
        };
        let Some(queue) = self.queues.find_mut(&sticky) else {
            return;
        };
        let held = queue.tasks.len();
        let is_it =
            |task: &Task| matches!(task, Task::Query(run, id) if (*run, *id) == (index, query));
        queue.tasks.retain(|task| !is_it(task));
        if queue.tasks.len() == held {
            return;
        }
        self.change(index, |run, _| {
            if run.workflow_task.is_none() {
                run.set_sticky(None);
            }
        });
        self.offer(&normal, Task::Query(index, query));
    }

    /// What waits on a sticky queue goes to the normal queues: its worker ends.
    pub(crate) fn leave_sticky_queue(&mut self, key: &QueueKey) {
        let namespace = &key.namespace;
        let of_worker = self.runs.values_mut().filter(|run| {
            run.namespace.name == **namespace
                && run
                    .sticky
                    .as_ref()
                    .is_some_and(|sticky| sticky.queue == key.name)
        });
        for run in of_worker {
            // A task that waits there leaves the queue below.
            if run
                .workflow_task
                .as_ref()
                .is_none_or(WorkflowTask::is_started)
            {
                run.set_sticky(None);
            }
        }
        let Some(queue) = self.queues.find_mut(key) else {
            return;
        };
        for task in std::mem::take(&mut queue.tasks) {
            match task {
                Task::Workflow(run) => self.dispatch_workflow_task(run),
                Task::Query(run, query) => {
                    if let Some(key) = self.workflow_queue(run) {
                        self.offer(&key, Task::Query(run, query));
                    }
                }
                Task::StartedWorkflow(run, stamp) => {
                    self.change(run, |run, _| run.set_sticky(None));
                    if let Some(key) = self.workflow_queue(run) {
                        self.offer(&key, Task::StartedWorkflow(run, stamp));
                    }
                }
                task @ (Task::Activity(..)
                | Task::StartedActivity(_)
                | Task::NexusOperation(..)
                | Task::StartedNexus(_)) => self.offer(key, task),
            }
        }
    }

    pub(super) fn dispatch_activity(&mut self, index: RunIndex, scheduled_id: i64) {
        let Some(run) = self.run(index) else { return };
        let Some(activity) = run.activities.get(&scheduled_id) else {
            return;
        };
        let key = QueueKey {
            namespace: run.namespace.name.as_str().into(),
            kind: QueueKind::Activity,
            name: activity.settings.task_queue.as_str().into(),
        };
        self.offer(&key, Task::Activity(index, scheduled_id));
    }
}
