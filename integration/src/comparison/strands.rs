//! A history as the things it tells of, each with its own events in order.
//!
//! Two servers, or two runs on one server, need not agree on whether a signal came before or after the
//! end of an activity, nor on how many events a workflow task brought along. They must agree on what
//! happened to each thing: this activity was scheduled with these options, started, and failed so.

use std::collections::BTreeMap;

use serde_json::Value;

/// The events of each thing in order, the things in an order of their own.
pub(super) type Strands = Vec<Vec<String>>;

/// Which events workflow tasks leave that no other order of arrival explains.
const TASK_FAULTS: [&str; 2] = [
    "EVENT_TYPE_WORKFLOW_TASK_FAILED",
    "EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT",
];

/// The fields by which an event names the first event of the thing it belongs to.
const ORIGINS: [&str; 3] = ["scheduledEventId", "initiatedEventId", "acceptedEventId"];

/// Takes a history apart.
pub(super) fn strands(events: &[Value]) -> Strands {
    let mut by_first = BTreeMap::<u64, Vec<String>>::new();
    let mut timers = BTreeMap::new();
    for (event, id) in events.iter().zip(1_u64..) {
        let kind = event["eventType"].as_str().unwrap_or_default();
        if kind.starts_with("EVENT_TYPE_WORKFLOW_TASK") && !TASK_FAULTS.contains(&kind) {
            continue;
        }
        let attributes = attributes(event);
        let origin = ORIGINS
            .iter()
            .find_map(|field| number(attributes.get(*field)?));
        let first = match kind {
            "EVENT_TYPE_TIMER_STARTED" => {
                timers.insert(attributes["timerId"].to_string(), id);
                id
            }
            "EVENT_TYPE_TIMER_FIRED" | "EVENT_TYPE_TIMER_CANCELED" => timers
                .get(&attributes["timerId"].to_string())
                .copied()
                .unwrap_or(id),
            _ => origin
                .filter(|first| by_first.contains_key(first))
                .unwrap_or(id),
        };
        let line = without_event_ids(event.clone()).to_string();
        by_first.entry(first).or_default().push(line);
    }
    let mut strands: Strands = by_first.into_values().collect();
    strands.sort();
    strands
}

fn attributes(event: &Value) -> &Value {
    let fields = event.as_object().into_iter().flatten();
    let mut attributes = fields
        .filter(|(name, _)| name.ends_with("EventAttributes"))
        .map(|(_, value)| value);
    attributes.next_back().unwrap_or(&Value::Null)
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    }
}

fn without_event_ids(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(name, _)| {
                !(name.ends_with("EventId") || name == "eventId" || name == "eventVersion")
            });
            let kept = kept.map(|(name, value)| (name, without_event_ids(value)));
            Value::Object(kept.collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_event_ids).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, attributes: Value) -> Value {
        json!({ "eventType": format!("EVENT_TYPE_{kind}"), "xEventAttributes": attributes })
    }

    #[test]
    fn things_that_arrive_in_another_order_are_the_same() {
        let scheduled = |id| event("ACTIVITY_TASK_SCHEDULED", json!({ "activityId": id }));
        let done = |first, result| {
            let fields = json!({ "scheduledEventId": first, "result": result });
            event("ACTIVITY_TASK_COMPLETED", fields)
        };
        let signaled = event("WORKFLOW_EXECUTION_SIGNALED", json!({ "signalName": "go" }));
        let task = event("WORKFLOW_TASK_SCHEDULED", json!({}));
        let one = [
            scheduled(1),
            scheduled(2),
            done("1", 5),
            signaled.clone(),
            done("2", 6),
        ];
        let other = [
            scheduled(1),
            signaled,
            scheduled(2),
            task,
            done("3", 6),
            done("1", 5),
        ];
        assert_eq!(strands(&one), strands(&other));
        let wrong = [scheduled(1), scheduled(2), done("1", 6), done("2", 5)];
        assert_ne!(strands(&one[..3]), strands(&wrong[..3]));
    }

    #[test]
    fn timers_and_failed_tasks_count() {
        let started = event("TIMER_STARTED", json!({ "timerId": "1" }));
        let fired = event(
            "TIMER_FIRED",
            json!({ "timerId": "1", "startedEventId": "1" }),
        );
        assert_eq!(strands(&[started.clone(), fired]).len(), 1);
        let failed = event("WORKFLOW_TASK_FAILED", json!({ "cause": "X" }));
        assert_ne!(
            strands(std::slice::from_ref(&started)),
            strands(&[started, failed])
        );
    }
}
