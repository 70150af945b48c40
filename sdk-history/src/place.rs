//! Where a history was found.

use std::fmt;

/// Where a history was found: `histories.jsonl, history 3 (line 7)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Place {
    /// The file, or another name of where the bytes came from.
    pub input: String,
    /// Which history of the input it is, from 1.
    pub number: usize,
    /// The line on which it begins, from 1; 0 if it is not text.
    pub line: usize,
}

impl Place {
    /// The only history of an input that is no file: `workflow "order-123"`.
    pub fn named(input: impl Into<String>) -> Self {
        Self {
            input: input.into(),
            number: 1,
            line: 0,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.input)?;
        if self.number > 1 {
            write!(formatter, ", history {}", self.number)?;
            if self.line > 0 {
                write!(formatter, " (line {})", self.line)?;
            }
        }
        Ok(())
    }
}
