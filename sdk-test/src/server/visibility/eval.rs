//! Whether a record satisfies a condition, in the three-valued logic of SQL.

use std::cmp::Ordering;

use super::VisibilityRecord;
use super::condition::{Condition, Test, words};
use super::operand::Operand;
use super::record::FieldValue;

impl Condition {
    /// `None` is unknown: a comparison with null, and what depends on it. `NOT` of unknown is unknown, so a run
    /// without the attribute satisfies neither `OrderStatus = 'new'` nor `NOT OrderStatus = 'new'`.
    pub(super) fn holds(&self, record: &VisibilityRecord<'_>) -> Option<bool> {
        match self {
            Self::All(list) => join(list, record, false),
            Self::Any(list) => join(list, record, true),
            Self::Not(inner) => inner.holds(record).map(|holds| !holds),
            Self::Test { field, test } => test.holds(record.value(field)),
        }
    }
}

/// One `deciding` answer decides; else one unknown makes the whole unknown.
fn join(list: &[Condition], record: &VisibilityRecord<'_>, deciding: bool) -> Option<bool> {
    let mut result = Some(!deciding);
    for condition in list {
        match condition.holds(record) {
            Some(holds) if holds == deciding => return Some(deciding),
            Some(_) => {}
            None => result = None,
        }
    }
    result
}

impl Test {
    fn holds(&self, value: Option<FieldValue<'_>>) -> Option<bool> {
        match self {
            Self::IsNull => Some(value.is_none()),
            Self::IsNotNull => Some(value.is_some()),
            // A null text has no words, a null list no items.
            Self::HasWords {
                negated,
                alternatives,
            } => {
                let found = match value {
                    Some(FieldValue::Text(text)) => has_words(text, alternatives),
                    _ => false,
                };
                Some(found != *negated)
            }
            Self::HasItem { negated, items } => {
                let found = match value {
                    Some(FieldValue::List(list)) => list.iter().any(|item| items.contains(item)),
                    _ => false,
                };
                Some(found != *negated)
            }
            _ => self.holds_for(value?),
        }
    }

    fn holds_for(&self, value: FieldValue<'_>) -> Option<bool> {
        match self {
            Self::Compare(comparison, operand) => {
                compare(value, operand).map(|ordering| comparison.holds(ordering))
            }
            Self::OneOf { negated, operands } => {
                let found = operands
                    .iter()
                    .any(|operand| compare(value, operand).is_some_and(Ordering::is_eq));
                Some(found != *negated)
            }
            Self::StartsWith { negated, prefix } => match value {
                FieldValue::Keyword(text) => Some(text.starts_with(prefix) != *negated),
                _ => None,
            },
            Self::Between { negated, from, to } => {
                let within = compare(value, from)?.is_ge() && compare(value, to)?.is_le();
                Some(within != *negated)
            }
            _ => None,
        }
    }
}

/// `None` where the two have no order, which the types of bound conditions rule out, except for NaN.
fn compare(value: FieldValue<'_>, operand: &Operand) -> Option<Ordering> {
    match (value, operand) {
        (FieldValue::Bool(left), Operand::Bool(right)) => Some(left.cmp(right)),
        (FieldValue::Int(left), Operand::Int(right)) => Some(left.cmp(right)),
        (FieldValue::Int(left), Operand::Double(right)) => compare_mixed(left, *right),
        (FieldValue::Double(left), Operand::Int(right)) => {
            compare_mixed(*right, left).map(Ordering::reverse)
        }
        (FieldValue::Double(left), Operand::Double(right)) => left.partial_cmp(right),
        (FieldValue::Time(left), Operand::Time(right)) => Some(left.cmp(right)),
        (FieldValue::Keyword(left), Operand::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// Exact, also where a float cannot hold the integer.
fn compare_mixed(left: i64, right: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if right.is_nan() {
        return None;
    }
    if right >= LIMIT {
        return Some(Ordering::Less);
    }
    if right < -LIMIT {
        return Some(Ordering::Greater);
    }
    let whole = right.trunc();
    let fraction = 0.0.partial_cmp(&(right - whole))?;
    Some(left.cmp(&(whole as i64)).then(fraction))
}

fn has_words(text: &str, alternatives: &[Vec<String>]) -> bool {
    let words = words(text);
    alternatives.iter().any(|sequence| {
        !sequence.is_empty()
            && words
                .windows(sequence.len())
                .any(|window| window == sequence.as_slice())
    })
}
