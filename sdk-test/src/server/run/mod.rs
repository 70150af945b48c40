//! One run of a workflow: its history and everything that is pending in it.
//!
//! Each operation takes the run and a [`Tx`]: what it writes is one batch of history, what it wants done
//! elsewhere (a task handed out, a child started, a parent told) it leaves there as an [`Effect`].

mod activity;
mod activity_control;
mod activity_options;
mod activity_retry;
mod activity_timeout;
mod attach;
mod buffer;
mod cancel;
mod child;
mod close;
mod complete;
mod describe;
mod events;
mod external;
mod heartbeat;
mod history;
mod next_run;
mod nexus;
mod options;
mod pending_activity;
mod poll_response;
mod query;
mod rebuild;
mod reset;
mod reset_points;
mod retry_policy;
mod signal;
mod speculative;
mod start;
mod sticky;
mod terminate;
mod time_skipping;
mod timer;
mod update;
mod visibility;
mod workflow_task;
mod workflow_task_timeout;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use durably_protos::temporal::api::common::v1::{Memo, SearchAttributes, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionStartedEventAttributes,
};
use durably_protos::temporal::api::sdk::v1::UserMetadata;

pub(crate) use activity_options::ActivityOptionsUpdate;
pub(crate) use child::{ChildEnd, PendingChild};
pub(crate) use close::Closing;
pub(crate) use history::History;
pub(crate) use nexus::{
    AttemptState, CallbackToken, NexusAnswer, OPERATION_HEADER, OperationEnd, PendingOperation,
    RunCallback, SYSTEM_URL, TOKEN_HEADER,
};
pub(crate) use options::{OptionsChange, RunOptions};
pub(crate) use pending_activity::{ActivityState, Pause, PendingActivity};
pub(crate) use query::{PendingQuery, QueryAnswer, QueryState};
pub(crate) use reset::{Reapply, Reset};
pub(crate) use reset_points::WorkerVersions;
pub(crate) use retry_policy::{RetryDecision, normalized_retry_policy};
pub(crate) use signal::Signal;
pub(crate) use start::{FirstTask, NewRun};
pub(crate) use sticky::Sticky;
pub(crate) use time_skipping::{FastForwardState, TimeSkipping};
pub(crate) use update::UpdateStage;
pub(crate) use workflow_task::{TaskKind, WorkflowTask};
pub(crate) use write::Notes;

use super::namespaces::NamespaceName;
use super::time::Time;
use super::timers::TimerKey;
use super::world::{RunIndex, Tx};

/// A run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) index: RunIndex,
    pub(crate) namespace: Arc<NamespaceName>,
    pub(crate) workflow_id: Arc<str>,
    pub(crate) run_id: Arc<str>,
    /// The queue of its workflow tasks, which a versioning or reset never changes.
    pub(crate) task_queue: Arc<str>,
    pub(crate) history: History,
    pub(crate) status: WorkflowExecutionStatus,
    pub(crate) start_time: Time,
    pub(crate) close_time: Option<Time>,
    /// When the first workflow task is (or was) due.
    pub(crate) execution_time: Time,
    pub(crate) user_metadata: Option<UserMetadata>,
    pub(crate) memo: Memo,
    pub(crate) search_attributes: SearchAttributes,
    /// The versions of the workers that it has met.
    pub(crate) versions: WorkerVersions,
    /// What can be changed from outside: versioning override, priority, time skipping.
    pub(crate) options: RunOptions,
    /// What it skipped by itself; `None` unless it was told to.
    pub(crate) time_skipping: Option<Box<TimeSkipping>>,
    pub(crate) cancel_requested: bool,
    /// How many transactions have changed it.
    pub(crate) transitions: i64,
    /// The requests that started it or were attached to it, with the id of their event.
    pub(crate) request_ids: BTreeMap<String, i64>,
    pub(crate) signal_requests: BTreeSet<String>,
    pub(crate) signals: usize,

    pub(crate) workflow_task: Option<WorkflowTask>,
    /// The attempt that the next workflow task is.
    pub(crate) workflow_task_attempt: i32,
    pub(crate) sticky: Option<Sticky>,
    /// The last workflow task wanted to close the run, which buffered events kept it from.
    pub(crate) close_attempted: bool,
    /// The started and completed events of the last workflow task that was completed; 0 without one.
    pub(crate) last_started_id: i64,
    pub(crate) last_completed_id: i64,
    /// The place of the first workflow task, while it waits for its delay.
    pub(crate) first_task: FirstTask,
    pub(crate) buffer: Vec<HistoryEvent>,

    pub(crate) activities: BTreeMap<i64, PendingActivity>,
    pub(crate) activity_ids: BTreeMap<String, i64>,
    /// How many activities wait for a worker or are with one: what the clock must not skip over.
    pub(crate) activities_in_flight: usize,
    pub(crate) timers: BTreeMap<String, timer::PendingTimer>,
    pub(crate) children: BTreeMap<i64, PendingChild>,
    /// Nexus operations by their scheduled events.
    pub(crate) operations: BTreeMap<i64, PendingOperation>,
    /// What is told when the chain has ended.
    pub(crate) callbacks: Vec<RunCallback>,
    pub(crate) updates: update::Updates,
    pub(crate) queries: BTreeMap<u64, PendingQuery>,
    pub(crate) next_query: u64,

    /// When all runs together must have ended.
    pub(crate) execution_deadline: Option<Time>,
    pub(crate) run_timer: Option<TimerKey>,
    pub(crate) execution_timer: Option<TimerKey>,
    /// The run that this one goes on in: continued, retried, or the next of a cron schedule.
    pub(crate) next_run_id: Option<Arc<str>>,
    /// When this run was made by a reset, and the run that a reset of this one made.
    pub(crate) reset_time: Option<Time>,
    pub(crate) reset_run_id: Option<Arc<str>>,
    /// It was ended so that another run takes its place: its children stay, and nobody is told.
    pub(crate) is_replaced: bool,
}

