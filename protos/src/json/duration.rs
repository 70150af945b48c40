//! `google.protobuf.Duration` as seconds with a unit: `"1.500s"`.

use serde::de::{Deserialize, Deserializer, Unexpected, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use std::fmt;

use crate::google::protobuf::Duration;

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.check().map_err(S::Error::custom)?;
        serializer.collect_str(&prost_types::Duration {
            seconds: self.seconds,
            nanos: self.nanos,
        })
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration in seconds, such as \"1.500s\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Duration, E> {
        let parsed: prost_types::Duration = text
            .parse()
            .map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
        let duration = Duration {
            seconds: parsed.seconds,
            nanos: parsed.nanos,
        };
        duration.check().map_err(E::custom)?;
        Ok(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for (text, seconds, nanos) in [
            ("\"0s\"", 0, 0),
            ("\"1.500s\"", 1, 500_000_000),
            ("\"-0.000001s\"", 0, -1_000),
            ("\"315576000000s\"", 315_576_000_000, 0),
        ] {
            let duration = Duration { seconds, nanos };
            assert_eq!(serde_json::from_str::<Duration>(text).unwrap(), duration);
            assert_eq!(serde_json::to_string(&duration).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_duration_is_an_error_that_says_so() {
        for text in [
            "\"\"",
            "\"1\"",
            "\"s\"",
            "\"1.s\"",
            "\"1m\"",
            "\"é\"",
            "\"315576000001s\"",
            "1",
        ] {
            let error = serde_json::from_str::<Duration>(text).unwrap_err();
            assert!(error.to_string().contains("duration"), "{text}: {error}");
        }
    }

    #[test]
    fn a_duration_out_of_range_is_not_written() {
        let duration = Duration {
            seconds: i64::MIN,
            nanos: 0,
        };
        assert!(serde_json::to_string(&duration).is_err());
    }
}
