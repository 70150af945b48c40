//! Rebuilding a run from its whole history gives what is pending in it, whatever happened.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::command::v1::{
    CancelTimerCommandAttributes, Command, ModifyWorkflowPropertiesCommandAttributes,
    RequestCancelActivityTaskCommandAttributes, RequestCancelNexusOperationCommandAttributes,
    ScheduleActivityTaskCommandAttributes, ScheduleNexusOperationCommandAttributes,
    StartChildWorkflowExecutionCommandAttributes, StartTimerCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{
    ActivityType, Memo, Payload, TimeSkippingConfig, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::{CommandType, ParentClosePolicy};
use durably_protos::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes;
use durably_protos::temporal::api::nexus::v1::{
    Endpoint, EndpointSpec, EndpointTarget, endpoint_target,
};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::RespondWorkflowTaskCompletedRequest;
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use crate::server::clock::{Clock, ClockMode};
use crate::server::limits::Limits;
use crate::server::namespaces::{Namespace, NamespaceName};
use crate::server::run::{NewRun, NexusAnswer, Run, Signal};
use crate::server::search_attributes::SearchAttributeRegistry;
use crate::server::time::{Span, Time};
use crate::server::world::{RunIndex, World};

const SEEDS: u64 = 100;
const STEPS: usize = 60;

/// A world with one run, to which things happen.
struct Walk {
    world: World,
    run: RunIndex,
    random: Pcg64,
    names: u64,
}

impl Walk {
    fn begin(seed: u64) -> Self {
        let clock = Clock::new(ClockMode::Manual, Time::from_system(UNIX_EPOCH));
        let mut world = World::new(clock, seed, Limits::default());
        let name = Arc::new(NamespaceName {
            name: "default".to_owned(),
            id: "id".to_owned(),
        });
        world.namespaces.add(Namespace {
            name: name.clone(),
            search_attributes: SearchAttributeRegistry::default(),
            description: String::new(),
            owner_email: String::new(),
            data: std::collections::BTreeMap::new(),
            retention: Span::ZERO,
        });
        let target = endpoint_target::Worker {
            namespace: "default".to_owned(),
            task_queue: "handlers".to_owned(),
        };
        world.nexus_endpoints.put(Endpoint {
            id: "endpoint-id".to_owned(),
            spec: Some(EndpointSpec {
                name: "endpoint".to_owned(),
                target: Some(EndpointTarget {
                    variant: Some(endpoint_target::Variant::Worker(target)),
                }),
                ..EndpointSpec::default()
            }),
            ..Endpoint::default()
        });
        let started = WorkflowExecutionStartedEventAttributes {
            workflow_type: Some(WorkflowType {
                name: "workflow".to_owned(),
            }),
            task_queue: Some(queue()),
            workflow_task_timeout: Some(seconds(10)),
            attempt: 1,
            // Every other run skips time, some of them not for long.
            time_skipping_config: (seed % 2 == 1).then(|| TimeSkippingConfig {
                enabled: true,
                max_session_skip_count: if seed.is_multiple_of(3) { 2 } else { 200 },
                ..TimeSkippingConfig::default()
            }),
            ..WorkflowExecutionStartedEventAttributes::default()
        };
        let new = NewRun {
            namespace: name,
            workflow_id: "walk".into(),
            run_id: "run".into(),
            started,
            user_metadata: None,
            request_id: "request".to_owned(),
            backoff: Span::ZERO,
            is_child: false,
        };
        let run = world.begin(new, |_, _| ());
        Self {
            world,
            run,
            random: Pcg64::seed_from_u64(seed),
            names: 0,
        }
    }

    fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap();
        usize::try_from(self.random.next_u64() % count).unwrap()
    }

    fn pick(&mut self, ids: &[i64]) -> Option<i64> {
        (!ids.is_empty()).then(|| ids[self.below(ids.len())])
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("n{}", self.names)
    }

    fn run(&self) -> &Run {
        self.world.run(self.run).unwrap()
    }

    /// Lets one thing happen.
    fn step(&mut self) {
        match self.below(10) {
            0 => {
                let signal = Signal {
                    name: "signal".to_owned(),
                    request_id: self.name(),
                    ..Signal::default()
                };
                self.world
                    .change(self.run, |run, tx| run.signal(tx, signal).unwrap());
            }
            1 => {
                let later = self.world.now.after(Span::seconds(1));
                self.world.skip_to(later);
            }
            2 | 3 => self.activity(),
            4 | 5 => self.operation(),
            6 => self.child(),
            _ => self.workflow_task(),
        }
        self.world.settle();
    }

    fn activity(&mut self) {
        let ids: Vec<_> = self.run().activities.keys().copied().collect();
        let Some(id) = self.pick(&ids) else { return };
        let completes = self.below(2) == 0;
        self.world.change(self.run, |run, tx| {
            if run.activities[&id].started.is_none() {
                run.start_activity(tx, id, "worker", "request".to_owned());
            } else if completes {
                run.complete_activity(tx, id, None, "worker".to_owned());
            } else {
                run.fail_activity(tx, id, None, None, "worker".to_owned());
            }
        });
    }

    fn operation(&mut self) {
        let ids: Vec<_> = self.run().operations.keys().copied().collect();
        let Some(id) = self.pick(&ids) else { return };
        let answer = match self.below(4) {
            0 => NexusAnswer::Done(None, Vec::new()),
            1 => NexusAnswer::CancelTaken,
            _ => NexusAnswer::Started("token".to_owned(), Vec::new()),
        };
        self.world.change(self.run, |run, tx| {
            if let Some(handed) = run.hand_out_operation(tx, id) {
                run.operation_answered(tx, id, handed.stamp, answer);
            }
        });
    }

    fn child(&mut self) {
        let runs: Vec<_> = self.run().children.values().filter_map(|c| c.run).collect();
        if runs.is_empty() {
            return;
        }
        let child = runs[self.below(runs.len())];
        self.world.change(child, |run, tx| {
            run.terminate(tx, "enough".to_owned(), None, "walk".to_owned());
        });
    }

    /// Starts the workflow task, or answers it.
    fn workflow_task(&mut self) {
        let Some(task) = &self.run().workflow_task else {
            return;
        };
        let stamp = task.stamp;
        if !task.is_started() {
            self.world.change(self.run, |run, tx| {
                run.start_workflow_task(tx, "worker", "request".to_owned());
            });
            return;
        }
        if self.below(8) == 0 {
            self.world.change(self.run, |run, tx| {
                let cause = durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure;
                run.fail_workflow_task(tx, cause, None, "worker");
            });
            return;
        }
        let count = self.below(4);
        let commands: Vec<_> = (0..count).filter_map(|_| self.command()).collect();
        let request = RespondWorkflowTaskCompletedRequest {
            commands,
            identity: "worker".to_owned(),
            ..RespondWorkflowTaskCompletedRequest::default()
        };
        // Commands that fit together by chance only: a refused answer is a step like any other.
        let _answered = self.world.change(self.run, |run, tx| {
            run.complete_workflow_task(tx, stamp, request).is_ok()
        });
    }

    fn command(&mut self) -> Option<Command> {
        let name = self.name();
        let run = self.run();
        let activities: Vec<_> = run.activities.keys().copied().collect();
        let operations: Vec<_> = run.operations.keys().copied().collect();
        let timers: Vec<_> = run.timers.keys().cloned().collect();
        let (kind, attributes) = match self.below(8) {
            0 | 1 => (
                CommandType::StartTimer,
                C::StartTimerCommandAttributes(Box::new(StartTimerCommandAttributes {
                    timer_id: name,
                    start_to_fire_timeout: Some(seconds(3)),
                })),
            ),
            2 => (
                CommandType::CancelTimer,
                C::CancelTimerCommandAttributes(Box::new(CancelTimerCommandAttributes {
                    timer_id: timers.first()?.clone(),
                })),
            ),
            3 => (CommandType::ScheduleActivityTask, schedule_activity(name)),
            4 => (
                CommandType::RequestCancelActivityTask,
                C::RequestCancelActivityTaskCommandAttributes(Box::new(
                    RequestCancelActivityTaskCommandAttributes {
                        scheduled_event_id: self.pick(&activities)?,
                    },
                )),
            ),
            5 => (
                CommandType::ScheduleNexusOperation,
                C::ScheduleNexusOperationCommandAttributes(Box::new(
                    ScheduleNexusOperationCommandAttributes {
                        endpoint: "endpoint".to_owned(),
                        service: "service".to_owned(),
                        operation: name,
                        schedule_to_close_timeout: Some(seconds(20)),
                        ..ScheduleNexusOperationCommandAttributes::default()
                    },
                )),
            ),
            6 => (
                CommandType::RequestCancelNexusOperation,
                C::RequestCancelNexusOperationCommandAttributes(Box::new(
                    RequestCancelNexusOperationCommandAttributes {
                        scheduled_event_id: self.pick(&operations)?,
                    },
                )),
            ),
            _ if self.below(2) == 0 => (
                CommandType::ModifyWorkflowProperties,
                C::ModifyWorkflowPropertiesCommandAttributes(Box::new(
                    ModifyWorkflowPropertiesCommandAttributes {
                        upserted_memo: Some(Memo {
                            fields: [(name, Payload::default())].into(),
                        }),
                    },
                )),
            ),
            _ => (
                CommandType::StartChildWorkflowExecution,
                C::StartChildWorkflowExecutionCommandAttributes(Box::new(
                    StartChildWorkflowExecutionCommandAttributes {
                        workflow_id: name,
                        workflow_type: Some(WorkflowType {
                            name: "child".to_owned(),
                        }),
                        parent_close_policy: ParentClosePolicy::Abandon.into(),
                        ..StartChildWorkflowExecutionCommandAttributes::default()
                    },
                )),
            ),
        };
        Some(Command {
            command_type: kind.into(),
            attributes: Some(attributes),
            ..Command::default()
        })
    }

    /// Rebuilds the run beside itself.
    fn rebuilt(&mut self) -> Run {
        let index = self.run;
        let last_id = self.run().history.last_id();
        self.world
            .change(index, |run, tx| {
                run.rebuild(tx, index, run.run_id.clone(), last_id).0
            })
            .unwrap()
    }
}

