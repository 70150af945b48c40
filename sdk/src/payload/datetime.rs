//! RFC 3339 text of a [`SystemTime`]: the form of `Datetime` search attributes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: i64 = 86_400;
const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// The text in UTC, with as many fraction digits as needed. `None` outside the years 0 to 9999,
/// which RFC 3339 cannot write.
pub(super) fn format(time: SystemTime) -> Option<String> {
    let nanos = nanos_since_epoch(time);
    let seconds = i64::try_from(nanos.div_euclid(NANOS_PER_SECOND)).ok()?;
    let fraction = nanos.rem_euclid(NANOS_PER_SECOND);
    let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
    if !(0..=9999).contains(&year) {
        return None;
    }
    let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if fraction != 0 {
        let digits = format!(".{fraction:09}");
        text.push_str(digits.trim_end_matches('0'));
    }
    text.push('Z');
    Some(text)
}

/// The time an RFC 3339 text stands for; digits past the nanosecond are cut. `None` if it is not
/// such a text.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let mut rest = text;
    let year = number(&mut rest, 4)?;
    let month = number(literal(&mut rest, b"-")?, 2)?;
    let day = number(literal(&mut rest, b"-")?, 2)?;
    let hour = number(literal(&mut rest, b"Tt ")?, 2)?;
    let minute = number(literal(&mut rest, b":")?, 2)?;
    let second = number(literal(&mut rest, b":")?, 2)?;
    let fraction = fraction(&mut rest)?;
    let offset = offset(rest)?;

    let days = days_from_civil(year, month, day);
    let in_range = hour < 24 && minute < 60 && second <= 60;
    if !in_range || civil_from_days(days) != (year, month, day) {
        return None;
    }
    let seconds = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset;
    time_from_nanos(i128::from(seconds) * NANOS_PER_SECOND + i128::from(fraction))
}

/// Takes `width` digits.
fn number(rest: &mut &str, width: usize) -> Option<i64> {
    let (digits, tail) = rest.split_at_checked(width)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    *rest = tail;
    digits.parse().ok()
}

/// Takes one of the given characters.
fn literal<'a, 'b>(rest: &'a mut &'b str, choices: &[u8]) -> Option<&'a mut &'b str> {
    let (found, tail) = rest.split_at_checked(1)?;
    if !choices.contains(found.as_bytes().first()?) {
        return None;
    }
    *rest = tail;
    Some(rest)
}

/// Takes the optional fraction of a second, in nanoseconds.
fn fraction(rest: &mut &str) -> Option<i64> {
    let Some(tail) = rest.strip_prefix('.') else {
        return Some(0);
    };
    let end = tail.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, tail) = tail.split_at_checked(end)?;
    if digits.is_empty() {
        return None;
    }
    *rest = tail;
    let nanos: String = digits.chars().chain("000000000".chars()).take(9).collect();
    nanos.parse().ok()
}

/// Reads the offset from UTC, in seconds.
fn offset(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let mut rest = text.get(1..)?;
    let hours = number(&mut rest, 2)?;
    let minutes = number(literal(&mut rest, b":")?, 2)?;
    if !rest.is_empty() || hours >= 24 || minutes >= 60 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    match text.as_bytes().first()? {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

fn nanos_since_epoch(time: SystemTime) -> i128 {
    let signed = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => signed(after),
        Err(before) => -signed(before.duration()),
    }
}

fn time_from_nanos(nanos: i128) -> Option<SystemTime> {
    let seconds = u64::try_from(nanos.unsigned_abs() / 1_000_000_000).ok()?;
    let fraction = u32::try_from(nanos.unsigned_abs() % 1_000_000_000).ok()?;
    let distance = Duration::new(seconds, fraction);
    if nanos < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    }
}

/// Year, month and day of a day counted from 1970-01-01 (proleptic Gregorian calendar). Years are
/// counted from March within, so that the leap day is the last of its year.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

/// The reverse of [`civil_from_days`]. A date that does not exist gives the day of another one.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanos: u32) -> SystemTime {
        time_from_nanos(i128::from(seconds) * NANOS_PER_SECOND + i128::from(nanos)).unwrap()
    }

    #[test]
    fn known_dates() {
        for (text, time) in [
            ("1970-01-01T00:00:00Z", at(0, 0)),
            ("2024-02-29T12:34:56.789Z", at(1_709_210_096, 789_000_000)),
            ("2000-03-01T00:00:00Z", at(951_868_800, 0)),
            ("1969-12-31T23:59:59.000000001Z", at(-1, 1)),
            ("0001-01-01T00:00:00Z", at(-62_135_596_800, 0)),
            ("9999-12-31T23:59:59Z", at(253_402_300_799, 0)),
        ] {
            assert_eq!(format(time).as_deref(), Some(text));
            assert_eq!(parse(text), Some(time), "{text}");
        }
        assert_eq!(format(at(253_402_300_800, 0)), None);
    }

    #[test]
    fn offsets_and_long_fractions_are_read() {
        assert_eq!(parse("1970-01-01T01:30:00+01:30"), Some(at(0, 0)));
        assert_eq!(
            parse("1969-12-31T22:00:00.5-02:00"),
            Some(at(0, 500_000_000))
        );
        assert_eq!(
            parse("1970-01-01t00:00:00.1234567899z"),
            Some(at(0, 123_456_789))
        );
    }

    #[test]
    fn every_day_of_four_centuries_round_trips() {
        for day in -146_097..146_097 {
            let (year, month, date) = civil_from_days(day);
            assert_eq!(days_from_civil(year, month, date), day);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "2024-02-30T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+1:00",
            "2024-01-01T00:00:00 01:00",
            "2024-01-01T00:00:00é",
            "+024-01-01T00:00:00Z",
            "2024-01-01T00:00:00+01:00x",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
