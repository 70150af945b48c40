//! A field of a calendar as text: `*`, `5`, `1-5`, `*/15`, `1-5/2,8`, `mon-fri`.

use durably_protos::temporal::api::schedule::v1::Range;

/// One field of a calendar: its name in errors, its default and its values.
#[derive(Debug)]
pub(super) struct CalendarField {
    pub(super) name: &'static str,
    /// What an empty text stands for.
    pub(super) default: &'static str,
    pub(super) min: i32,
    pub(super) max: i32,
    pub(super) names: Names,
}

/// Words that a field takes beside numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    None,
    /// A month by at least three of its letters; January is 1.
    Months,
    /// A day of the week by at least two of its letters; Sunday is 0, and so is 7.
    DaysOfWeek,
    /// No words, and `*` is no range at all, as structured calendars have it for years.
    Years,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS_OF_WEEK: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// A field whose text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RangeTextError {
    /// More than one `/` in a part.
    #[error("{0} has too many slashes")]
    TooManySlashes(&'static str),
    /// More than one `-` in a part.
    #[error("{0} has too many dashes")]
    TooManyDashes(&'static str),
    /// Nothing follows the `/`.
    #[error("{0} missing step value")]
    MissingStep(&'static str),
    /// The step is below 1.
    #[error("{0} has invalid Step")]
    InvalidStep(&'static str),
    /// The step is not a number.
    #[error("strconv.Atoi: parsing {0:?}: invalid syntax")]
    StepNotNumber(String),
    /// A value is no value of the field.
    #[error("{field} is not in range [{min}-{max}]")]
    NotInRange {
        field: &'static str,
        min: i32,
        max: i32,
    },
    /// The start of a range is no value of the field.
    #[error("{field} Start is not in range [{min}-{max}]")]
    StartNotInRange {
        field: &'static str,
        min: i32,
        max: i32,
    },
    /// The end of a range is no value of the field, or before the start.
    #[error("{field} End is before Start or not in range [{min}-{max}]")]
    EndNotInRange {
        field: &'static str,
        min: i32,
        max: i32,
    },
}

/// The ranges of `text`, with ends and steps of 0 where these say nothing.
pub(super) fn parse_ranges(
    text: &str,
    field: &CalendarField,
) -> Result<Vec<Range>, RangeTextError> {
    let text = match text.trim() {
        "" => field.default,
        text => text,
    };
    if text == "*" && field.names == Names::Years {
        return Ok(Vec::new());
    }
    let mut ranges = Vec::new();
    for part in text.split(',') {
        push_range(&mut ranges, parse_part(part, field)?, field.names);
    }
    Ok(ranges)
}

/// Values `start`, `start + step`, … up to `end`.
struct Part {
    start: i32,
    end: i32,
    step: i32,
}

fn parse_part(part: &str, field: &CalendarField) -> Result<Part, RangeTextError> {
    let CalendarField { name, min, max, .. } = *field;
    if part.matches('/').count() > 1 {
        return Err(RangeTextError::TooManySlashes(name));
    }
    let (values, step) = match part.split_once('/') {
        Some((_, "")) => return Err(RangeTextError::MissingStep(name)),
        Some((values, step)) => (values, Some(parse_step(step, name)?)),
        None => (part, None),
    };
    let (start, end) = if values == "*" {
        (min, max)
    } else if let Some((start, end)) = values.split_once('-') {
        if end.contains('-') {
            return Err(RangeTextError::TooManyDashes(name));
        }
        let field_name = name;
        let start =
            parse_value(start, min, max, field.names).ok_or(RangeTextError::StartNotInRange {
                field: field_name,
                min,
                max,
            })?;
        let end =
            parse_value(end, start, max, field.names).ok_or(RangeTextError::EndNotInRange {
                field: field_name,
                min,
                max,
            })?;
        (start, end)
    } else {
        let value =
            parse_value(values, min, max, field.names).ok_or(RangeTextError::NotInRange {
                field: name,
                min,
                max,
            })?;
        // A single value with a step runs to the end of the field.
        (value, if step.is_some() { max } else { value })
    };
    Ok(Part {
        start,
        end,
        step: step.unwrap_or(1),
    })
}

/// Adds the range of `part`; a Sunday written as 7 becomes 0, which may take a range of its own.
fn push_range(ranges: &mut Vec<Range>, part: Part, names: Names) {
    let Part {
        start,
        mut end,
        step,
    } = part;
    if names == Names::DaysOfWeek && end == 7 {
        let hits_seven = (7 - start) % step == 0;
        let covers_zero = step == 1 && start <= 1;
        if hits_seven && !covers_zero {
            ranges.push(Range::default());
            if start == 7 {
                return;
            }
        }
        end = 6;
    }
    ranges.push(Range {
        start,
        end: if end == start { 0 } else { end },
        step: if step == 1 { 0 } else { step },
    });
}

fn parse_step(text: &str, field: &'static str) -> Result<i32, RangeTextError> {
    let step: i32 = text
        .parse()
        .map_err(|_| RangeTextError::StepNotNumber(text.to_owned()))?;
    if step < 1 {
        return Err(RangeTextError::InvalidStep(field));
    }
    Ok(step)
}

fn parse_value(text: &str, min: i32, max: i32, names: Names) -> Option<i32> {
    let value = match names {
        Names::Months => named(text, &MONTHS, 3).map(|month| month + 1),
        Names::DaysOfWeek => named(text, &DAYS_OF_WEEK, 2),
        Names::None | Names::Years => None,
    };
    let value = match value {
        Some(value) => value,
        None => text.parse().ok()?,
    };
    (min..=max).contains(&value).then_some(value)
}

/// The place of the first word that begins with `text`, if this has at least `letters` letters.
fn named(text: &str, words: &[&str], letters: usize) -> Option<i32> {
    if text.len() < letters {
        return None;
    }
    let text = text.to_ascii_lowercase();
    let place = words.iter().position(|word| word.starts_with(&text))?;
    i32::try_from(place).ok()
}