fn schedule_activity(activity_id: String) -> C {
    C::ScheduleActivityTaskCommandAttributes(Box::new(ScheduleActivityTaskCommandAttributes {
        activity_id,
        activity_type: Some(ActivityType {
            name: "activity".to_owned(),
        }),
        task_queue: Some(queue()),
        start_to_close_timeout: Some(seconds(30)),
        ..ScheduleActivityTaskCommandAttributes::default()
    }))
}

fn queue() -> TaskQueue {
    TaskQueue {
        name: "queue".to_owned(),
        ..TaskQueue::default()
    }
}

fn seconds(seconds: i64) -> Duration {
    Duration { seconds, nanos: 0 }
}

/// How the activities are run, which no request changes here.
fn settings(run: &Run) -> Vec<String> {
    let activities = run.activities.values();
    let settings = activities.map(|activity| format!("{:?}", activity.settings));
    settings.collect()
}

#[test]
fn the_whole_history_gives_what_is_pending() {
    let (mut compared, mut skipped) = (0, 0);
    let mut pending = [0; 4];
    for seed in 0..SEEDS {
        let mut walk = Walk::begin(seed);
        for step in 0..STEPS {
            walk.step();
            // What waits in the buffer is not in the history.
            if !walk.run().buffer.is_empty() {
                continue;
            }
            let rebuilt = walk.rebuilt();
            assert_eq!(
                rebuilt.tables(),
                walk.run().tables(),
                "seed {seed}, step {step}"
            );
            assert_eq!(settings(&rebuilt), settings(walk.run()), "seed {seed}");
            compared += 1;
            let run = walk.run();
            skipped += usize::from(run.skipped() > Span::ZERO);
            let counts = [
                run.activities.len(),
                run.operations.len(),
                run.timers.len(),
                run.children.len(),
            ];
            for (all, count) in pending.iter_mut().zip(counts) {
                *all += count;
            }
        }
    }
    assert!(compared > 1000, "only {compared} runs were compared");
    assert!(skipped > 100, "only {skipped} of them had skipped time");
    let rare = pending.iter().any(|&count| count < 100);
    assert!(
        !rare,
        "activities, operations, timers, children: {pending:?}"
    );
}
