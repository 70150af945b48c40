//! The part of a run that its futures reach: tables, time, randomness, queued commands.
//!
//! One `RefCell` guards the tables. Code of users never runs while it is borrowed: wakers are
//! woken, and values of users are dropped, after the borrow has ended.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::panic::Location;
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::failure::v1::Failure;

use crate::command::CommandQueue;
use crate::context::{CancelWaiters, Conditions, Reach, Scope};
use crate::info::RunInfo;
use crate::machines::{Activities, Timers};
use crate::more::More;
use crate::random::RunRandom;
use crate::workflow::{HandlerIdentity, TaskFuture, UpdateIdentity};

/// What an event with an initiating event id belongs to (protocol 3.1).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Route {
    Activity(u32),
    Child(u32),
    Signal(u32),
    Cancel(u32),
    Nexus(u32),
}

#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) commands: CommandQueue,
    pub(crate) timers: Timers,
    pub(crate) activities: Activities,
    pub(crate) routes: BTreeMap<i64, Route>,
    pub(crate) cancel_waiters: CancelWaiters,
    pub(crate) conditions: Conditions,
    /// None as long as the run has used nothing of it.
    pub(crate) more: Option<Box<More>>,
}

/// What the last `WorkflowTaskStarted` said of the history (protocol 3.4, 12.30).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HistoryFigures {
    pub(crate) length: i64,
    pub(crate) size_bytes: i64,
    pub(crate) continue_as_new_suggested: bool,
    /// The reasons for that, one bit for each by its number.
    pub(crate) continue_as_new_reasons: u8,
    pub(crate) target_version_changed: bool,
}

/// A task that the code has started and that is not taken over yet.
pub(crate) struct SpawnedTask {
    pub(crate) future: TaskFuture,
    /// It handles a message.
    pub(crate) handler: Option<HandlerIdentity>,
}

pub(crate) struct Shared {
    /// What tells this run's steps from those of another.
    pub(crate) key: usize,
    pub(crate) tables: RefCell<Tables>,
    pub(crate) info: OnceCell<RunInfo>,
    pub(crate) random: Rc<RefCell<RunRandom>>,
    pub(crate) spawned: RefCell<Vec<SpawnedTask>>,
    /// The code asked to fail the workflow task, mostly at a call.
    pub(crate) task_failure: RefCell<Option<(Box<Failure>, Option<Place>)>>,
    pub(crate) replaying: Cell<bool>,
    pub(crate) figures: Cell<HistoryFigures>,
    /// The scope that `WorkflowExecutionCancelRequested` cancels.
    pub(crate) root: Rc<Scope>,
    /// The scope of the code that is being polled.
    pub(crate) scope: RefCell<Rc<Scope>>,
    /// How many wakers the run's join handles hold.
    pub(crate) join_wakers: Cell<usize>,
    /// The update whose handler is being polled.
    pub(crate) update: RefCell<Option<Rc<UpdateIdentity>>>,
    /// What something outside of the run tried to do with it.
    pub(crate) outside_use: RefCell<Option<String>>,
    now: Cell<Duration>,
}

impl Shared {
    pub(crate) fn new(key: usize) -> Rc<Self> {
        let root = Rc::<Scope>::default();
        Rc::new(Self {
            key,
            tables: RefCell::default(),
            info: OnceCell::new(),
            random: Rc::new(RefCell::new(RunRandom::new(""))),
            spawned: RefCell::default(),
            task_failure: RefCell::default(),
            replaying: Cell::new(true),
            figures: Cell::default(),
            scope: RefCell::new(root.clone()),
            root,
            join_wakers: Cell::new(0),
            update: RefCell::default(),
            outside_use: RefCell::default(),
            now: Cell::new(Duration::ZERO),
        })
    }

    /// Workflow time, since the epoch.
    pub(crate) fn now(&self) -> SystemTime {
        UNIX_EPOCH.checked_add(self.now.get()).unwrap_or(UNIX_EPOCH)
    }

    /// Time moves to an event's time, never backwards (protocol 3.4).
    pub(crate) fn advance(&self, time: Option<&Timestamp>) {
        let Some(time) = time else { return };
        let (Ok(seconds), Ok(nanos)) = (u64::try_from(time.seconds), u32::try_from(time.nanos))
        else {
            return;
        };
        if nanos < 1_000_000_000 {
            self.advance_to(Duration::new(seconds, nanos));
        }
    }

    /// Time moves to a time since the epoch, never backwards.
    pub(crate) fn advance_to(&self, time: Duration) {
        self.now.set(self.now.get().max(time));
    }

    /// Cancels a scope and everything open in it and the scopes within it. Gives the wakers of
    /// those who learn of it, in a fixed order: timers, activities, local activities, children,
    /// messages to other workflows, conditions and those who wait for the cancellation itself, each
    /// by age.
    pub(crate) fn cancel_scope(&self, scope: &Scope, reason: &str) -> Vec<Waker> {
        match scope.cancel(reason) {
            Some(reach) => self.tables.borrow_mut().cancel_within(&reach, self.now()),
            None => Vec::new(),
        }
    }
}

impl Tables {
    /// Cancels whatever waits where a cancellation reaches.
    fn cancel_within(&mut self, reach: &Reach, now: SystemTime) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for seq in self.timers.waiting_within(reach) {
            wakers.extend(self.timers.cancel(&mut self.commands, seq));
        }
        for seq in self.activities.waiting_within(reach) {
            wakers.extend(self.activities.cancel(&mut self.commands, seq));
        }
        if let Some(more) = &mut self.more {
            let numbers = &mut self.activities;
            wakers.extend(more.cancel_within(reach, &mut self.commands, now, numbers));
        }
        wakers.extend(self.conditions.take_wakers());
        wakers.extend(self.cancel_waiters.take_wakers());
        wakers
    }

    /// What few runs use, made when it is first needed.
    pub(crate) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// The same, with the queue that its operations need.
    pub(crate) fn more_and_commands(&mut self) -> (&mut More, &mut CommandQueue) {
        (self.more.get_or_insert_default(), &mut self.commands)
    }

    /// The same, with the activities, whose numbers local activities share.
    pub(crate) fn for_local_activities(
        &mut self,
    ) -> (&mut More, &mut CommandQueue, &mut Activities) {
        let more = self.more.get_or_insert_default();
        (more, &mut self.commands, &mut self.activities)
    }

    /// Whether the code waits for anything of the engine's.
    pub(crate) fn has_waiters(&self) -> bool {
        // Those that are quick to ask come first: one answer is mostly enough.
        self.conditions.has_waiters()
            || self.cancel_waiters.has_waiters()
            || self.timers.has_waiters()
            || self.activities.has_waiters()
            || self.more.as_ref().is_some_and(|more| more.has_waiters())
    }
}

/// A place in user code.
pub(crate) type Place = &'static Location<'static>;
