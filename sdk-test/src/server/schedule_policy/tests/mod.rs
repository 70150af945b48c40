//! Schedules over time. The world carries out decisions and keeps the workflows.

mod describing;
mod limits;
mod overlapping;
mod requests;

use durably_protos::google::protobuf::{Duration, Timestamp as ProtoTimestamp};
use durably_protos::temporal::api::common::v1::{Payload, Payloads, WorkflowType};
use durably_protos::temporal::api::enums::v1::{ScheduleOverlapPolicy, WorkflowExecutionStatus};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::schedule::v1::schedule_action::Action;
use durably_protos::temporal::api::schedule::v1::{
    BackfillRequest, IntervalSpec, Schedule, ScheduleAction, SchedulePatch, ScheduleSpec,
    TriggerImmediatelyRequest,
};
use durably_protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;
use jiff::{SignedDuration, Timestamp};

use super::{Decision, ScheduleState, WorkflowOutcome};
use crate::server::schedule_spec::{proto_timestamp, timestamp_of};

/// When all schedules are created: a whole hour.
const START: Timestamp = Timestamp::constant(1_700_000_000 / 3600 * 3600, 0);

fn hourly() -> Schedule {
    Schedule {
        spec: Some(ScheduleSpec {
            interval: vec![IntervalSpec {
                interval: Some(Duration {
                    seconds: 3600,
                    nanos: 0,
                }),
                phase: None,
            }],
            ..ScheduleSpec::default()
        }),
        action: Some(ScheduleAction {
            action: Some(Action::StartWorkflow(NewWorkflowExecutionInfo {
                workflow_id: "w".to_owned(),
                workflow_type: Some(WorkflowType {
                    name: "wf".to_owned(),
                }),
                ..NewWorkflowExecutionInfo::default()
            })),
        }),
        ..Schedule::default()
    }
}

fn hourly_with(policy: ScheduleOverlapPolicy) -> Schedule {
    let mut schedule = hourly();
    schedule
        .policies
        .get_or_insert_default()
        .set_overlap_policy(policy);
    schedule
}

fn minutes(minutes: i64) -> Timestamp {
    START + SignedDuration::from_mins(minutes)
}

/// A schedule, what it did, and the time.
struct World {
    state: ScheduleState,
    now: Timestamp,
    /// `start +60`, `cancel +60`, …: the kind and the nominal time in minutes.
    log: Vec<String>,
    /// Workflow ids that cannot be started.
    refused: Vec<String>,
}

impl World {
    fn new(schedule: Schedule) -> Self {
        Self {
            state: ScheduleState::new(schedule, "seed", START).expect("the schedule is valid"),
            now: START,
            log: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Lets time pass, stopping wherever the schedule wants to wake.
    fn pass_until(&mut self, end: Timestamp) {
        while let Some(wake) = self.state.next_wake().filter(|wake| *wake <= end) {
            assert!(wake >= self.now, "the schedule wants to wake in the past");
            self.now = wake;
            let decisions = self.state.advance(self.now);
            self.carry_out(decisions);
        }
        self.now = end;
    }

    fn carry_out(&mut self, decisions: Vec<Decision>) {
        let mut queue: std::collections::VecDeque<Decision> = decisions.into();
        while let Some(decision) = queue.pop_front() {
            match decision {
                Decision::Start(start) if self.refused.contains(&start.workflow_id) => {
                    self.log(&format!("refuse {}", shown(&start.workflow_id)));
                    queue.extend(self.state.record_failed(start.id, self.now));
                }
                Decision::Start(start) => {
                    self.log(&format!("start {}", shown(&start.workflow_id)));
                    let run_id = format!("run-{}", start.id);
                    self.state.record_started(start.id, &run_id, self.now);
                }
                Decision::Cancel(execution) => {
                    self.log(&format!("cancel {}", shown(&execution.workflow_id)));
                }
                Decision::Terminate(execution) => {
                    self.log(&format!("terminate {}", shown(&execution.workflow_id)));
                }
            }
        }
    }

    fn log(&mut self, line: &str) {
        self.log.push(line.to_owned());
    }

    fn close(&mut self, minute: i64, outcome: WorkflowOutcome) {
        let workflow_id = format!("w-{}", minutes(minute).strftime("%Y-%m-%dT%H:%M:%SZ"));
        let decisions = self.state.workflow_closed(&workflow_id, outcome, self.now);
        self.carry_out(decisions);
    }

    fn trigger(&mut self, policy: ScheduleOverlapPolicy) {
        let decisions = self.state.patch(&trigger(policy), self.now);
        self.carry_out(decisions);
    }

    fn backfill(&mut self, from: i64, to: i64, policy: ScheduleOverlapPolicy) {
        let mut request = BackfillRequest {
            start_time: Some(proto_timestamp(minutes(from))),
            end_time: Some(proto_timestamp(minutes(to))),
            ..BackfillRequest::default()
        };
        request.set_overlap_policy(policy);
        let patch = SchedulePatch {
            backfill_request: vec![request],
            ..SchedulePatch::default()
        };
        let decisions = self.state.patch(&patch, self.now);
        self.carry_out(decisions);
    }

    fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }
}

/// A request to start the action now.
fn trigger(policy: ScheduleOverlapPolicy) -> SchedulePatch {
    let mut request = TriggerImmediatelyRequest::default();
    request.set_overlap_policy(policy);
    SchedulePatch {
        trigger_immediately: Some(request),
        ..SchedulePatch::default()
    }
}

/// The minute of a workflow id that ends with a time.
fn shown(workflow_id: &str) -> String {
    let time = workflow_id.strip_prefix("w-").expect("the configured id");
    let time: Timestamp = time.parse().expect("a time in RFC 3339");
    minute_of(time)
}

fn minute_of(time: Timestamp) -> String {
    format!("{:+}", time.duration_since(START).as_mins())
}

fn future_minutes(times: &[ProtoTimestamp]) -> Vec<String> {
    times
        .iter()
        .map(|time| minute_of(timestamp_of(time)))
        .collect()
}

fn completed() -> WorkflowOutcome {
    WorkflowOutcome {
        status: WorkflowExecutionStatus::Completed,
        result: None,
        failure: None,
    }
}

fn completed_with(result: &'static str) -> WorkflowOutcome {
    WorkflowOutcome {
        result: Some(payloads(result)),
        ..completed()
    }
}

fn payloads(data: &'static str) -> Payloads {
    Payloads {
        payloads: vec![Payload {
            data: data.into(),
            ..Payload::default()
        }],
    }
}

fn failed(message: &str) -> WorkflowOutcome {
    WorkflowOutcome {
        status: WorkflowExecutionStatus::Failed,
        result: None,
        failure: Some(Failure {
            message: message.to_owned(),
            ..Failure::default()
        }),
    }
}
