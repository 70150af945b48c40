//! The workflows of the load comparison, on the bare engine: each takes one JSON number.

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use durably_engine::{
    ActivityCancellationType, ActivityOperation, ChildCancellationType, Context, Instance,
    LocalActivityOptions, Outcome, Query, SignalDelivery, SignalInput, StartedWorkflow, TaskEnd,
    TaskFuture, UpdateDelivery, UpdateEnd, UpdateInput, Workflow,
};
use durably_protos::google::protobuf;
use durably_protos::temporal::api::command::v1::{
    ScheduleActivityTaskCommandAttributes, StartChildWorkflowExecutionCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{ActivityType, Payload, Payloads, WorkflowType};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

/// Which workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoadWorkflow {
    /// Activities one after the other.
    Sequence,
    /// Activities started together, then joined.
    FanOut,
    /// Timers started together, then joined.
    Timers,
    /// Waits for signals `add` and sums up their numbers.
    Signals,
    /// Waits for updates `add`; each is answered at once.
    Updates,
    /// Children started together, then joined.
    Children,
    /// Asks for patches, one after the other, with a timer after every tenth.
    Patches,
    /// Local activities after each other, all in one task.
    LocalActivities,
}

impl LoadWorkflow {
    pub(crate) const ALL: [Self; 8] = [
        Self::Sequence,
        Self::FanOut,
        Self::Timers,
        Self::Signals,
        Self::Updates,
        Self::Children,
        Self::Patches,
        Self::LocalActivities,
    ];

    /// Its workflow type in recorded histories.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sequence => "seq",
            Self::FanOut => "fanout",
            Self::Timers => "timers",
            Self::Signals => "signals",
            Self::Updates => "updates",
            Self::Children => "children",
            Self::Patches => "patches",
            Self::LocalActivities => "local",
        }
    }

    /// The workflow of the type that a history names.
    pub(crate) fn of_history(events: &[HistoryEvent]) -> Result<Self, String> {
        let name = match events.first().and_then(|event| event.attributes.as_ref()) {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => {
                started.workflow_type.as_ref().map_or("", |kind| &kind.name)
            }
            _ => return Err("the history does not begin with its start".to_owned()),
        };
        let known = Self::ALL.into_iter().find(|kind| kind.name() == name);
        known.ok_or_else(|| format!("there is no load workflow of type \"{name}\""))
    }
}

#[derive(Default)]
struct Received {
    count: Cell<u64>,
    sum: Cell<u64>,
}

struct LoadInstance(Rc<Received>);

impl Workflow for LoadWorkflow {
    fn start(&self, context: &Context, input: &[Payload]) -> Result<StartedWorkflow, Failure> {
        let (context, count) = (context.clone(), number(input));
        let received = Rc::<Received>::default();
        let main: TaskFuture = match self {
            Self::Sequence => Box::pin(sequence(context, count)),
            Self::FanOut => Box::pin(fan_out(context, count)),
            Self::Timers => Box::pin(timers(context, count)),
            Self::Signals | Self::Updates => Box::pin(signals(context, count, received.clone())),
            Self::Children => Box::pin(children(context, count)),
            Self::Patches => Box::pin(patches(context, count)),
            Self::LocalActivities => Box::pin(local_activities(context, count)),
        };
        Ok(StartedWorkflow {
            instance: Box::new(LoadInstance(received)),
            main,
        })
    }
}

impl Instance for LoadInstance {
    fn signal(&self, _: &Context, signal: SignalInput) -> SignalDelivery {
        self.0.count.set(self.0.count.get() + 1);
        self.0.sum.set(self.0.sum.get() + number(&signal.arguments));
        SignalDelivery::Done(TaskEnd::Done)
    }

    fn knows_update(&self, _: &Context, name: &str) -> bool {
        name == "add"
    }

    fn validate_update(&self, _: &Context, _: &UpdateInput) -> Result<(), Failure> {
        Ok(())
    }

