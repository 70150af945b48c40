//! One workflow run: takes workflow tasks with their events, gives completions.
//!
//! A driver calls [`Run::begin`], then [`Run::push_events`] for each page of history, then
//! [`Run::finish`]. When [`Run::must_be_evicted`] says so, after an error for example, the run is of
//! no use any more: the driver drops it, and builds another from the whole history.
//!
//! A step is one call into the run. User code runs in steps only, and a panic of it ends with the
//! step, as an error. A driver on tokio wraps steps in `tokio::task::unconstrained`: else tokio's
//! channels and locks, once they have used up the driver's budget, wait for the driver to yield.

mod activate;
mod ahead;
mod apply;
mod confirm;
mod confirm_marker;
mod finish;
mod local_activity;
mod outside;
mod query;
mod recorded;
mod related;
mod traced;
mod update;

use std::rc::Rc;
use std::task::Waker;

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::protocol::v1::Message;

use crate::context::Context;
use crate::error::RunError;
use crate::executor::{Executor, catch, discard};
use crate::history::{
    Boundary, ChunkingRule, HistoryBuffer, find_boundary, is_command_event, is_ignorable,
};
use crate::info::RunIdentity;
use crate::input::WorkflowTask;
use crate::sdk::{GO, PYTHON, Recorder, is_core_family};
use crate::shared::Shared;
use crate::step::{Mode, StepGuard};
use crate::trace::Trace;
use crate::workflow::{Instance, Outcome, TaskFuture, Workflow};
use update::{Incoming, UpdateRequest};

/// How much of the task's history [`Run::advance`] may take for all there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// More events will come.
    SoFar,
    /// All is there, but the task itself is left for later.
    AllButTask,
    /// All is there.
    All,
}

/// Where in a history a run stands: which events may come next (protocol 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// After an event that no command of the code made.
    Outside,
    /// After the Started of a task that was executed: its `WorkflowTaskCompleted` comes next.
    Executed,
    /// After a `WorkflowTaskCompleted`: its command events come next.
    Completed,
    /// After the final event.
    Closed,
}

/// Something that an event brought to the code.
#[derive(Debug)]
enum Job {
    /// An operation ended for which somebody waits.
    Wake(Waker),
    /// The same for a timer, or a message to another workflow.
    WakeDirect(Waker),
    /// `WorkflowExecutionCancelRequested`, and why.
    Cancel(String),
}

/// The state of one run: its code's futures, its machines, its place in history.
pub struct Run {
    workflow: Rc<dyn Workflow>,
    identity: RunIdentity,
    shared: Rc<Shared>,
    executor: Executor,
    instance: Option<Box<dyn Instance>>,
    /// The main function before its first poll.
    unstarted: Option<TaskFuture>,
    /// How the code ended the run, until its command is queued.
    outcome: Option<Outcome>,
    /// The code has ended the run.
    ended: bool,
    history: HistoryBuffer,
    rule: ChunkingRule,
    recorder: Recorder,
    task: WorkflowTask,
    /// The last event applied.
    last_event_id: i64,
    /// The Started event of the last task this run executed or replayed.
    last_started_event_id: i64,
    place: Place,
    /// The task begun last was executed.
    executed: bool,
    /// A step failed, or a query changed what cannot be undone.
    spoiled: bool,
    /// Signals and updates, in the order in which they came.
    messages: Vec<Incoming>,
    /// Updates of `Admitted` events that no event has accepted so far.
    admitted: Vec<UpdateRequest>,
    /// Rejections of updates, to be sent.
    outgoing: Vec<Message>,
    /// A message of the chunk's has reached the code.
    delivered: bool,
    /// A marker was passed over; so is the update of the search attribute that follows it.
    passed_over: bool,
    /// History says that this version of this SDK completed the run's last task.
    recorded_by_us: bool,
    /// What the chunk brought but for messages, in event order.
    jobs: Vec<Job>,
    /// The chunk brought something that the code may want to look at.
    stirred: bool,
    activated: bool,
    /// The input, until the code is started.
    input: Vec<Payload>,
    pending_started: Option<outside::PendingStarted>,
    /// What the code did, where somebody wants to know.
    trace: Option<Box<Trace>>,
}

