//! How often something should be called.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expectation {
    Times(usize),
    AtLeast(usize),
}

impl Expectation {
    pub(super) fn holds(self, calls: usize) -> bool {
        match self {
            Self::Times(times) => calls == times,
            Self::AtLeast(times) => calls >= times,
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = |times: usize| match times {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        match *self {
            Self::Times(0) => formatter.write_str("never be called"),
            Self::Times(number) => write!(formatter, "be called {}", times(number)),
            Self::AtLeast(number) => write!(formatter, "be called at least {}", times(number)),
        }
    }
}
