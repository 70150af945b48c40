//! Whether the events of a run are in order, and end as the run did.

use durably_protos::temporal::api::enums::v1::{EventType, WorkflowExecutionStatus as Status};
use durably_protos::temporal::api::history::v1::HistoryEvent;

use super::Faults;
use crate::server::run::Run;
use crate::server::time::Time;

pub(super) fn check(faults: &mut Faults, run: &Run, now: Time) {
    let events = run.history.events();
    let first = events.first().map(HistoryEvent::event_type);
    faults.unless(first == Some(EventType::WorkflowExecutionStarted), || {
        format!("begins with {first:?}")
    });
    for (place, event) in events.iter().enumerate() {
        let id = event.event_id;
        faults.unless(usize::try_from(id) == Ok(place + 1), || {
            format!("event {id} stands at place {place}")
        });
        let time = event.event_time.as_ref();
        let is_sane = time.is_some_and(|time| {
            (0..1_000_000_000).contains(&time.nanos) && Time::from_timestamp(time) <= now
        });
        faults.unless(is_sane, || format!("event {id} happened at {time:?}"));
        faults.unless(event.attributes.is_some(), || {
            format!("event {id} has no attributes")
        });
        let is_last = place + 1 == events.len();
        let closes = closing_status(event.event_type());
        faults.unless(closes.is_none() || is_last, || {
            format!("closing event {id} is not the last")
        });
        if is_last {
            let status = closes.unwrap_or(Status::Running);
            let is = run.status;
            faults.unless(is == status, || {
                format!("is {is:?} and ends with event {id}, as one {status:?}")
            });
        }
    }
    let closed = run.close_time.is_some();
    faults.unless(closed != run.is_open(), || {
        format!("is {:?} and closed at {:?}", run.status, run.close_time)
    });
}

/// What a run is that ends with such an event; `None` if none ends with it.
fn closing_status(kind: EventType) -> Option<Status> {
    Some(match kind {
        EventType::WorkflowExecutionCompleted => Status::Completed,
        EventType::WorkflowExecutionFailed => Status::Failed,
        EventType::WorkflowExecutionTimedOut => Status::TimedOut,
        EventType::WorkflowExecutionCanceled => Status::Canceled,
        EventType::WorkflowExecutionTerminated => Status::Terminated,
        EventType::WorkflowExecutionContinuedAsNew => Status::ContinuedAsNew,
        _ => return None,
    })
}