impl Run {
    /// A run of which nothing is known yet. Identity fields may be empty for a history without them.
    #[must_use]
    pub fn new(
        workflow: Rc<dyn Workflow>,
        namespace: &str,
        workflow_id: &str,
        run_id: &str,
    ) -> Self {
        let executor = Executor::new();
        Self {
            workflow,
            identity: RunIdentity {
                namespace: namespace.to_owned(),
                workflow_id: workflow_id.to_owned(),
                run_id: run_id.to_owned(),
            },
            shared: Shared::new(executor.key()),
            executor,
            instance: None,
            unstarted: None,
            outcome: None,
            ended: false,
            history: HistoryBuffer::default(),
            rule: ChunkingRule::default(),
            recorder: Recorder::default(),
            task: WorkflowTask::default(),
            last_event_id: 0,
            last_started_event_id: 0,
            place: Place::Outside,
            executed: false,
            spoiled: false,
            messages: Vec::new(),
            admitted: Vec::new(),
            outgoing: Vec::new(),
            delivered: false,
            passed_over: false,
            recorded_by_us: false,
            jobs: Vec::new(),
            stirred: false,
            activated: false,
            input: Vec::new(),
            pending_started: None,
            trace: None,
        }
    }

    /// Follows histories of SDKs with another chunking rule; before the first event.
    pub fn set_chunking_rule(&mut self, rule: ChunkingRule) {
        self.rule = rule;
    }

    /// The Started event of the last workflow task executed here: the next incremental history
    /// must begin with the event after it (protocol 2.3).
    #[must_use]
    pub fn last_started_event_id(&self) -> i64 {
        self.last_started_event_id
    }

    /// The last event applied.
    #[must_use]
    pub fn last_event_id(&self) -> i64 {
        self.last_event_id
    }

    /// The run as its code sees it; none before the first event.
    #[must_use]
    pub fn context(&self) -> Option<Context> {
        self.shared.info.get().map(|_| self.new_context())
    }

    /// How many futures the run holds: its main function, handlers in progress, spawned tasks.
    #[must_use]
    pub fn task_count(&self) -> usize {
        self.executor.len() + usize::from(self.unstarted.is_some())
    }

    /// Whether the run is of no use any more: a step failed, or a query changed what it must not.
    /// It must be dropped; its next task is for a new run, built from the history.
    #[must_use]
    pub fn must_be_evicted(&self) -> bool {
        self.spoiled
    }

    /// Begins a workflow task; its history follows.
    pub fn begin(&mut self, task: WorkflowTask) {
        self.task = task;
        self.executed = false;
        self.outgoing.clear();
        self.history.clear();
        if let Some(more) = &mut self.shared.tables.borrow_mut().more {
            more.changes.decide_as_recorded(false);
        }
    }

    /// Takes a page of the task's history, and replays what is known to be complete of it. Events
    /// that were applied or taken before are passed over.
    ///
    /// # Errors
    /// When code and history do not fit, the history is unusable, or the code panics.
    pub fn push_events(&mut self, events: Vec<HistoryEvent>) -> Result<(), RunError> {
        self.push_last_events(events);
        self.guarded(|run| run.advance(Known::SoFar))
    }

    /// Takes the last page of the task's history; [`replay`](Self::replay) or
    /// [`finish`](Self::finish) follows.
    pub fn push_last_events(&mut self, mut events: Vec<HistoryEvent>) {
        let last = self
            .history
            .rest()
            .last()
            .map_or(0, |event| event.event_id)
            .max(self.last_event_id);
        if events.first().is_some_and(|event| event.event_id <= last) {
            events.retain(|event| event.event_id > last);
        }
        self.history.push(events);
    }

    /// All of the task's history has been pushed: replays it up to the task itself, which is left
    /// to [`finish`](Self::finish). A driver calls this to keep the replay apart, for its logs say.
    ///
    /// # Errors
    /// When code and history do not fit, the history is unusable, or the code panics.
    pub fn replay(&mut self) -> Result<(), RunError> {
        self.guarded(|run| run.advance(Known::AllButTask))
    }

    /// The server discarded the speculative task just completed (`reset_history_event_id`,
    /// protocol 2.6): its Scheduled and Started events never were. Command events before them may
    /// be delivered again; they were applied and are passed over.
    pub fn discard_speculative_task(&mut self, reset_history_event_id: i64) {
        self.last_started_event_id = reset_history_event_id;
        self.last_event_id = (self.last_event_id - 2).max(reset_history_event_id);
        self.place = if self.last_event_id > reset_history_event_id {
            Place::Completed
        } else {
            Place::Executed
        };
    }

