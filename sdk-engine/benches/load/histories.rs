//! Histories like those that a server records for the load workflows, of any length.

use durably_protos::google::protobuf::{Duration, Timestamp};
use durably_protos::temporal::api::common::v1::{
    ActivityType, Header, Payloads, Priority, RetryPolicy, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::{EventType, TaskQueueKind};
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::history::v1::*;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::workflows::LoadWorkflow;
pub(super) use super::workflows::json;

/// How many signals a task brings, as in the recorded history.
const SIGNALS_PER_TASK: u64 = 15;
/// As many as the server lets be in flight.
pub(super) const UPDATES_PER_TASK: u64 = 10;
/// How many timers fire, or activities complete, before the next task.
pub(super) const RESULTS_PER_TASK: u64 = 10;

/// A history of about `events` events that ends with the workflow's completion.
pub(crate) fn generate(kind: LoadWorkflow, events: u64) -> Vec<HistoryEvent> {
    let mut recorder = Recorder::default();
    match kind {
        LoadWorkflow::Sequence => recorder.sequence(kind, events / 6),
        LoadWorkflow::FanOut => {
            recorder.fan_out(kind, events * RESULTS_PER_TASK / (3 * RESULTS_PER_TASK + 3));
        }
        LoadWorkflow::Timers => {
            recorder.timers(kind, events * RESULTS_PER_TASK / (2 * RESULTS_PER_TASK + 3));
        }
        LoadWorkflow::Signals => {
            recorder.signals(kind, events * SIGNALS_PER_TASK / (SIGNALS_PER_TASK + 3));
        }
        LoadWorkflow::Updates => {
            recorder.updates(kind, events * UPDATES_PER_TASK / (2 * UPDATES_PER_TASK + 3));
        }
        LoadWorkflow::Children => {
            recorder.children(kind, events * RESULTS_PER_TASK / (3 * RESULTS_PER_TASK + 3));
        }
        LoadWorkflow::Patches => recorder.patches(kind, events * 10 / 25),
        LoadWorkflow::LocalActivities => recorder.local_activities(kind, events),
    }
    recorder.events
}

#[derive(Default)]
pub(super) struct Recorder {
    events: Vec<HistoryEvent>,
    completed: i64,
}

pub(super) fn payloads(number: u64) -> Option<Payloads> {
    Some(Payloads {
        payloads: vec![json(number)],
    })
}

fn task_queue(sticky: bool) -> Option<TaskQueue> {
    let (name, kind) = match sticky {
        true => (
            "worker-56f4603a4580430faf79b712ca85cc8a",
            TaskQueueKind::Sticky,
        ),
        false => ("load", TaskQueueKind::Normal),
    };
    Some(TaskQueue {
        name: name.to_owned(),
        kind: kind.into(),
        normal_name: if sticky {
            "load".to_owned()
        } else {
            String::new()
        },
    })
}

fn seconds(seconds: i64) -> Option<Duration> {
    Some(Duration { seconds, nanos: 0 })
}

impl Recorder {
    fn sequence(&mut self, kind: LoadWorkflow, count: u64) {
        self.start(kind, count);
        for number in 0..count {
            self.task();
            let scheduled = self.schedule(number + 1);
            self.complete_activity(scheduled);
        }
        self.task();
        self.end(count);
    }

    fn fan_out(&mut self, kind: LoadWorkflow, count: u64) {
        self.start(kind, count);
        self.task();
        let scheduled: Vec<i64> = (0..count).map(|number| self.schedule(number + 1)).collect();
        for (number, scheduled) in (1..).zip(scheduled) {
            self.complete_activity(scheduled);
            if number % RESULTS_PER_TASK == 0 && number < count {
                self.task();
            }
        }
        self.task();
        self.end(count);
    }

    fn timers(&mut self, kind: LoadWorkflow, count: u64) {
        self.start(kind, count);
        self.task();
        let first = self.last() + 1;
        for number in 1..=count {
            let attributes = TimerStartedEventAttributes {
                timer_id: number.to_string(),
                start_to_fire_timeout: Some(Duration {
                    seconds: 0,
                    nanos: 1_000_000,
                }),
                workflow_task_completed_event_id: self.completed,
            };
            self.add(
                EventType::TimerStarted,
                A::TimerStartedEventAttributes(attributes.into()),
            );
        }
        for (number, started_event_id) in (1..=count).zip(first..) {
            let attributes = TimerFiredEventAttributes {
                timer_id: number.to_string(),
                started_event_id,
            };
            self.add(
                EventType::TimerFired,
                A::TimerFiredEventAttributes(attributes.into()),
            );
            if number % RESULTS_PER_TASK == 0 && number < count {
                self.task();
            }
        }
        self.task();
        self.end(count);
    }

    fn signals(&mut self, kind: LoadWorkflow, count: u64) {
        self.start(kind, count);
        self.task();
        for number in 1..=count {
            let attributes = WorkflowExecutionSignaledEventAttributes {
                signal_name: "add".to_owned(),
                input: payloads(1),
                request_id: "e3913128-76ec-4602-8603-284174a78b6d".to_owned(),
                ..Default::default()
            };
            let attributes = A::WorkflowExecutionSignaledEventAttributes(attributes.into());
            self.add(EventType::WorkflowExecutionSignaled, attributes);
            if number % SIGNALS_PER_TASK == 0 && number < count {
                self.task();
            }
        }
        self.task();
        self.end(count);
    }

    pub(super) fn last(&self) -> i64 {
        self.events.last().map_or(0, |event| event.event_id)
    }

    pub(super) fn add(&mut self, kind: EventType, attributes: A) -> i64 {
        let event_id = self.last() + 1;
        self.events.push(HistoryEvent {
            event_id,
            event_time: Some(Timestamp {
                seconds: 1_795_000_000 + event_id / 100,
                nanos: 228_500_628,
            }),
            event_type: kind.into(),
            task_id: 1_248_267 + event_id,
            attributes: Some(attributes),
            ..Default::default()
        });
        event_id
    }

    pub(super) fn start(&mut self, kind: LoadWorkflow, count: u64) {
        let run_id = "01a203cb-949c-7537-ab1d-7aff03e9bc11";
        let attributes = WorkflowExecutionStartedEventAttributes {
            workflow_type: Some(WorkflowType {
                name: kind.name().to_owned(),
            }),
            task_queue: task_queue(false),
            input: payloads(count),
            workflow_task_timeout: seconds(10),
            original_execution_run_id: run_id.to_owned(),
            first_execution_run_id: run_id.to_owned(),
            attempt: 1,
            workflow_id: "workflow".to_owned(),
            priority: Some(Priority::default()),
            ..Default::default()
        };
        let attributes = A::WorkflowExecutionStartedEventAttributes(attributes.into());
        self.add(EventType::WorkflowExecutionStarted, attributes);
    }

    pub(super) fn task(&mut self) {
        let attributes = WorkflowTaskScheduledEventAttributes {
            task_queue: task_queue(self.completed > 0),
            start_to_close_timeout: seconds(10),
            attempt: 1,
        };
        let attributes = A::WorkflowTaskScheduledEventAttributes(attributes.into());
        let scheduled_event_id = self.add(EventType::WorkflowTaskScheduled, attributes);
        let attributes = WorkflowTaskStartedEventAttributes {
            scheduled_event_id,
            identity: "worker".to_owned(),
            request_id: "d721824e-5e62-4ed1-bbf1-59b573f1b7c1".to_owned(),
            history_size_bytes: 100 * scheduled_event_id,
            ..Default::default()
        };
        let attributes = A::WorkflowTaskStartedEventAttributes(attributes.into());
        let started_event_id = self.add(EventType::WorkflowTaskStarted, attributes);
        let attributes = WorkflowTaskCompletedEventAttributes {
            scheduled_event_id,
            started_event_id,
            identity: "worker".to_owned(),
            sdk_metadata: Some(Box::default()),
            ..Default::default()
        };
        let attributes = A::WorkflowTaskCompletedEventAttributes(attributes.into());
        self.completed = self.add(EventType::WorkflowTaskCompleted, attributes);
    }

    fn schedule(&mut self, number: u64) -> i64 {
        let attributes = ActivityTaskScheduledEventAttributes {
            activity_id: number.to_string(),
            activity_type: Some(ActivityType {
                name: "noop".to_owned(),
            }),
            task_queue: task_queue(false),
            header: Some(Header::default()),
            input: payloads(1),
            schedule_to_close_timeout: seconds(0),
            schedule_to_start_timeout: seconds(0),
            start_to_close_timeout: seconds(60),
            heartbeat_timeout: seconds(0),
            workflow_task_completed_event_id: self.completed,
            retry_policy: Some(RetryPolicy {
                initial_interval: seconds(1),
                backoff_coefficient: 2.0,
                maximum_interval: seconds(100),
                ..Default::default()
            }),
            ..Default::default()
        };
        let attributes = A::ActivityTaskScheduledEventAttributes(attributes.into());
        self.add(EventType::ActivityTaskScheduled, attributes)
    }

    fn complete_activity(&mut self, scheduled_event_id: i64) {
        let attributes = ActivityTaskStartedEventAttributes {
            scheduled_event_id,
            identity: "worker".to_owned(),
            request_id: "424675b9-f419-410c-83b6-5e7375d82392".to_owned(),
            attempt: 1,
            ..Default::default()
        };
        let attributes = A::ActivityTaskStartedEventAttributes(attributes.into());
        let started_event_id = self.add(EventType::ActivityTaskStarted, attributes);
        let attributes = ActivityTaskCompletedEventAttributes {
            result: payloads(1),
            scheduled_event_id,
            started_event_id,
            identity: "worker".to_owned(),
            ..Default::default()
        };
        let attributes = A::ActivityTaskCompletedEventAttributes(attributes.into());
        self.add(EventType::ActivityTaskCompleted, attributes);
    }

    pub(super) fn end(&mut self, result: u64) {
        let attributes = WorkflowExecutionCompletedEventAttributes {
            result: payloads(result),
            workflow_task_completed_event_id: self.completed,
            ..Default::default()
        };
        let attributes = A::WorkflowExecutionCompletedEventAttributes(attributes.into());
        self.add(EventType::WorkflowExecutionCompleted, attributes);
    }
}
