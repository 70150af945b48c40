//! What differs between two events that belong together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::payloads::Object;
use super::key::Event;

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Difference {
    /// `input.payloads[0].data`
    pub(super) field: String,
    /// `None` where it is not set.
    pub(super) left: Option<Value>,
    pub(super) right: Option<Value>,
}

/// Which events belong together, by their ids.
#[derive(Debug, Default)]
pub(super) struct Counterparts {
    of_left: BTreeMap<i64, i64>,
    right: BTreeSet<i64>,
}

impl FromIterator<(i64, i64)> for Counterparts {
    fn from_iter<I: IntoIterator<Item = (i64, i64)>>(pairs: I) -> Self {
        let of_left: BTreeMap<_, _> = pairs.into_iter().collect();
        let right = of_left.values().copied().collect();
        Self { of_left, right }
    }
}

impl Counterparts {
    /// Whether both ids are of the same event, or of events that have no counterpart.
    fn are(&self, left: i64, right: i64) -> bool {
        match self.of_left.get(&left) {
            Some(counterpart) => *counterpart == right,
            None => !self.right.contains(&right),
        }
    }
}

/// Compares events.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    /// The ids of left events with those of their counterparts.
    pub(super) counterparts: &'a Counterparts,
    /// Whether the contents of payloads matter.
    pub(super) payloads: bool,
}

/// What is another in every run: times, identities, ids that servers and SDKs draw. By name, wherever
/// it is; ids of runs, and references to events, are told by how their names end.
const IGNORED: &[&str] = &[
    "identity",
    "activityId",
    "timerId",
    "requestId",
    "workflowId",
    "parentWorkflowExecution",
    "rootWorkflowExecution",
    "externalWorkflowExecution",
    "protocolInstanceId",
    "acceptedRequestMessageId",
    "updateId",
    "historySizeBytes",
    "binaryChecksum",
    "workerVersion",
    "buildId",
    "workflowExecutionExpirationTime",
    "workflowTaskCompletedEventId",
    "firstWorkflowTaskBackoff",
    "stackTrace",
    "operationToken",
    "completeTime",
    "taskQueueKind",
];

impl Comparison<'_> {
    /// The fields in which the events differ.
    pub(super) fn differences(&self, left: &Event, right: &Event) -> Vec<Difference> {
        let mut differences = Vec::new();
        self.objects("", &left.attributes, &right.attributes, &mut differences);
        differences
    }

    fn objects(&self, place: &str, left: &Object, right: &Object, found: &mut Vec<Difference>) {
        if is_sticky_queue(left) && is_sticky_queue(right) {
            return;
        }
        let only_right = right.keys().filter(|key| !left.contains_key(*key));
        for key in left.keys().chain(only_right) {
            if is_ignored(key) || (!self.payloads && key == "data") {
                continue;
            }
            let field = match place {
                "" => key.clone(),
                place => format!("{place}.{key}"),
            };
            let (left, right) = (left.get(key), right.get(key));
            if !(key.ends_with("EventId") && self.are_counterparts(left, right)) {
                self.values(&field, left, right, found);
            }
        }
    }

    fn values(
        &self,
        field: &str,
        left: Option<&Value>,
        right: Option<&Value>,
        found: &mut Vec<Difference>,
    ) {
        match (left, right) {
            (Some(Value::Object(left)), Some(Value::Object(right))) => {
                self.objects(field, left, right, found);
            }
            (Some(Value::Array(left)), Some(Value::Array(right))) => {
                for index in 0..left.len().max(right.len()) {
                    let field = format!("{field}[{index}]");
                    self.values(&field, left.get(index), right.get(index), found);
                }
            }
            (left, right) if left == right => {}
            (left, right) => found.push(Difference {
                field: field.to_owned(),
                left: left.cloned(),
                right: right.cloned(),
            }),
        }
    }

    /// Whether both refer to the same event. That they refer to events of which neither has a
    /// counterpart is shown at these events.
    fn are_counterparts(&self, left: Option<&Value>, right: Option<&Value>) -> bool {
        let id = |value: Option<&Value>| match value {
            None => Some(0),
            Some(value) => value.as_str()?.parse::<i64>().ok(),
        };
        match (id(left), id(right)) {
            (Some(left), Some(right)) => self.counterparts.are(left, right),
            _ => false,
        }
    }
}

fn is_ignored(key: &str) -> bool {
    let is_id_of_run = key.ends_with("RunId") || key == "runId";
    let is_time = key.ends_with("Time") || key.ends_with("Timestamp");
    is_id_of_run || is_time || IGNORED.contains(&key)
}

/// Workers make up the names of their sticky queues.
fn is_sticky_queue(object: &Object) -> bool {
    object.get("kind").and_then(Value::as_str) == Some("TASK_QUEUE_KIND_STICKY")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(left: Value, right: Value) -> Vec<String> {
        let event = |attributes: Value| Event {
            event_id: 9,
            key: String::new(),
            attributes: attributes.as_object().unwrap().clone(),
        };
        let comparison = Comparison {
            counterparts: &Counterparts::from_iter([(5, 7)]),
            payloads: true,
        };
        let found = comparison.differences(&event(left), &event(right));
        found
            .into_iter()
            .map(|difference| difference.field)
            .collect()
    }

    #[test]
    fn what_is_another_in_every_run_is_no_difference() {
        let left = json!({"identity": "1@a", "originalExecutionRunId": "x", "eventTime": "1",
            "taskQueue": {"name": "a-1", "kind": "TASK_QUEUE_KIND_STICKY"}, "scheduledEventId": "5"});
        let right = json!({"identity": "2@b", "originalExecutionRunId": "y",
            "taskQueue": {"name": "b-2", "kind": "TASK_QUEUE_KIND_STICKY"}, "scheduledEventId": "7"});
        assert_eq!(differences(left, right), [""; 0]);
    }

    #[test]
    fn what_differs() {
        let left = json!({"input": {"payloads": [{"data": "MQ=="}]}, "scheduledEventId": "5", "attempt": 1});
        let right = json!({"input": {"payloads": [{"data": "Mg=="}, {}]}, "scheduledEventId": "8", "header": {}});
        let fields = [
            "attempt",
            "input.payloads[0].data",
            "input.payloads[1]",
            "scheduledEventId",
            "header",
        ];
        assert_eq!(differences(left, right), fields);
    }

    #[test]
    fn references_to_events_without_a_counterpart() {
        assert_eq!(
            differences(
                json!({"startedEventId": "6"}),
                json!({"startedEventId": "9"})
            ),
            [""; 0]
        );
        assert_eq!(
            differences(
                json!({"startedEventId": "6"}),
                json!({"startedEventId": "7"})
            ),
            ["startedEventId"]
        );
    }
}