    /// Runs a step; an error, or a panic of the code's, spoils the run.
    fn guarded<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        if self.spoiled {
            return Err(RunError::Poisoned);
        }
        let _stepping = StepGuard::enter(self.executor.key(), Mode::Running);
        let result = catch(|| step(self)).and_then(|result| result);
        self.spoiled |= result.is_err();
        result
    }

    /// Applies every chunk whose end is known.
    fn advance(&mut self, known: Known) -> Result<(), RunError> {
        self.skip_applied();
        self.choose_rule();
        loop {
            let complete = known != Known::SoFar;
            let (length, open) = match find_boundary(self.history.rest(), complete, self.rule) {
                Boundary::Completed(length) => (length, false),
                Boundary::Open(length) => (length, true),
                Boundary::NeedMore | Boundary::None => return Ok(()),
            };
            let live = self.history.rest()[length - 1].event_id == self.task.started_event_id;
            // An open Started that is not this task's is that of an attempt which other code is
            // executing, or executed before a query: it had no effect here.
            if (open && !live) || (live && known == Known::AllButTask) {
                return Ok(());
            }
            self.run_chunk(length, live)?;
        }
    }

    /// Histories of SDKs built on Temporal's core are cut as those SDKs cut them. The first
    /// completed task says who recorded it; it is in the buffer before any chunk can end.
    fn choose_rule(&mut self) {
        if self.last_event_id == 0 {
            let recorder = recorder_of(self.history.rest()).map(str::to_owned);
            self.follow(recorder.as_deref());
        }
    }

    /// Follows the rules of the SDK that completed the run's first task.
    fn follow(&mut self, recorder: Option<&str>) {
        let Some(recorder) = recorder else { return };
        self.recorder = Recorder::of(recorder);
        if is_core_family(recorder) {
            self.rule = ChunkingRule::CoreCollapsing;
            let mut tables = self.shared.tables.borrow_mut();
            tables.more().children.follow_core();
            tables.timers.number_left_out();
        }
        let mut tables = self.shared.tables.borrow_mut();
        match recorder {
            PYTHON => tables.more().local_activities.number_before_backoff(),
            GO => tables.more().local_activities.number_apart(),
            _ => {}
        }
    }

    fn skip_applied(&mut self) {
        while self
            .history
            .rest()
            .first()
            .is_some_and(|event| event.event_id <= self.last_event_id)
        {
            self.history.take();
        }
    }

    fn run_chunk(&mut self, length: usize, live: bool) -> Result<(), RunError> {
        self.shared.replaying.set(!live);
        for _ in 0..length {
            if let Some(event) = self.history.take() {
                self.apply(event)?;
            }
        }
        match live {
            true => self.take_requests(),
            false => self.look_ahead(),
        }
        if self.trace.is_some() {
            self.begin_traced_task();
        }
        self.activate(live)?;
        if self.trace.is_some() {
            self.end_traced_task();
        }
        self.last_started_event_id = self.last_event_id;
        self.place = Place::Executed;
        self.executed |= live;
        Ok(())
    }

    /// Whether the next event is of the last completion: itself, a command event, or ignorable.
    fn next_is_own(&self) -> bool {
        self.history.rest().first().is_some_and(|event| {
            event.event_type() == EventType::WorkflowTaskCompleted
                || is_command_event(event)
                || is_ignorable(event)
        })
    }

    fn new_context(&self) -> Context {
        Context {
            shared: self.shared.clone(),
        }
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Run")
            .field(
                "run_id",
                &self.shared.info.get().map(crate::info::RunInfo::run_id),
            )
            .field("last_event_id", &self.last_event_id)
            .field("tasks", &self.task_count())
            .finish_non_exhaustive()
    }
}

/// Who completed the first task that was completed.
fn recorder_of(events: &[HistoryEvent]) -> Option<&str> {
    events.iter().find_map(|event| match &event.attributes {
        Some(Attributes::WorkflowTaskCompletedEventAttributes(completed)) => Some(
            completed
                .sdk_metadata
                .as_ref()
                .map_or("", |metadata| &metadata.sdk_name),
        ),
        _ => None,
    })
}

impl Drop for Run {
    /// Eviction: the code's futures are dropped without running, and nothing they do then counts.
    fn drop(&mut self) {
        let _evicting = StepGuard::enter(self.executor.key(), Mode::Evicting);
        self.executor.clear();
        discard(self.unstarted.take());
        discard(self.instance.take());
        discard(std::mem::take(&mut *self.shared.spawned.borrow_mut()));
        discard(std::mem::take(&mut self.jobs));
        // Wakers of the code's own making; contexts that outlive the run find empty tables.
        let tables = std::mem::take(&mut *self.shared.tables.borrow_mut());
        discard(tables);
    }
}