impl Run {
    /// What the run was started with.
    pub(crate) fn started(&self) -> &WorkflowExecutionStartedEventAttributes {
        match self.history.attributes(1) {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => started,
            _ => unreachable!("the first event of a run is written with it"),
        }
    }

    pub(crate) fn workflow_type(&self) -> &str {
        let workflow_type = self.started().workflow_type.as_ref();
        workflow_type.map_or("", |workflow_type| &workflow_type.name)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.status == WorkflowExecutionStatus::Running
    }

    /// Whether a worker is about to close the run after having failed to: signals and updates have to
    /// wait, or they would keep it from that for ever.
    pub(crate) fn is_closing(&self) -> bool {
        let task = self.workflow_task.as_ref();
        self.close_attempted && task.is_some_and(WorkflowTask::is_started)
    }

    pub(crate) fn execution(&self) -> WorkflowExecution {
        WorkflowExecution {
            workflow_id: self.workflow_id.to_string(),
            run_id: self.run_id.to_string(),
        }
    }

    /// Visits the keys of all that is due in the run while nothing is under way in it.
    pub(crate) fn for_each_key(&mut self, mut visit: impl FnMut(&mut TimerKey)) {
        let timers = self.timers.values_mut().map(|timer| &mut timer.key);
        timers.flatten().for_each(&mut visit);
        let activities = self.activities.values_mut();
        activities
            .flat_map(PendingActivity::keys)
            .for_each(&mut visit);
        let timeouts = [&mut self.run_timer, &mut self.execution_timer];
        timeouts.into_iter().flatten().for_each(&mut visit);
        if let FirstTask::Delayed(key) = &mut self.first_task {
            visit(key);
        }
        if let Some(key) = self.fast_forward_key() {
            visit(key);
        }
    }

    /// How many things are under way that time must not be skipped over.
    pub(crate) fn in_flight(&self) -> usize {
        let workflow_task = usize::from(self.workflow_task.is_some());
        let queries = self.queries.len();
        if !self.is_open() {
            return queries;
        }
        let operations = self.operations.values();
        let operations = operations.filter(|operation| operation.is_in_flight());
        workflow_task
            + queries
            + self.updates.in_flight()
            + self.activities_in_flight
            + operations.count()
    }

    /// Ends a transaction: what it wrote is a batch, and what became necessary is scheduled.
    pub(crate) fn commit(&mut self, tx: &mut Tx<'_>) {
        if self.is_open() && self.workflow_task.is_none() {
            if tx.needs_workflow_task {
                self.schedule_workflow_task(tx, TaskKind::Normal);
            } else if self.updates.has_unsent() {
                self.schedule_workflow_task(tx, TaskKind::Speculative);
            }
        }
        if self.time_skipping.is_some() {
            self.skip_time(tx);
        }
        self.dispatch_waiting_queries(tx);
        self.history.end_batch();
        self.transitions += 1;
    }
}
