//! What is wrong with JSON text, and where.

use std::fmt;

use super::reader::shortened;

/// JSON text that is not what was expected: where, in which field, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: JsonErrorKind,
    offset: usize,
    /// From the innermost outwards.
    path: Vec<String>,
}

/// What is wrong with JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// The text ends within a value.
    Incomplete,
    /// The text is not JSON.
    Syntax {
        /// What JSON has at this place.
        expected: &'static str,
        /// The text that is there.
        found: String,
    },
    /// The value is JSON, but not one that the field can hold.
    Value {
        /// What the field holds.
        expected: &'static str,
        /// The text that is there.
        found: String,
    },
    /// Objects and arrays are nested in each other deeper than any history needs.
    TooDeep {
        /// The depth up to which text is read.
        limit: u32,
    },
    /// Arrays and maps hold more than may be read: [`JsonReader::with_elements`](super::JsonReader::with_elements).
    TooMany,
}

impl JsonError {
    pub(super) fn new(kind: JsonErrorKind, offset: usize) -> Self {
        Self(Box::new(Inner {
            kind,
            offset,
            path: Vec::new(),
        }))
    }

    /// The error of a value within a field, or within an element (`[3]`). A long name is cut.
    #[must_use]
    pub fn within(mut self, name: &str) -> Self {
        self.0.path.push(shortened(name).into_owned());
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> &JsonErrorKind {
        &self.0.kind
    }

    /// Whether more text could mend it.
    pub fn is_incomplete(&self) -> bool {
        matches!(self.0.kind, JsonErrorKind::Incomplete)
    }

    /// The byte of the text at which it was noticed.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The field, as the names in the text: `timerStartedEventAttributes.startToFireTimeout`.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for name in self.0.path.iter().rev() {
            if !path.is_empty() && !name.starts_with('[') {
                path.push('.');
            }
            path.push_str(name);
        }
        path
    }
}

impl std::error::Error for JsonError {}

impl fmt::Display for JsonError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(formatter, "{}: ", self.path())?;
        }
        self.0.kind.fmt(formatter)
    }
}

impl fmt::Display for JsonErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => formatter.write_str("the text ends within a value"),
            Self::Syntax { expected, found } => {
                write!(formatter, "not JSON: {expected} expected, found `{found}`")
            }
            Self::Value { expected, found } => {
                write!(formatter, "{expected} expected, found `{found}`")
            }
            Self::TooDeep { limit } => {
                write!(formatter, "values are nested deeper than {limit} levels")
            }
            Self::TooMany => formatter.write_str("arrays and maps hold too many values"),
        }
    }
}
