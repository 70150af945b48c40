//! A query whose names and values are resolved.

use super::operand::Operand;
use super::record::Field;

/// What a record must satisfy.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Test { field: Field, test: Test },
}

/// What the value of one attribute must satisfy.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    IsNull,
    IsNotNull,
    Compare(Comparison, Operand),
    /// `IN`: any of these.
    OneOf {
        negated: bool,
        operands: Vec<Operand>,
    },
    StartsWith {
        negated: bool,
        prefix: String,
    },
    Between {
        negated: bool,
        from: Operand,
        to: Operand,
    },
    /// Of a text: any of these sequences of words, which are in lower case.
    HasWords {
        negated: bool,
        alternatives: Vec<Vec<String>>,
    },
    /// Of a list: any of these.
    HasItem {
        negated: bool,
        items: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(super) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// The words of a text: what letters and digits form, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
