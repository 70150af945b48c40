//! Whether what is pending in a run has its events, and is counted as it is.

use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;

use super::Faults;
use crate::server::run::{ActivityState, Run, TaskKind};

pub(super) fn check(faults: &mut Faults, run: &Run) {
    pending(faults, run);
    counts(faults, run);
    workflow_task(faults, run);
}

/// Everything that is pending was begun by an event.
fn pending(faults: &mut Faults, run: &Run) {
    let mut begun = |what: &str, id: i64, kind: EventType| {
        let place = usize::try_from(id - 1).ok();
        let event = place.and_then(|place| run.history.events().get(place));
        let is = event.map(HistoryEvent::event_type);
        faults.unless(is == Some(kind), || {
            format!("{what} {id} was begun by {is:?} instead of {kind:?}")
        });
    };
    for &id in run.activities.keys() {
        begun("activity", id, EventType::ActivityTaskScheduled);
    }
    for timer in run.timers.values() {
        begun("timer", timer.started_id, EventType::TimerStarted);
    }
    for (&id, child) in &run.children {
        begun("child", id, EventType::StartChildWorkflowExecutionInitiated);
        if child.started_id != 0 {
            let kind = EventType::ChildWorkflowExecutionStarted;
            begun("started child", child.started_id, kind);
        }
    }
    for &id in run.operations.keys() {
        begun("operation", id, EventType::NexusOperationScheduled);
    }
}

fn counts(faults: &mut Faults, run: &Run) {
    let in_flight = run.activities.values().filter(|activity| {
        matches!(
            activity.state,
            ActivityState::Waiting | ActivityState::Started
        )
    });
    let (is, counted) = (in_flight.count(), run.activities_in_flight);
    faults.unless(is == counted || !run.is_open(), || {
        format!("{is} activities are in flight, {counted} are counted")
    });
    let named = run.activities.iter().all(|(id, activity)| {
        let of_name = run.activity_ids.get(&activity.activity_id);
        of_name == Some(id)
    });
    faults.unless(
        named && run.activities.len() == run.activity_ids.len(),
        || "the ids of activities are not those of the activities".to_owned(),
    );
    let (open, undecided) = run.updates.recounted();
    let counted = (run.updates.open(), run.updates.in_flight());
    faults.unless((open, undecided) == counted, || {
        format!("{open} updates are open and {undecided} undecided, counted are {counted:?}")
    });
    faults.unless(run.is_open() || open == 0, || {
        format!("is closed and has {open} open updates")
    });
}

fn workflow_task(faults: &mut Faults, run: &Run) {
    let Some(task) = &run.workflow_task else {
        faults.unless(run.buffer.is_empty(), || {
            "events are buffered without a workflow task".to_owned()
        });
        return;
    };
    faults.unless(run.is_open(), || {
        "is closed and has a workflow task".to_owned()
    });
    let last = run.history.last_id();
    let fits = match task.kind {
        TaskKind::Normal => task.scheduled_id <= last,
        TaskKind::Transient | TaskKind::Speculative => {
            !task.is_started() || task.scheduled_id == last + 1
        }
    };
    faults.unless(fits, || {
        format!("{:?} task {} at event {last}", task.kind, task.scheduled_id)
    });
    let ends = task.timer.is_some() || !task.is_started();
    faults.unless(ends, || {
        "a started workflow task never times out".to_owned()
    });
    faults.unless(task.is_started() || run.buffer.is_empty(), || {
        "events are buffered while no worker has the workflow task".to_owned()
    });
}
