//! A server that makes histories as the real one does, as far as a run can tell: events that
//! arrive while a workflow task is in progress are buffered, and closing events of activities then
//! come last (protocol 3.9).

use std::collections::BTreeMap;

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::history::v1::HistoryEvent;

use super::dice::Dice;
use crate::support::fixture::HistoryBuilder;
use crate::support::text::command_text;

struct Activity {
    id: String,
    /// A worker has it; history does not say so before it closes.
    started: bool,
    cancel_requested: bool,
}

struct Child {
    id: String,
    started: bool,
    cancel_requested: bool,
}

/// One workflow execution.
pub(crate) struct Server {
    history: HistoryBuilder,
    /// By the id of their Scheduled events.
    activities: BTreeMap<i64, Activity>,
    timers: Vec<String>,
    /// By the id of their Initiated events.
    children: BTreeMap<i64, Child>,
    /// Messages under way, likewise: to a child, or a signal.
    messages: BTreeMap<i64, Option<String>>,
    /// Lines of events that arrived while a task was in progress.
    buffered: Vec<String>,
    in_progress: bool,
    closed: bool,
    signals_left: usize,
    cancels_left: usize,
    resets: usize,
}

impl Server {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let mut server = Self {
            history: HistoryBuilder::default(),
            activities: BTreeMap::new(),
            timers: Vec::new(),
            children: BTreeMap::new(),
            messages: BTreeMap::new(),
            buffered: Vec::new(),
            in_progress: false,
            closed: false,
            signals_left: dice.below(12),
            cancels_left: dice.below(3),
            resets: 0,
        };
        server.add("WorkflowExecutionStarted \"input\"");
        while dice.one_in(4) && server.message(dice) {}
        server.add("WorkflowTaskScheduled");
        server
    }

    pub(crate) fn events(&self) -> &[HistoryEvent] {
        self.history.events()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether anything arrived since the task in progress was started.
    pub(crate) fn has_buffered(&self) -> bool {
        !self.buffered.is_empty()
    }

    fn add(&mut self, line: &str) {
        if self.in_progress {
            self.buffered.push(line.to_owned());
        } else {
            self.history.line(line);
        }
    }

    /// Starts the scheduled workflow task; gives the id of its Started event.
    pub(crate) fn start_task(&mut self) -> i64 {
        self.history.line("WorkflowTaskScheduled");
        self.history.line("WorkflowTaskStarted");
        self.in_progress = true;
        self.history.last_id()
    }

    /// The first task's Scheduled is there already.
    pub(crate) fn start_first_task(&mut self) -> i64 {
        self.history.line("WorkflowTaskStarted");
        self.in_progress = true;
        self.history.last_id()
    }

    /// The task in progress fails, for a reason that is an event.
    pub(crate) fn fail_task(&mut self, line: &str) {
        self.history.line(line);
        self.flush();
    }

    /// A reset to the task in progress: the run goes on as another one.
    pub(crate) fn reset(&mut self) {
        self.resets += 1;
        self.fail_task(&format!("WorkflowTaskFailed reset reset-{}", self.resets));
    }

    fn flush(&mut self) {
        self.in_progress = false;
        let closes = |line: &String| {
            ["Completed", "Failed", "TimedOut", "Canceled"]
                .iter()
                .any(|end| line.starts_with(&format!("ActivityTask{end}")))
        };
        let buffered = std::mem::take(&mut self.buffered);
        let (last, first): (Vec<_>, Vec<_>) = buffered.into_iter().partition(closes);
        first
            .iter()
            .chain(&last)
            .for_each(|line| self.history.line(line));
    }

    /// The task in progress completes: its commands' events come, then what was buffered.
    pub(crate) fn complete_task(&mut self, commands: &[Command]) {
        self.in_progress = false;
        let buffered = std::mem::take(&mut self.buffered);
        self.history.line("WorkflowTaskCompleted");
        let mut kept = buffered;
        let mut canceled = Vec::new();
        for command in commands {
            let attributes = command
                .attributes
                .as_ref()
                .expect("a command has attributes");
            match attributes {
                C::ScheduleActivityTaskCommandAttributes(activity) => {
                    let kind = activity.activity_type.as_ref().expect("it has a type");
                    let id = activity.activity_id.clone();
                    self.history
                        .line(&format!("ActivityTaskScheduled {id} {}", kind.name));
                    let scheduled = Activity {
                        id,
                        started: false,
                        cancel_requested: false,
                    };
                    self.activities.insert(self.history.last_id(), scheduled);
                }
                C::RequestCancelActivityTaskCommandAttributes(cancel) => {
                    let id = cancel.scheduled_event_id;
                    self.history
                        .line(&format!("ActivityTaskCancelRequested #{id}"));
                    let Some(activity) = self.activities.get_mut(&id) else {
                        let line =
                            |line: &String| line.split(' ').any(|word| word == format!("#{id}"));
                        assert!(kept.iter().any(line), "activity {id} is not open");
                        continue;
                    };
                    assert!(
                        !activity.cancel_requested,
                        "activity {id} is canceled twice"
                    );
                    activity.cancel_requested = true;
                    if !activity.started {
                        // Nobody has it: it is canceled at once.
                        self.activities.remove(&id);
                        canceled.push(format!("ActivityTaskCanceled #{id}"));
                    }
                }
                C::StartTimerCommandAttributes(timer) => {
                    self.history
                        .line(&format!("TimerStarted {}", timer.timer_id));
                    self.timers.push(timer.timer_id.clone());
                }
                C::CancelTimerCommandAttributes(timer) => {
                    let fired = format!("TimerFired {}", timer.timer_id);
                    let open = self.timers.len() + kept.len();
                    self.timers.retain(|id| *id != timer.timer_id);
                    kept.retain(|line| *line != fired);
                    assert_eq!(
                        self.timers.len() + kept.len(),
                        open - 1,
                        "{fired} or was canceled before"
                    );
                    self.history
                        .line(&format!("TimerCanceled {}", timer.timer_id));
                }
                C::StartChildWorkflowExecutionCommandAttributes(child) => {
                    let id = child.workflow_id.clone();
                    self.history
                        .line(&format!("StartChildWorkflowExecutionInitiated {id} kind"));
                    let child = Child {
                        id,
                        started: false,
                        cancel_requested: false,
                    };
                    self.children.insert(self.history.last_id(), child);
                }
                C::RequestCancelExternalWorkflowExecutionCommandAttributes(cancel) => {
                    let id = cancel.workflow_id.clone();
                    self.history.line(&format!(
                        "RequestCancelExternalWorkflowExecutionInitiated {id}"
                    ));
                    self.messages.insert(self.history.last_id(), Some(id));
                }
                C::SignalExternalWorkflowExecutionCommandAttributes(signal) => {
                    let name = &signal.signal_name;
                    self.history.line(&format!(
                        "SignalExternalWorkflowExecutionInitiated other {name}"
                    ));
                    self.messages.insert(self.history.last_id(), None);
                }
                C::RecordMarkerCommandAttributes(_) => {
                    let text = command_text(command);
                    let words = text.strip_prefix("RecordMarker ").expect("it is a marker");
                    let line = match words.strip_prefix("patch ") {
                        Some(patch) => format!("MarkerRecorded {patch}"),
                        None => words
                            .replace("side effect", "SideEffect")
                            .replace("local activity", "LocalActivity")
                            .replace("failed=canceled", "canceled"),
                    };
                    self.history.line(&line);
                }
                C::UpsertWorkflowSearchAttributesCommandAttributes(_) => self
                    .history
                    .line("UpsertWorkflowSearchAttributes TemporalChangeVersion"),
                end => {
                    assert!(kept.is_empty(), "the end was not refused");
                    self.close(end);
                }
            }
        }
        kept.extend(canceled);
        self.buffered = kept;
        self.flush();
    }

    fn close(&mut self, end: &C) {
        self.closed = true;
        self.history.line(match end {
            C::CompleteWorkflowExecutionCommandAttributes(_) => "WorkflowExecutionCompleted",
            C::FailWorkflowExecutionCommandAttributes(_) => "WorkflowExecutionFailed",
            C::CancelWorkflowExecutionCommandAttributes(_) => "WorkflowExecutionCanceled",
            C::ContinueAsNewWorkflowExecutionCommandAttributes(_) => {
                "WorkflowExecutionContinuedAsNew"
            }
            other => panic!("{other:?} is no command of the engine"),
        });
    }

    /// Something happens outside of the workflow; false when nothing can any more.
    pub(crate) fn happen(&mut self, dice: &mut Dice) -> bool {
        for _ in 0..20 {
            let happened = match dice.below(12) {
                0 => self.message(dice),
                1..4 => self.timer(dice),
                4..7 => self.activity(dice),
                7..8 => self.child(dice),
                8..11 => self.external(dice),
                _ => {
                    let ignorable = ["WorkflowExecutionPaused", "Unknown 4711 ignorable"];
                    self.add(ignorable[dice.below(2)]);
                    false
                }
            };
            if happened {
                return true;
            }
        }
        false
    }

    fn message(&mut self, dice: &mut Dice) -> bool {
        if self.cancels_left > 0 && dice.one_in(6) {
            self.cancels_left -= 1;
            self.add("WorkflowExecutionCancelRequested why");
            return true;
        }
        if self.signals_left == 0 {
            return false;
        }
        self.signals_left -= 1;
        let name = if dice.one_in(15) {
            "end"
        } else {
            dice.pick(&["sync", "async", "unknown"])
        };
        self.add(&format!("WorkflowExecutionSignaled {name}"));
        true
    }

    fn timer(&mut self, dice: &mut Dice) -> bool {
        if self.timers.is_empty() {
            return false;
        }
        let id = self.timers.remove(dice.below(self.timers.len()));
        self.add(&format!("TimerFired {id}"));
        true
    }

    /// A worker takes an activity, or has done with it. Only the latter is an event.
    fn activity(&mut self, dice: &mut Dice) -> bool {
        let open: Vec<i64> = self.activities.keys().copied().collect();
        if open.is_empty() {
            return false;
        }
        let id = *dice.pick(&open);
        let activity = self.activities.get_mut(&id).expect("it is open");
        if !activity.started && dice.one_in(2) {
            activity.started = true;
            return false;
        }
        let canceled = activity.cancel_requested;
        let mut ends = vec!["Completed", "Completed", "Failed", "TimedOut"];
        if canceled {
            ends.extend(["Canceled", "Canceled", "Canceled"]);
        }
        let end = *dice.pick(&ends);
        let (name, never_started) = (activity.id.clone(), end == "TimedOut" && !activity.started);
        self.activities.remove(&id);
        if !never_started {
            self.add(&format!("ActivityTaskStarted #{id}"));
        }
        self.add(&format!("ActivityTask{end} #{id} by-{name}"));
        true
    }

    /// A child starts, does not start, or ends.
    fn child(&mut self, dice: &mut Dice) -> bool {
        let open: Vec<i64> = self.children.keys().copied().collect();
        if open.is_empty() {
            return false;
        }
        let initiated = *dice.pick(&open);
        let child = self.children.get_mut(&initiated).expect("it is open");
        if child.started {
            let mut ends = vec!["Completed", "Completed", "Failed", "TimedOut", "Terminated"];
            if child.cancel_requested {
                ends.extend(["Canceled"; 9]);
            }
            let end = *dice.pick(&ends);
            self.children.remove(&initiated);
            self.add(&format!("ChildWorkflowExecution{end} #{initiated} end"));
        } else if dice.one_in(6) {
            self.children.remove(&initiated);
            self.add(&format!("StartChildWorkflowExecutionFailed #{initiated}"));
        } else {
            child.started = true;
            self.add(&format!("ChildWorkflowExecutionStarted #{initiated}"));
        }
        true
    }

    /// A signal, or a cancel request to a child, arrives or does not.
    fn external(&mut self, dice: &mut Dice) -> bool {
        let open: Vec<i64> = self.messages.keys().copied().collect();
        if open.is_empty() {
            return false;
        }
        let initiated = *dice.pick(&open);
        let target = self.messages.remove(&initiated).expect("it is under way");
        let line = match target {
            None if dice.one_in(4) => "SignalExternalWorkflowExecutionFailed",
            None => "ExternalWorkflowExecutionSignaled",
            Some(id) => match self.children.values_mut().find(|child| child.id == id) {
                Some(child) if !child.started => {
                    // The server keeps it until the child has started.
                    self.messages.insert(initiated, Some(id));
                    return false;
                }
                Some(child) => {
                    child.cancel_requested = true;
                    "ExternalWorkflowExecutionCancelRequested"
                }
                None => "RequestCancelExternalWorkflowExecutionFailed",
            },
        };
        self.add(&format!("{line} #{initiated}"));
        true
    }
}
