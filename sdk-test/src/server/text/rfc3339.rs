//! Times such as `2024-01-02T03:04:05.5+02:00`.

use jiff::Timestamp;
use jiff::civil::DateTime;

/// The instant of a time in RFC 3339, or `None`.
///
/// As strict as Go's: the letters are upper case, the offset is there, a leap second is refused.
pub(crate) fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let mut rest = text;
    let year = number(&mut rest, 4)?;
    let month = number(skip(&mut rest, '-')?, 2)?;
    let day = number(skip(&mut rest, '-')?, 2)?;
    let hour = number(skip(&mut rest, 'T')?, 2)?;
    let minute = number(skip(&mut rest, ':')?, 2)?;
    let second = number(skip(&mut rest, ':')?, 2)?;
    let nanosecond = match skip(&mut rest, '.') {
        Some(rest) => fraction(rest)?,
        None => 0,
    };
    let offset = match rest {
        "Z" => 0,
        _ => offset_seconds(rest)?,
    };
    let small = |value: i32| i8::try_from(value).ok();
    let local = DateTime::new(
        i16::try_from(year).ok()?,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        nanosecond,
    )
    .ok()?;
    jiff::tz::Offset::from_seconds(offset)
        .ok()?
        .to_timestamp(local)
        .ok()
}

/// `time` in UTC to the second, such as `2024-01-02T03:04:05Z`: what ends the workflow id of a schedule's action.
pub(crate) fn seconds_text(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Takes exactly `digits` digits.
fn number(rest: &mut &str, digits: usize) -> Option<i32> {
    let taken = rest.get(..digits)?;
    if !taken.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    *rest = &rest[digits..];
    taken.parse().ok()
}

/// Takes `expected`, and gives the rest for the next part.
fn skip<'a, 'b>(rest: &'a mut &'b str, expected: char) -> Option<&'a mut &'b str> {
    *rest = rest.strip_prefix(expected)?;
    Some(rest)
}

/// Takes the digits of a fraction of a second as nanoseconds; those beyond nine are cut.
fn fraction(rest: &mut &str) -> Option<i32> {
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    if digits.is_empty() {
        return None;
    }
    *rest = after;
    format!("{digits:0<9.9}").parse().ok()
}

fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let hours = number(&mut rest, 2)?;
    let minutes = number(skip(&mut rest, ':')?, 2)?;
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_date_time_and_offset() {
        for (text, seconds, nanoseconds) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2024-01-02T03:04:05.5+02:00", 1_704_157_445, 500_000_000),
            (
                "2024-01-02T03:04:05.123456789123Z",
                1_704_164_645,
                123_456_789,
            ),
            ("2024-02-29T23:59:59-00:30", 1_709_252_999, 0),
        ] {
            let expected = Timestamp::new(seconds, nanoseconds).unwrap();
            assert_eq!(parse_rfc3339(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "2024-01-02",
            "2024-01-02 03:04:05Z",
            "2024-01-02T03:04:05",
            "2024-01-02t03:04:05z",
            "2024-01-02T3:04:05Z",
            "2024-01-02T24:00:00Z",
            "2024-01-02T00:00:60Z",
            "2023-02-29T00:00:00Z",
            "2024-01-02T03:04:05.Z",
            "2024-01-02T03:04:05+25:00",
            "2024-01-02T03:04:05+0200",
            "2024-01-02T03:04:05Zx",
            "+024-01-02T03:04:05Z",
            "２０２４-01-02T03:04:05Z",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn an_action_is_named_by_its_second() {
        let time = Timestamp::new(1_704_164_645, 999_999_999).unwrap();
        assert_eq!(seconds_text(time), "2024-01-02T03:04:05Z");
    }
}
