//! How long a call may take.

use std::time::Duration;

use tokio::time::Instant;
use tonic::metadata::MetadataMap;

/// How long before the caller gives up a call that waits is answered with nothing.
const MARGIN: Duration = Duration::from_secs(1);

/// When the caller gives up, in real time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// Reads `grpc-timeout`: a number and a unit, such as `70S`.
    pub(crate) fn of(metadata: &MetadataMap) -> Self {
        let text = metadata
            .get("grpc-timeout")
            .and_then(|value| value.to_str().ok());
        let length = text.and_then(parse);
        Self(length.and_then(|length| Instant::now().checked_add(length)))
    }

    /// How much of `longest` a call may wait, so that the answer still arrives.
    pub(crate) fn wait(self, longest: Duration) -> Duration {
        self.left()
            .map_or(longest, |left| longest.min(left.saturating_sub(MARGIN)))
    }

    /// How long the caller still waits; `None` for ever.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0
            .map(|end| end.saturating_duration_since(Instant::now()))
    }
}

fn parse(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u64 = number.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number.checked_mul(3600)?),
        "M" => Duration::from_secs(number.checked_mul(60)?),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_have_units() {
        assert_eq!(parse("70S"), Some(Duration::from_secs(70)));
        assert_eq!(parse("1500m"), Some(Duration::from_millis(1500)));
        for junk in ["", "S", "1", "1x", "-1S", "1é"] {
            assert_eq!(parse(junk), None, "{junk}");
        }
    }
}
