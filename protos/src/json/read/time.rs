//! Timestamps and durations: text, or objects of `seconds` and `nanos`.

use super::{JsonError, JsonReader, ReadJson};
use crate::google::protobuf::{Duration, Timestamp};

const TIMESTAMP: &str = "a timestamp in RFC 3339, such as \"2024-05-01T12:00:00.250Z\"";
const DURATION: &str = "a duration in seconds, such as \"1.500s\"";

impl ReadJson for Timestamp {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        *self = Self::default();
        let start = json.at;
        if json.peek()? == b'{' {
            json.message(self, |timestamp, name, json| {
                seconds_and_nanos(&mut timestamp.seconds, &mut timestamp.nanos, name, json)
            })?;
        } else {
            let text = json.string(TIMESTAMP)?;
            *self = usual_timestamp(text.as_bytes())
                .or_else(|| any_timestamp(&text))
                .ok_or_else(|| json.unexpected_at(start, TIMESTAMP))?;
        }
        self.check()
            .map_err(|_| json.unexpected_at(start, TIMESTAMP))
    }
}

impl ReadJson for Duration {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        *self = Self::default();
        let start = json.at;
        if json.peek()? == b'{' {
            json.message(self, |duration, name, json| {
                seconds_and_nanos(&mut duration.seconds, &mut duration.nanos, name, json)
            })?;
        } else {
            let text = json.string(DURATION)?;
            *self = whole_seconds(&text)
                .or_else(|| any_duration(&text))
                .ok_or_else(|| json.unexpected_at(start, DURATION))?;
        }
        self.check()
            .map_err(|_| json.unexpected_at(start, DURATION))
    }
}

fn seconds_and_nanos(
    seconds: &mut i64,
    nanos: &mut i32,
    name: &str,
    json: &mut JsonReader<'_>,
) -> Result<bool, JsonError> {
    match name {
        "seconds" => seconds.read_json(json)?,
        "nanos" => nanos.read_json(json)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// `2024-05-01T12:00:00.123456789Z`, as every event has one; none for any other form.
fn usual_timestamp(text: &[u8]) -> Option<Timestamp> {
    let (year_and_month, rest) = text.split_first_chunk::<8>()?;
    let (day_to_minute, rest) = rest.split_first_chunk::<8>()?;
    let ([colon, second @ ..], rest) = rest.split_first_chunk::<3>()?;
    let [y1, y2, y3, y4, _, m1, m2, _] = digits(year_and_month, b"0000-00-")?;
    let [d1, d2, _, h1, h2, _, min1, min2] = digits(day_to_minute, b"00T00:00")?;
    let year = y1 * 1000 + y2 * 100 + y3 * 10 + y4;
    let (month, day) = (m1 * 10 + m2, d1 * 10 + d2);
    let (hour, minute, second) = (h1 * 10 + h2, min1 * 10 + min2, number(second)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 || year == 0 {
        return None;
    }
    let nanos = match rest {
        _ if *colon != b':' => return None,
        b"Z" => 0,
        [b'.', fraction @ .., b'Z'] if (1..=9).contains(&fraction.len()) => nanos(fraction)?,
        _ => return None,
    };
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Some(Timestamp {
        seconds: days_since_1970(year.into(), month.into(), day.into()) * 86_400 + seconds,
        nanos: i32::try_from(nanos).ok()?,
    })
}

/// The digits of a fraction of a second, nine at most.
fn nanos(fraction: &[u8]) -> Option<u32> {
    match fraction.split_first_chunk::<8>() {
        Some((first, [last])) => {
            let [a, b, c, d, e, f, g, h] = digits(first, b"00000000")?;
            let high = (a * 10 + b) * 100 + c * 10 + d;
            let low = (e * 10 + f) * 100 + g * 10 + h;
            Some((high * 10_000 + low) * 10 + number(&[*last])?)
        }
        _ => Some(number(fraction)? * 10_u32.pow(9 - fraction.len() as u32)),
    }
}

/// The digits of a text that has the form of another: a digit where that has `0`, and the same elsewhere. All
/// eight bytes at a time.
fn digits(text: &[u8; 8], form: &[u8; 8]) -> Option<[u32; 8]> {
    let form = u64::from_le_bytes(*form);
    // `0` to `9` are 0x30 to 0x39: of a digit 0 to 9 are left, of a byte that is the same 0.
    let left = u64::from_le_bytes(*text) ^ form;
    // What may be added to a byte that is right without a change of its upper half: to a digit 6, to a zero 15.
    // Only a byte that is wrong already carries into the next.
    // A byte of `form` that is no `0` differs from it in one of these bits.
    let other = form ^ ZEROS;
    let is_other = (other | (other >> 1) | (other >> 2) | (other >> 3) | (other >> 4)) & ONES;
    let added = ONES * 6 + is_other * 9;
    let is_right = (left | left.wrapping_add(added)) & UPPER_HALVES == 0;
    is_right.then(|| left.to_le_bytes().map(u32::from))
}

const ONES: u64 = 0x0101_0101_0101_0101;
const ZEROS: u64 = ONES * b'0' as u64;
const UPPER_HALVES: u64 = ONES * 0xf0;

/// Of the Gregorian calendar. Years are counted from March, so that a leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

/// Of at most nine digits.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| number * 10 + u32::from(digit))
    })
}

fn any_timestamp(text: &str) -> Option<Timestamp> {
    let parsed: prost_types::Timestamp = text.parse().ok()?;
    Some(Timestamp {
        seconds: parsed.seconds,
        nanos: parsed.nanos,
    })
}

/// `10s`
fn whole_seconds(text: &str) -> Option<Duration> {
    let digits = text.strip_suffix('s')?.as_bytes();
    if !(1..=9).contains(&digits.len()) {
        return None;
    }
    Some(Duration {
        seconds: number(digits)?.into(),
        nanos: 0,
    })
}

fn any_duration(text: &str) -> Option<Duration> {
    let parsed: prost_types::Duration = text.parse().ok()?;
    Some(Duration {
        seconds: parsed.seconds,
        nanos: parsed.nanos,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_digits_and_itself() {
        for form in [b"0000-00-", b"00T00:00", b"00000000"] {
            assert_eq!(digits(form, form), Some([0; 8]));
            for place in 0..form.len() {
                for byte in 0..=u8::MAX {
                    let mut text = *form;
                    text[place] = byte;
                    let is_right = match form[place] {
                        b'0' => byte.is_ascii_digit(),
                        other => byte == other,
                    };
                    let read = digits(&text, form);
                    assert_eq!(read.is_some(), is_right, "{text:?}");
                    if let Some(read) = read {
                        assert_eq!(read[place], u32::from(byte ^ form[place]));
                    }
                }
            }
        }
    }

    #[test]
    fn the_usual_form_is_read_as_any_other() {
        for text in [
            "1970-01-01T00:00:00Z",
            "1969-12-31T23:59:59.750Z",
            "2000-02-29T12:00:00.1Z",
            "1900-03-01T00:00:00Z",
            "2024-02-29T23:59:59.123456789Z",
            "2024-12-31T01:02:03Z",
            "9999-12-31T23:59:59.999999999Z",
            "0001-01-01T00:00:00Z",
        ] {
            let read = usual_timestamp(text.as_bytes());
            assert_eq!(read, any_timestamp(text), "{text}");
            assert!(read.is_some(), "{text}");
        }
        for text in [
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00+01:00",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00",
            "",
        ] {
            assert_eq!(usual_timestamp(text.as_bytes()), None, "{text}");
        }
    }
}
