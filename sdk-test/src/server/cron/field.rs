//! A field of a cron schedule: `*`, `?`, `5`, `1-5`, `*/15`, `MON-FRI`, and lists of these.

/// The values of a field.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldRange {
    pub(super) min: u32,
    pub(super) max: u32,
    /// Words for the values from `min` on.
    pub(super) names: &'static [&'static str],
}

/// What a field allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) bits: u64,
    /// A part is `*` or `?` without a step above 1.
    pub(super) any: bool,
}

/// Reads a field; empty parts of a list say nothing.
pub(super) fn parse_field(text: &str, range: FieldRange) -> Option<Field> {
    let mut field = Field {
        bits: 0,
        any: false,
    };
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let part = parse_part(part, range)?;
        field.bits |= part.bits;
        field.any |= part.any;
    }
    Some(field)
}

fn parse_part(part: &str, range: FieldRange) -> Option<Field> {
    let mut slashes = part.split('/');
    let (values, step) = (slashes.next()?, slashes.next());
    if slashes.next().is_some() {
        return None;
    }
    let mut dashes = values.split('-');
    let (first, last) = (dashes.next()?, dashes.next());
    let any = matches!(first, "*" | "?");
    let (start, mut end) = if any {
        (range.min, range.max)
    } else {
        if dashes.next().is_some() {
            return None;
        }
        let start = value(first, range)?;
        (start, last.map_or(Some(start), |last| value(last, range))?)
    };
    let step = match step {
        Some(step) => number(step)?,
        None => 1,
    };
    if !any && last.is_none() && part.contains('/') {
        end = range.max;
    }
    if start < range.min || end > range.max || start > end || step == 0 {
        return None;
    }
    let bits = (start..=end)
        .step_by(step as usize)
        .fold(0, |bits, value| bits | 1u64 << value);
    Some(Field {
        bits,
        any: any && step == 1,
    })
}

fn value(text: &str, range: FieldRange) -> Option<u32> {
    let name = range
        .names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text));
    match name {
        Some(place) => Some(range.min + u32::try_from(place).ok()?),
        None => number(text),
    }
}

/// A number that is not negative.
fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}
