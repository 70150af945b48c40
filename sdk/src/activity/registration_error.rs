//! Activities that cannot be registered as they are.

use std::fmt;

/// An activity cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationProblem {
    /// Two activities have the same name.
    #[error(
        "activity `{name}` is registered more than once: register it once, or give one of the two \
         another name with `#[activity(name = \"...\")]`"
    )]
    Duplicate {
        /// The name.
        name: String,
    },
    /// The name is kept for Temporal's own use.
    #[error(
        "activity `{name}` has a reserved name: names that begin with `__temporal_`, `__stack_trace` \
         and `__enhanced_stack_trace` are Temporal's own; give it another one"
    )]
    Reserved {
        /// The name.
        name: String,
    },
    /// The name is empty.
    #[error("an activity is registered under an empty name: give it one")]
    EmptyName,
    /// There are two activities for all names that have none of their own.
    #[error("two dynamic activities are registered: a worker can have one")]
    DuplicateDynamic,
}

/// The activities of a worker cannot be used as they are; all that is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationError {
    problems: Vec<RegistrationProblem>,
}

impl RegistrationError {
    pub(super) fn new(problems: Vec<RegistrationProblem>) -> Self {
        Self { problems }
    }

    /// Everything that is wrong; at least one.
    pub fn problems(&self) -> &[RegistrationProblem] {
        &self.problems
    }
}

impl fmt::Display for RegistrationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            problem.fmt(formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for RegistrationError {}
