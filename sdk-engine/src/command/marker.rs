//! What the markers of `RecordMarker` say, both ways: patches, versions, side effects, local
//! activities (protocol 4.3, 4.7, 4.8).
//!
//! Names and forms are those of the SDKs whose histories can be replayed: `core_patch` and
//! `core_local_activity` of the SDKs built on Temporal's core, the others of the Go SDK.

use std::collections::BTreeMap;

use bytes::Bytes;
use durably_protos::google::protobuf::{Duration, Timestamp};
use durably_protos::temporal::api::common::v1::{Payload, Payloads};
use durably_protos::temporal::api::history::v1::MarkerRecordedEventAttributes;
use serde::{Deserialize, Serialize};

use super::go_marker::{GoLocalActivity, mutable_value};
use super::identity::MarkerIdentity;

pub(crate) const PATCH: &str = "core_patch";
pub(crate) const LOCAL_ACTIVITY: &str = "core_local_activity";
pub(crate) const VERSION: &str = "Version";
pub(crate) const SIDE_EFFECT: &str = "SideEffect";
/// A local activity of the Go SDK.
const GO_LOCAL_ACTIVITY: &str = "LocalActivity";
pub(crate) const MUTABLE_SIDE_EFFECT: &str = "MutableSideEffect";

impl MarkerIdentity {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Patch { .. } => PATCH,
            Self::Version { .. } => VERSION,
            Self::SideEffect { .. } => SIDE_EFFECT,
            Self::MutableSideEffect { .. } => MUTABLE_SIDE_EFFECT,
            Self::LocalActivity { .. } => LOCAL_ACTIVITY,
        }
    }

    /// A mark that the code may leave out of its commands without harm, and that its absence from
    /// history does not disturb (protocol 4.7, 4.8).
    pub(crate) fn may_be_passed_over(&self) -> bool {
        matches!(
            self,
            Self::Patch {
                deprecated: true,
                ..
            } | Self::Version { .. }
        )
    }
}

/// A marker of history, with what it holds.
#[derive(Debug)]
pub(crate) struct Marker {
    pub(crate) key: MarkerIdentity,
    pub(crate) content: MarkerContent,
}

#[derive(Debug)]
pub(crate) enum MarkerContent {
    None,
    /// What a side effect gave.
    Value(Option<Payload>),
    LocalActivity {
        data: Box<LocalActivityData>,
        result: Option<Payloads>,
    },
}

/// Why a marker cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MarkerError {
    /// No marker of this name is known here.
    Unknown,
    /// A part of it is missing, or is not what it should be.
    Malformed(&'static str),
}

impl Marker {
    pub(crate) fn read(event: &MarkerRecordedEventAttributes) -> Result<Self, MarkerError> {
        let (key, content) = match &*event.marker_name {
            PATCH => (read_patch(event)?, MarkerContent::None),
            VERSION => {
                let id = json_detail(event, "change-id")?;
                let version = json_detail(event, "version")?;
                (MarkerIdentity::Version { id, version }, MarkerContent::None)
            }
            SIDE_EFFECT => {
                let number = json_detail(event, "side-effect-id")?;
                (MarkerIdentity::SideEffect { number }, value(event))
            }
            MUTABLE_SIDE_EFFECT => {
                let id = json_detail(event, "side-effect-id")?;
                let call = json_detail(event, "mutable-side-effect-call-counter")?;
                let data = event.details.get("data");
                let of_go = data.and_then(|data| mutable_value(&data.payloads));
                let content =
                    of_go.map_or_else(|| value(event), |of_go| MarkerContent::Value(Some(of_go)));
                (MarkerIdentity::MutableSideEffect { id, call }, content)
            }
            LOCAL_ACTIVITY | GO_LOCAL_ACTIVITY => {
                let data: LocalActivityData = match &*event.marker_name {
                    LOCAL_ACTIVITY => json_detail(event, "data")?,
                    _ => json_detail::<GoLocalActivity>(event, "data")?
                        .data()
                        .ok_or(MarkerError::Malformed("data"))?,
                };
                let key = MarkerIdentity::LocalActivity {
                    number: data.seq,
                    activity_id: data.activity_id.clone(),
                    activity_type: data.activity_type.clone(),
                };
                let result = event.details.get("result").cloned();
                let data = Box::new(data);
                (key, MarkerContent::LocalActivity { data, result })
            }
            _ => return Err(MarkerError::Unknown),
        };
        Ok(Self { key, content })
    }
}

