//! `google.protobuf.Timestamp` as RFC 3339 text: `"2024-05-01T12:00:00.250Z"`.

use serde::de::{Deserialize, Deserializer, Unexpected, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use std::fmt;

use crate::google::protobuf::Timestamp;

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.check().map_err(S::Error::custom)?;
        serializer.collect_str(&prost_types::Timestamp {
            seconds: self.seconds,
            nanos: self.nanos,
        })
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a timestamp in RFC 3339, such as \"2024-05-01T12:00:00.250Z\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
        let parsed: prost_types::Timestamp = text
            .parse()
            .map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
        let timestamp = Timestamp {
            seconds: parsed.seconds,
            nanos: parsed.nanos,
        };
        timestamp.check().map_err(E::custom)?;
        Ok(timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for (text, seconds, nanos) in [
            ("\"1970-01-01T00:00:00Z\"", 0, 0),
            ("\"1969-12-31T23:59:59.750Z\"", -1, 750_000_000),
            (
                "\"2024-05-01T12:00:00.123456789Z\"",
                1_714_564_800,
                123_456_789,
            ),
            ("\"0001-01-01T00:00:00Z\"", -62_135_596_800, 0),
        ] {
            let timestamp = Timestamp { seconds, nanos };
            assert_eq!(serde_json::from_str::<Timestamp>(text).unwrap(), timestamp);
            assert_eq!(serde_json::to_string(&timestamp).unwrap(), text);
        }
    }

    #[test]
    fn an_offset_is_read() {
        let text = "\"1970-01-01T01:00:00+01:00\"";
        assert_eq!(
            serde_json::from_str::<Timestamp>(text).unwrap(),
            Timestamp::default()
        );
    }

    #[test]
    fn what_is_no_timestamp_is_an_error_that_says_so() {
        for text in [
            "\"\"",
            "\"yesterday\"",
            "\"2024-13-01T00:00:00Z\"",
            "\"+10000-01-01T00:00:00Z\"",
            "0",
        ] {
            let error = serde_json::from_str::<Timestamp>(text).unwrap_err();
            assert!(error.to_string().contains("timestamp"), "{text}: {error}");
        }
    }

    #[test]
    fn a_timestamp_out_of_range_is_not_written() {
        let timestamp = Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        };
        assert!(serde_json::to_string(&timestamp).is_err());
    }
}
