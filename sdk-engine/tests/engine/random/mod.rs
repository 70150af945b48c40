//! Random workflows against a server that makes their histories, with seeds: whatever a run does
//! that stays in memory, a run does that is built anew for each workflow task.
//!
//! `DURABLY_SEEDS=1000..2000 cargo test -p durably-engine --test engine random` tries more seeds.

mod dice;
mod local;
mod mutate;
mod program;
mod server;

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use durably_engine::{Completion, Query, Run, Workflow, WorkflowTask};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;

use self::dice::Dice;
use self::local::Worker;
use self::program::Program;
use self::server::Server;
use crate::support::check::{run_of, task};
use crate::support::text::completion_text;

const MOST_TASKS: usize = 40;

/// The seeds to try.
pub(crate) fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("DURABLY_SEEDS") else {
        return 0..300;
    };
    let (from, to) = text
        .split_once("..")
        .expect("DURABLY_SEEDS is a range, FROM..TO");
    from.parse().expect("FROM is a number")..to.parse().expect("TO is a number")
}

/// An execution: its server, and the run that stays in memory.
struct Execution {
    dice: Dice,
    server: Server,
    workflow: Rc<dyn Workflow>,
    cached: Option<Worker>,
    /// Local activities go on: the server makes another task at once.
    forced: bool,
}

impl Execution {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let workflow = Program::new(&mut dice).into_workflow().rc();
        let server = Server::new(&mut dice);
        Self {
            cached: None,
            forced: false,
            dice,
            server,
            workflow,
        }
    }

    /// Runs the execution to its end, or until nothing more happens.
    fn run(&mut self) {
        let mut started = self.server.start_first_task();
        for _ in 0..MOST_TASKS {
            self.execute_task(started);
            if self.server.is_closed() {
                return self.replay_whole();
            }
            self.query_between_tasks();
            self.speculative_task();
            let idle = !self.server.happen(&mut self.dice);
            if idle && !self.forced && !self.dice.one_in(3) {
                return self.replay_whole();
            }
            while self.dice.one_in(2) && self.server.happen(&mut self.dice) {}
            started = self.server.start_task();
        }
    }

    fn execute_task(&mut self, started: i64) {
        let completion = self.answers(started);
        let completed = match completion {
            Completion::Completed(completed) => completed,
            other => panic!("{}", completion_text(&other)),
        };
        self.forced = completed.force_new_task;
        while self.dice.one_in(3) && self.server.happen(&mut self.dice) {}
        let lost = match self.dice.below(20) {
            0 => Some("WorkflowTaskTimedOut"),
            1 => Some("WorkflowTaskFailed"),
            // UnhandledCommand: the end is refused when something has arrived meanwhile.
            _ if completed.terminal && self.server.has_buffered() => Some("WorkflowTaskFailed"),
            _ => None,
        };
        match lost {
            Some(line) => {
                self.cached = None;
                self.server.fail_task(line);
            }
            None if self.dice.one_in(40) => {
                self.cached = None;
                self.server.reset();
            }
            None => self.server.complete_task(&completed.commands),
        }
    }

    /// The answer to a task, by the run in memory and by runs built for it. All must agree.
    fn answers(&mut self, started: i64) -> Completion {
        let events = self.server.events().to_vec();
        let asks = self.dice.one_in(2);
        let task = || match asks {
            true => with_query(started),
            false => task(started),
        };
        let ends = self.dice.next();
        let mut built = Worker::new(run_of(&self.workflow));
        let of_built = self.in_pages(&mut built.run, task(), &events);
        let of_built = built.go_on(of_built, &mut Dice::new(ends));
        let cached = self.cached.take();
        let mut worker = cached.unwrap_or_else(|| Worker::new(run_of(&self.workflow)));
        let next = usize::try_from(worker.run.last_started_event_id()).expect("an id");
        let completion = self.in_pages(&mut worker.run, task(), &events[next..]);
        let completion = worker.go_on(completion, &mut Dice::new(ends));
        assert_eq!(
            without_times(&of_built),
            without_times(&completion),
            "the task of event {started}"
        );
        // Sometimes the run leaves memory.
        self.cached = (!self.dice.one_in(10)).then_some(worker);
        completion
    }

    fn in_pages(
        &mut self,
        run: &mut Run,
        task: WorkflowTask,
        events: &[HistoryEvent],
    ) -> Completion {
        run.begin(task);
        let mut rest = events;
        while !rest.is_empty() {
            let length = match self.dice.below(4) {
                0 => rest.len(),
                _ => self.dice.below(7).min(rest.len()),
            };
            // Pages may overlap, and be empty.
            let (from, known) = (events.len() - rest.len(), self.dice.below(3));
            let page = events[from - known.min(from)..from + length].to_vec();
            rest = &rest[length..];
            let pushed = run.push_events(page);
            assert!(pushed.is_ok() || run.must_be_evicted());
        }
        if self.dice.one_in(2) {
            // An error comes again from `finish`.
            let _ = run.replay();
        }
        run.finish()
    }

    /// A legacy query: the run in memory, and one built for the query, are in the same state. The
    /// latter sometimes takes the former's place.
    fn query_between_tasks(&mut self) {
        if !self.dice.one_in(3) {
            return;
        }
        let events = self.server.events().to_vec();
        let mut built = run_of(&self.workflow);
        let answer = completion_text(&self.in_pages(&mut built, with_query(0), &events));
        if let Some(mut cached) = self.cached.take() {
            let of_cached = completion_text(&self.in_pages(&mut cached.run, with_query(0), &[]));
            assert_eq!(of_cached, answer, "a query between tasks");
            self.cached = Some(match self.dice.one_in(2) {
                true => Worker::new(built),
                false => cached,
            });
        }
    }

    /// A task for an update that is rejected: the server discards it.
    fn speculative_task(&mut self) {
        let (Some(cached), true) = (&mut self.cached, self.dice.one_in(4)) else {
            return;
        };
        if self.forced {
            return;
        }
        let cached = &mut cached.run;
        let last = cached.last_started_event_id();
        let mut events = self.server.events()[usize::try_from(last).expect("an id")..].to_vec();
        let own = |event: &HistoryEvent| {
            event.event_type() == EventType::WorkflowTaskCompleted
                || crate::support::text::event_key(event).is_some()
        };
        if events.is_empty() || !events.iter().all(own) {
            return;
        }
        let id = events.last().expect("there is one").event_id;
        for (number, kind) in [
            (id + 1, EventType::WorkflowTaskScheduled),
            (id + 2, EventType::WorkflowTaskStarted),
        ] {
            events.push(speculative(number, kind));
        }
        cached.begin(task(id + 2));
        cached.push_last_events(events);
        assert_eq!(
            completion_text(&cached.finish()),
            "nothing",
            "a speculative task"
        );
        cached.discard_speculative_task(last);
    }

    fn replay_whole(&mut self) {
        let mut run = run_of(&self.workflow);
        let replayed = run
            .push_events(self.server.events().to_vec())
            .and_then(|()| run.finish_replay());
        replayed.expect("what was executed can be replayed");
    }
}