fn read_patch(event: &MarkerRecordedEventAttributes) -> Result<MarkerIdentity, MarkerError> {
    #[derive(Deserialize)]
    struct Data {
        id: String,
        #[serde(default)]
        deprecated: bool,
    }
    if event.details.contains_key("patch-data") {
        let Data { id, deprecated } = json_detail(event, "patch-data")?;
        return Ok(MarkerIdentity::Patch { id, deprecated });
    }
    // The form of old versions of Temporal's core: raw bytes.
    let id = detail(event, "patch_id").ok_or(MarkerError::Malformed("patch-data"))?;
    let id = std::str::from_utf8(&id.data).map_err(|_| MarkerError::Malformed("patch_id"))?;
    let deprecated = detail(event, "deprecated").is_some_and(|flag| flag.data.first() == Some(&1));
    let id = id.to_owned();
    Ok(MarkerIdentity::Patch { id, deprecated })
}

fn detail<'a>(event: &'a MarkerRecordedEventAttributes, key: &str) -> Option<&'a Payload> {
    event.details.get(key)?.payloads.first()
}

fn value(event: &MarkerRecordedEventAttributes) -> MarkerContent {
    MarkerContent::Value(detail(event, "data").cloned())
}

fn json_detail<T: serde::de::DeserializeOwned>(
    event: &MarkerRecordedEventAttributes,
    key: &'static str,
) -> Result<T, MarkerError> {
    let payload = detail(event, key).ok_or(MarkerError::Malformed(key))?;
    serde_json::from_slice(&payload.data).map_err(|_| MarkerError::Malformed(key))
}

/// A JSON payload of the engine's own making, past every converter and codec of the user's.
pub(crate) fn json_payload(value: &impl Serialize) -> Payload {
    Payload {
        metadata: [("encoding", Bytes::from_static(b"json/plain"))].into(),
        // Structures of strings and numbers always encode.
        data: serde_json::to_vec(value).unwrap_or_default().into(),
        ..Payload::default()
    }
}

fn one(payload: Payload) -> Payloads {
    Payloads {
        payloads: vec![payload],
    }
}

/// `details` of a marker for which its key says everything.
pub(crate) fn key_details(key: &MarkerIdentity) -> BTreeMap<String, Payloads> {
    let details: Vec<(&str, Payload)> = match key {
        MarkerIdentity::Patch { id, deprecated } => {
            let data = serde_json::json!({ "id": id, "deprecated": deprecated });
            vec![("patch-data", json_payload(&data))]
        }
        MarkerIdentity::Version { id, version } => vec![
            ("change-id", json_payload(id)),
            ("version", json_payload(version)),
        ],
        MarkerIdentity::SideEffect { number } => vec![("side-effect-id", json_payload(number))],
        MarkerIdentity::MutableSideEffect { id, call } => vec![
            ("side-effect-id", json_payload(id)),
            ("mutable-side-effect-call-counter", json_payload(call)),
        ],
        MarkerIdentity::LocalActivity { .. } => Vec::new(),
    };
    let details = details.into_iter();
    details
        .map(|(key, payload)| (key.to_owned(), one(payload)))
        .collect()
}

/// `data` of a side effect's marker.
pub(crate) fn value_details(key: &MarkerIdentity, value: Payload) -> BTreeMap<String, Payloads> {
    let mut details = key_details(key);
    details.insert("data".to_owned(), one(value));
    details
}

/// `data` of a local activity's marker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LocalActivityData {
    pub(crate) seq: u32,
    pub(crate) attempt: u32,
    pub(crate) activity_id: String,
    pub(crate) activity_type: String,
    pub(crate) complete_time: Option<Parts>,
    pub(crate) backoff: Option<Parts>,
    pub(crate) original_schedule_time: Option<Parts>,
    /// In which activation of its workflow task the code learned of the end, from 0; none in
    /// histories of SDKs that do not tell.
    #[serde(default)]
    pub(crate) activation_index: Option<u64>,
}