    fn update(&self, _: &Context, update: UpdateInput) -> UpdateDelivery {
        self.0.count.set(self.0.count.get() + 1);
        self.0.sum.set(self.0.sum.get() + number(&update.arguments));
        UpdateDelivery::Done(UpdateEnd::Completed(Some(json(self.0.sum.get()))))
    }

    fn query(&self, _: &Context, _: &Query) -> Result<Payload, Failure> {
        Ok(json(self.0.sum.get()))
    }
}

async fn sequence(context: Context, count: u64) -> TaskEnd {
    for _ in 0..count {
        if noop(&context).await.is_none() {
            break;
        }
    }
    done(count)
}

async fn fan_out(context: Context, count: u64) -> TaskEnd {
    let activities: Vec<_> = (0..count).map(|_| noop(&context)).collect();
    for activity in activities {
        activity.await;
    }
    done(count)
}

async fn timers(context: Context, count: u64) -> TaskEnd {
    let start = |_| {
        let here = Location::caller();
        context.start_timer(Duration::from_millis(1), None, here)
    };
    let timers: Vec<_> = (0..count).map(start).collect();
    let mut fired = 0;
    for timer in timers {
        fired += u64::from(timer.await.is_ok());
    }
    done(fired)
}

async fn signals(context: Context, count: u64, received: Rc<Received>) -> TaskEnd {
    let seen = received.clone();
    match context.wait_until(move || seen.count.get() >= count).await {
        Ok(()) => done(received.sum.get()),
        Err(_) => TaskEnd::Workflow(Outcome::Canceled(None)),
    }
}

async fn children(context: Context, count: u64) -> TaskEnd {
    let start = |number| {
        let attributes = StartChildWorkflowExecutionCommandAttributes {
            workflow_id: format!("child-{number}"),
            workflow_type: Some(WorkflowType {
                name: "child".to_owned(),
            }),
            ..Default::default()
        };
        let kind = ChildCancellationType::default();
        context.start_child(attributes, None, kind, Location::caller())
    };
    let children: Vec<_> = (0..count).map(start).collect();
    for child in children {
        child.await;
    }
    done(count)
}

async fn patches(context: Context, count: u64) -> TaskEnd {
    let mut new = 0;
    for number in 0..count {
        new += u64::from(context.patched(&patch(number), false, Location::caller()));
        if number % 10 == 9 {
            let here = Location::caller();
            let timer = context.start_timer(Duration::from_millis(1), None, here);
            if timer.await.is_err() {
                break;
            }
        }
    }
    done(new)
}

/// The id of a patch.
pub(crate) fn patch(number: u64) -> String {
    format!("patch-{number}")
}

async fn local_activities(context: Context, count: u64) -> TaskEnd {
    for _ in 0..count {
        let options = LocalActivityOptions {
            activity_type: "noop".to_owned(),
            ..Default::default()
        };
        context
            .schedule_local_activity(options, Location::caller())
            .await;
    }
    done(count)
}

fn noop(context: &Context) -> ActivityOperation {
    let attributes = ScheduleActivityTaskCommandAttributes {
        activity_type: Some(ActivityType {
            name: "noop".to_owned(),
        }),
        task_queue: Some(TaskQueue {
            name: "load".to_owned(),
            ..Default::default()
        }),
        input: Some(Payloads {
            payloads: vec![json(1)],
        }),
        start_to_close_timeout: Some(protobuf::Duration {
            seconds: 60,
            nanos: 0,
        }),
        ..Default::default()
    };
    let kind = ActivityCancellationType::TryCancel;
    context.schedule_activity(attributes, None, kind, Location::caller())
}

fn done(result: u64) -> TaskEnd {
    TaskEnd::Workflow(Outcome::Completed(Some(json(result))))
}

/// A number as a JSON payload.
pub(crate) fn json(number: u64) -> Payload {
    Payload {
        metadata: [("encoding", b"json/plain".as_slice().into())].into(),
        data: number.to_string().into(),
        ..Default::default()
    }
}

fn number(payloads: &[Payload]) -> u64 {
    let text = payloads
        .first()
        .and_then(|payload| std::str::from_utf8(&payload.data).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}
