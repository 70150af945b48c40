//! What an event is, by which events of two histories are aligned.

use std::collections::BTreeMap;

use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use serde_json::Value;

use super::super::payloads::{Object, for_each_payload};
use super::super::redact::{decode, encode};

/// An event in its JSON form, and what it is called.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) event_id: i64,
    /// `ActivityTaskScheduled charge`: its type, and the name of what it is about. Events with the
    /// same one may be the same event.
    pub(super) key: String,
    pub(super) attributes: Object,
}

/// The fields that name what an event is about, by their place in the attributes.
const NAMES: [&[&str]; 12] = [
    &["workflowType", "name"],
    &["activityType", "name"],
    &["signalName"],
    &["markerName"],
    &["service"],
    &["operation"],
    &["acceptedRequest", "input", "name"],
    &["request", "input", "name"],
    &["timeoutType"],
    &["failure", "applicationFailureInfo", "type"],
    &["changeId"],
    &["patchId"],
];

/// The fields that refer to the event that began what this one is about.
const BEGINNINGS: [&str; 3] = ["scheduledEventId", "initiatedEventId", "acceptedEventId"];

/// The events of a history as they are compared.
///
/// # Errors
/// A time of an event is out of the range of its JSON form.
pub(super) fn events(history: &History) -> Result<Vec<Event>, serde_json::Error> {
    let mut names = BTreeMap::new();
    let events = history.events.iter();
    events.map(|event| Event::of(event, &mut names)).collect()
}

impl Event {
    /// `names` has those of the events before, by their ids in JSON: the end of an activity has the
    /// activity's name.
    fn of(
        event: &HistoryEvent,
        names: &mut BTreeMap<String, String>,
    ) -> Result<Self, serde_json::Error> {
        let mut key = format!("{:?}", event.event_type());
        let mut value = serde_json::to_value(event)?;
        for_each_payload(&mut value, &mut |place, payload| {
            if place.marker == Some(("core_local_activity", "data")) {
                without_times(payload);
            }
        });
        let Value::Object(fields) = value else {
            // Messages are objects.
            return Ok(Self {
                event_id: event.event_id,
                key,
                attributes: Object::new(),
            });
        };
        let (mut attributes, mut others) = (Object::new(), Object::new());
        for (name, value) in fields {
            match value {
                Value::Object(object) if name.ends_with("EventAttributes") => attributes = object,
                value => drop(others.insert(name, value)),
            }
        }
        let mut name = String::new();
        for path in NAMES {
            let found = path.iter().try_fold(None, |value: Option<&Value>, part| {
                let next = match value {
                    None => attributes.get(*part),
                    Some(value) => value.get(*part),
                };
                next.map(Some)
            });
            if let Some(Some(Value::String(part))) = found {
                name.push(' ');
                name.push_str(part);
            }
        }
        if name.is_empty() {
            let beginnings = BEGINNINGS
                .iter()
                .filter_map(|field| attributes.get(*field)?.as_str());
            name = beginnings
                .filter_map(|id| names.get(id))
                .next()
                .cloned()
                .unwrap_or_default();
        } else {
            names.insert(event.event_id.to_string(), name.clone());
        }
        key.push_str(&name);
        // What users wrote beside the attributes.
        attributes.extend(
            others
                .remove("userMetadata")
                .map(|it| ("userMetadata".to_owned(), it)),
        );
        Ok(Self {
            event_id: event.event_id,
            key,
            attributes,
        })
    }
}

/// Takes out of a local activity's data what is another in every run.
fn without_times(payload: &mut Object) {
    let Some(data) = payload.get_mut("data") else {
        return;
    };
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice(&decode(data)) {
        for time in [
            "seq",
            "activity_id",
            "complete_time",
            "original_schedule_time",
            "backoff",
        ] {
            fields.remove(time);
        }
        *data = encode(Value::Object(fields).to_string().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(event: serde_json::Value) -> String {
        Event::of(
            &serde_json::from_value(event).unwrap(),
            &mut BTreeMap::new(),
        )
        .unwrap()
        .key
    }

    #[test]
    fn keys() {
        let timer = serde_json::json!({"eventId": "5", "eventType": "EVENT_TYPE_TIMER_STARTED",
            "timerStartedEventAttributes": {"timerId": "1"}});
        assert_eq!(key(timer), "TimerStarted");
        let activity = serde_json::json!({"eventId": "5", "eventType": "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED",
            "activityTaskScheduledEventAttributes": {"activityType": {"name": "charge"}}});
        assert_eq!(key(activity), "ActivityTaskScheduled charge");
    }
}
