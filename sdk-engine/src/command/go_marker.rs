//! What markers of the Go SDK hold, where it is not what this SDK writes (protocol 4.8).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use durably_protos::temporal::api::common::v1::Payload;
use serde::Deserialize;

use super::marker::{LocalActivityData, Parts};

/// `data` of a `LocalActivity` marker.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GoLocalActivity {
    #[serde(rename = "ActivityID")]
    activity_id: String,
    activity_type: String,
    #[serde(default)]
    replay_time: String,
    #[serde(default)]
    attempt: u32,
    /// In nanoseconds.
    #[serde(default)]
    backoff: i64,
}

impl GoLocalActivity {
    /// The same as this SDK has it; none when the id is not a number, by which Go counts the local
    /// activities of a run.
    pub(crate) fn data(self) -> Option<LocalActivityData> {
        let backoff = u64::try_from(self.backoff).ok().filter(|nanos| *nanos > 0);
        Some(LocalActivityData {
            seq: self.activity_id.parse().ok()?,
            attempt: self.attempt.max(1),
            activity_id: self.activity_id,
            activity_type: self.activity_type,
            complete_time: time(&self.replay_time),
            backoff: backoff.map(|nanos| Duration::from_nanos(nanos).into()),
            original_schedule_time: None,
            activation_index: None,
        })
    }
}

/// A time in RFC 3339, as Go's JSON has it: `2026-01-02T03:04:05.678901234Z`, or with an offset.
fn time(text: &str) -> Option<Parts> {
    let (date, rest) = text.split_once('T')?;
    let (clock, offset) = match rest.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let (clock, offset) = rest.split_at_checked(rest.rfind(['+', '-'])?)?;
            let seconds = of_parts(offset.get(1..)?, ':', [3600, 60])?;
            (
                clock,
                if offset.starts_with('-') {
                    -seconds
                } else {
                    seconds
                },
            )
        }
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let seconds = days(year, month, day)? * 86_400 + of_parts(clock, ':', [3600, 60, 1])? - offset;
    Some(Parts { seconds, nanos })
}

fn of_parts<const N: usize>(text: &str, separator: char, weights: [i64; N]) -> Option<i64> {
    let mut parts = text.split(separator);
    let mut sum = 0;
    for weight in weights {
        sum += parts.next()?.parse::<u8>().map(i64::from).ok()? * weight;
    }
    Some(sum)
}

/// Days since 1970, by the calendar that begins its years in March.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month) = match month {
        ..=2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468)
}

/// The value of a `MutableSideEffect` marker: its `data` are the id, and payloads as protobuf-JSON.
pub(crate) fn mutable_value(data: &[Payload]) -> Option<Payload> {
    #[derive(Deserialize)]
    struct Values {
        #[serde(default)]
        payloads: Vec<Value>,
    }
    #[derive(Deserialize)]
    struct Value {
        #[serde(default)]
        metadata: std::collections::BTreeMap<String, String>,
        #[serde(default)]
        data: String,
    }
    let [_, values] = data else { return None };
    let values: Values = serde_json::from_slice(&values.data).ok()?;
    let bytes = |text: &str| STANDARD.decode(text).ok().map(Bytes::from);
    let value = values.payloads.into_iter().next()?;
    let metadata = value.metadata.iter();
    let metadata = metadata.map(|(key, text)| Some((key.clone(), bytes(text)?)));
    Some(Payload {
        metadata: metadata.collect::<Option<_>>()?,
        data: bytes(&value.data)?,
        ..Payload::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_fractions_and_offsets() {
        let parts = |seconds, nanos| Some(Parts { seconds, nanos });
        assert_eq!(time("1970-01-01T00:00:00Z"), parts(0, 0));
        assert_eq!(
            time("2000-02-29T12:00:00.5Z"),
            parts(951_825_600, 500_000_000)
        );
        assert_eq!(
            time("2026-01-02T03:04:05.678901234+01:30"),
            parts(1_767_317_645, 678_901_234)
        );
        assert_eq!(time("2026-01-02T03:04:05-00:30"), parts(1_767_324_845, 0));
        for bad in [
            "",
            "T",
            "2026-01-02",
            "2026-13-02T03:04:05Z",
            "2026-01-02T03:04Z",
            "2026-01-02T03:04:05.äZ",
        ] {
            assert_eq!(time(bad), None, "{bad}");
        }
    }
}
