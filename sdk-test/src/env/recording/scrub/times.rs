//! Times, as they would be if everything took whole seconds.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::local_activity::change_times;
use super::payload::is_payload;

/// 2020-01-01T00:00:00Z: when every recording begins.
const BEGINNING: i64 = 1_577_836_800;

/// All times, and what stands for each: their order stays, and what lies between two neighbours is
/// rounded to seconds. Milliseconds that computing takes do not add up that way.
#[derive(Debug)]
pub(super) struct Times(BTreeMap<Timestamp, Timestamp>);

impl Times {
    pub(super) fn of(values: &[Value]) -> Self {
        let mut found = BTreeMap::new();
        let mut collect = |time| {
            found.insert(time, time);
            time
        };
        for value in values {
            change(&mut value.clone(), &mut collect);
        }
        let mut last = None;
        let mut fixed = Timestamp::from_second(BEGINNING).unwrap_or(Timestamp::UNIX_EPOCH);
        for (time, replacement) in &mut found {
            let since = last.map_or(SignedDuration::ZERO, |last| time.duration_since(last));
            fixed = fixed.saturating_add(rounded(since)).unwrap_or(fixed);
            last = Some(*time);
            *replacement = fixed;
        }
        Self(found)
    }

    pub(super) fn replace(&self, value: &mut Value) {
        change(value, &mut |time| {
            self.0.get(&time).copied().unwrap_or(time)
        });
    }
}

fn rounded(duration: SignedDuration) -> SignedDuration {
    let half = SignedDuration::from_millis(500);
    SignedDuration::from_secs(duration.saturating_add(half).as_secs())
}

/// Calls back with each time, and puts in its place what is given back.
fn change(value: &mut Value, callback: &mut dyn FnMut(Timestamp) -> Timestamp) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| change(item, callback)),
        Value::Object(object) if is_payload(object) => {}
        Value::Object(object) => {
            change_times(object, callback);
            for (key, value) in object {
                match time(key, value) {
                    Some(time) => *value = callback(time).to_string().into(),
                    None => change(value, callback),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Fields of that type have such names: `eventTime`, `workflowExecutionExpirationTime`. That of the
/// year 1 stands for none.
fn time(key: &str, value: &Value) -> Option<Timestamp> {
    let text = value.as_str().filter(|_| key.ends_with("Time"))?;
    let time = text.parse::<Timestamp>().ok()?;
    (time > Timestamp::UNIX_EPOCH).then_some(time)
}
