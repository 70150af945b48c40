//! Durations such as `90s`, `1h30m`, `-1.5h` and `2d`.

/// A text that is not a duration, in the words of Go's `time.ParseDuration`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DurationTextError {
    /// It is not a sequence of numbers and units, or it exceeds 292 years.
    #[error("time: invalid duration {text:?}")]
    Invalid {
        /// The whole text.
        text: String,
    },
    /// A number has no unit after it.
    #[error("time: missing unit in duration {text:?}")]
    MissingUnit {
        /// The whole text.
        text: String,
    },
    /// The unit is none of `ns`, `us`, `ms`, `s`, `m`, `h`, `d`.
    #[error("time: unknown unit {unit:?} in duration {text:?}")]
    UnknownUnit {
        /// The unit as written.
        unit: String,
        /// The whole text.
        text: String,
    },
}

/// Nanoseconds of `text`; beside Go's units, `d` is 24 hours.
pub(crate) fn parse_duration(text: &str) -> Result<i64, DurationTextError> {
    let invalid = || DurationTextError::Invalid {
        text: text.to_owned(),
    };
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let number_end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(number_end);
        let (whole, fraction) = decimal(number).ok_or_else(invalid)?;
        let unit_end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        if unit.is_empty() {
            return Err(DurationTextError::MissingUnit {
                text: text.to_owned(),
            });
        }
        let nanoseconds = unit_nanoseconds(unit).ok_or_else(|| DurationTextError::UnknownUnit {
            unit: unit.to_owned(),
            text: text.to_owned(),
        })?;
        let part = i128::from(whole) * nanoseconds
            + i128::from(fraction) * nanoseconds / i128::from(FRACTION);
        total += part;
        if total > i128::from(i64::MAX) {
            return Err(invalid());
        }
        rest = after;
    }
    let total = i64::try_from(total).map_err(|_| invalid())?;
    Ok(if negative { -total } else { total })
}

/// Nanoseconds of `hh:mm:ss`; `None` unless minutes and seconds are within 0 to 59.
pub(crate) fn parse_hours_minutes_seconds(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<i64>().ok()).flatten()
    });
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || minutes > 59 || seconds > 59 {
        return None;
    }
    hours
        .checked_mul(3600)?
        .checked_add(minutes * 60 + seconds)?
        .checked_mul(1_000_000_000)
}

/// What the fraction of [`decimal`] counts: billionths.
const FRACTION: u64 = 1_000_000_000;

/// Whole part and billionths of `12`, `1.5`, `.5` or `1.`; digits beyond nine are cut.
fn decimal(text: &str) -> Option<(u64, u64)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let billionths = format!("{fraction:0<9.9}").parse().ok()?;
    Some((whole, billionths))
}

fn unit_nanoseconds(unit: &str) -> Option<i128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_numbers_and_units() {
        let second = 1_000_000_000;
        for (text, nanoseconds) in [
            ("0", 0),
            ("1s", second),
            ("1h30m", 5400 * second),
            ("-1.5h", -5400 * second),
            ("+.5s", second / 2),
            ("1.s", second),
            ("2d", 172_800 * second),
            ("1ms1us1ns", 1_001_001),
            ("1µs", 1_000),
            ("0.1234567899s", 123_456_789),
        ] {
            assert_eq!(parse_duration(text), Ok(nanoseconds), "{text}");
        }
    }

    #[test]
    fn bad_durations_are_refused_in_the_words_of_go() {
        for (text, error) in [
            ("", "time: invalid duration \"\""),
            ("-", "time: invalid duration \"-\""),
            (".s", "time: invalid duration \".s\""),
            (" 1h", "time: invalid duration \" 1h\""),
            ("1.2.3s", "time: invalid duration \"1.2.3s\""),
            ("90", "time: missing unit in duration \"90\""),
            ("1h ", "time: unknown unit \"h \" in duration \"1h \""),
            ("1w", "time: unknown unit \"w\" in duration \"1w\""),
            ("99999999999h", "time: invalid duration \"99999999999h\""),
            (
                "99999999999999999999s",
                "time: invalid duration \"99999999999999999999s\"",
            ),
            ("é", "time: invalid duration \"é\""),
        ] {
            assert_eq!(
                parse_duration(text).unwrap_err().to_string(),
                error,
                "{text}"
            );
        }
    }

    #[test]
    fn clock_durations_have_three_parts() {
        assert_eq!(
            parse_hours_minutes_seconds("01:30:05"),
            Some(5_405_000_000_000)
        );
        for text in [
            "",
            "1:2",
            "1:2:3:4",
            "1:60:0",
            "1:0:60",
            "-1:0:0",
            "a:0:0",
            "+1:0:0",
            "9223372036854775807:0:0",
        ] {
            assert_eq!(parse_hours_minutes_seconds(text), None, "{text}");
        }
    }
}