/// A time or a duration as the marker has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parts {
    pub(crate) seconds: i64,
    pub(crate) nanos: i32,
}

impl From<Parts> for Timestamp {
    fn from(Parts { seconds, nanos }: Parts) -> Self {
        Self { seconds, nanos }
    }
}

impl From<std::time::Duration> for Parts {
    fn from(duration: std::time::Duration) -> Self {
        Self {
            seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
            nanos: duration.subsec_nanos().cast_signed(),
        }
    }
}

impl From<Parts> for Duration {
    fn from(Parts { seconds, nanos }: Parts) -> Self {
        Self { seconds, nanos }
    }
}

impl Parts {
    /// As a duration: since the epoch, for a time. Negative ones count as none.
    pub(crate) fn duration(self) -> std::time::Duration {
        let seconds = u64::try_from(self.seconds).unwrap_or(0);
        let nanos = u32::try_from(self.nanos).unwrap_or(0).min(999_999_999);
        std::time::Duration::new(seconds, nanos)
    }
}

/// `details` of a local activity's marker.
pub(crate) fn local_activity_details(
    data: &LocalActivityData,
    result: Option<Payloads>,
    input: Option<Payloads>,
) -> BTreeMap<String, Payloads> {
    let mut details = BTreeMap::from([("data".to_owned(), one(json_payload(data)))]);
    details.extend(result.map(|result| ("result".to_owned(), result)));
    details.extend(input.map(|input| ("input".to_owned(), input)));
    details
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, details: BTreeMap<String, Payloads>) -> MarkerRecordedEventAttributes {
        MarkerRecordedEventAttributes {
            marker_name: name.to_owned(),
            details,
            ..Default::default()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for key in [
            MarkerIdentity::Patch {
                id: "one".to_owned(),
                deprecated: true,
            },
            MarkerIdentity::Version {
                id: "two".to_owned(),
                version: 3,
            },
            MarkerIdentity::SideEffect { number: 4 },
            MarkerIdentity::MutableSideEffect {
                id: "five".to_owned(),
                call: 6,
            },
        ] {
            let read = Marker::read(&event(key.name(), key_details(&key))).unwrap();
            assert_eq!(read.key, key);
        }
    }

    #[test]
    fn a_local_activity_of_another_sdk_is_read() {
        let data = r#"{"seq":5,"attempt":1,"activity_id":"5","activity_type":"la_fail","complete_time":null,
            "backoff":{"seconds":2,"nanos":0},"original_schedule_time":{"seconds":1,"nanos":2}}"#;
        let payload = Payload {
            data: data.as_bytes().to_vec().into(),
            ..Payload::default()
        };
        let details = BTreeMap::from([("data".to_owned(), one(payload))]);
        let read = Marker::read(&event(LOCAL_ACTIVITY, details)).unwrap();
        let MarkerContent::LocalActivity { data, result: None } = read.content else {
            panic!("a local activity without result")
        };
        assert_eq!(data.backoff.unwrap().duration().as_secs(), 2);
        assert_eq!(data.activation_index, None);
    }

    #[test]
    fn the_old_form_of_a_patch_is_read() {
        let raw = |bytes: &[u8]| {
            one(Payload {
                data: bytes.to_vec().into(),
                ..Payload::default()
            })
        };
        let details = BTreeMap::from([
            ("patch_id".to_owned(), raw(b"old")),
            ("deprecated".to_owned(), raw(&[1])),
        ]);
        let key = Marker::read(&event(PATCH, details)).unwrap().key;
        let expected = MarkerIdentity::Patch {
            id: "old".to_owned(),
            deprecated: true,
        };
        assert_eq!(key, expected);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let read = |name| Marker::read(&event(name, BTreeMap::new())).err();
        assert_eq!(read("theirs"), Some(MarkerError::Unknown));
        assert_eq!(read(PATCH), Some(MarkerError::Malformed("patch-data")));
        assert_eq!(read(VERSION), Some(MarkerError::Malformed("change-id")));
    }
}