/// A run that was built anew began its local activities later.
fn without_times(completion: &Completion) -> String {
    let text = completion_text(completion);
    let words = text.split(' ').filter(|word| !word.starts_with("at="));
    words.collect::<Vec<_>>().join(" ")
}

fn speculative(event_id: i64, kind: EventType) -> HistoryEvent {
    use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
    let attributes = match kind {
        EventType::WorkflowTaskStarted => A::WorkflowTaskStartedEventAttributes(Box::default()),
        _ => A::WorkflowTaskScheduledEventAttributes(Box::default()),
    };
    HistoryEvent {
        event_id,
        event_time: Some(durably_protos::google::protobuf::Timestamp {
            seconds: event_id,
            nanos: 0,
        }),
        event_type: kind.into(),
        attributes: Some(attributes),
        ..Default::default()
    }
}

/// A task that also asks for the log.
fn with_query(started_event_id: i64) -> WorkflowTask {
    WorkflowTask {
        started_event_id,
        queries: vec![Query {
            id: "q".to_owned(),
            name: "log".to_owned(),
            arguments: Vec::new(),
            header: None,
        }],
        ..Default::default()
    }
}

/// Runs an execution; a failure names its seed.
pub(crate) fn history_of(seed: u64) -> (Vec<HistoryEvent>, Rc<dyn Workflow>) {
    let mut execution = Execution::new(seed);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| execution.run()));
    let history = || {
        let events = execution.server.events().iter();
        let names =
            events.map(|event| format!("{} {}", event.event_id, event.event_type().as_str_name()));
        names.collect::<Vec<_>>().join("\n")
    };
    assert!(outcome.is_ok(), "seed {seed} failed after\n{}", history());
    (
        execution.server.events().to_vec(),
        execution.workflow.clone(),
    )
}

#[test]
fn runs_in_memory_and_runs_built_anew_do_the_same() {
    let mut kinds = BTreeSet::new();
    let mut most = 0;
    for seed in seeds() {
        let (events, _) = history_of(seed);
        most = most.max(events.len());
        kinds.extend(events.iter().map(HistoryEvent::event_type));
    }
    // The test tests what it is meant to.
    for kind in [
        EventType::ActivityTaskCanceled,
        EventType::ActivityTaskCancelRequested,
        EventType::ActivityTaskCompleted,
        EventType::ActivityTaskFailed,
        EventType::ActivityTaskTimedOut,
        EventType::ChildWorkflowExecutionCanceled,
        EventType::ChildWorkflowExecutionCompleted,
        EventType::ExternalWorkflowExecutionCancelRequested,
        EventType::ExternalWorkflowExecutionSignaled,
        EventType::MarkerRecorded,
        EventType::RequestCancelExternalWorkflowExecutionFailed,
        EventType::SignalExternalWorkflowExecutionFailed,
        EventType::StartChildWorkflowExecutionFailed,
        EventType::UpsertWorkflowSearchAttributes,
        EventType::TimerCanceled,
        EventType::TimerFired,
        EventType::WorkflowExecutionCanceled,
        EventType::WorkflowExecutionCancelRequested,
        EventType::WorkflowExecutionCompleted,
        EventType::WorkflowExecutionContinuedAsNew,
        EventType::WorkflowExecutionFailed,
        EventType::WorkflowExecutionSignaled,
        EventType::WorkflowTaskFailed,
        EventType::WorkflowTaskTimedOut,
    ] {
        assert!(
            kinds.contains(&kind),
            "no seed made a {}",
            kind.as_str_name()
        );
    }
    assert!(most > 60, "the longest history had {most} events");
}
