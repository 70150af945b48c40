//! What a function is for, and what that asks of its signature.

use std::fmt;

/// What a function is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// A free function under `#[activity]`.
    ActivityFunction,
    /// A method under `#[activity]` in an `#[activities]` impl.
    ActivityMethod,
    /// A free function under `#[workflow]`.
    WorkflowFunction,
    Run,
    Init,
    Signal,
    Query,
    Update,
    Validator,
}

impl Role {
    /// Whether this is code of a workflow, and not of an activity.
    pub(crate) fn is_workflow(self) -> bool {
        !matches!(self, Self::ActivityFunction | Self::ActivityMethod)
    }

    /// Whether parameters are lent to the function and not given.
    pub(crate) fn borrows_parameters(self) -> bool {
        matches!(self, Self::Init | Self::Validator)
    }

    /// Whether the function must be `async`.
    pub(crate) fn must_be_async(self) -> bool {
        matches!(self, Self::WorkflowFunction | Self::Run)
    }

    /// Why the function cannot be `async`, where that is so.
    pub(crate) fn why_not_async(self) -> Option<&'static str> {
        match self {
            Self::Init => {
                Some("the state is made before anything can be awaited; await in `#[run]` instead")
            }
            Self::Query => {
                Some("a query is answered at once from the state there is; remove `async`")
            }
            Self::Validator => Some(
                "an update is accepted or refused at once; await in the `#[update]` handler instead",
            ),
            _ => None,
        }
    }

    /// Whether the function must take the context.
    pub(crate) fn needs_context(self) -> bool {
        self.must_be_async()
    }

    /// The name of the context's type.
    pub(crate) fn context_type(self) -> &'static str {
        if self.is_workflow() {
            "WorkflowContext"
        } else {
            "ActivityContext"
        }
    }
}

/// As the subject of a sentence.
impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ActivityFunction | Self::ActivityMethod => "an activity",
            Self::WorkflowFunction => "a workflow",
            Self::Run => "`#[run]`",
            Self::Init => "`#[init]`",
            Self::Signal => "a signal handler",
            Self::Query => "a query handler",
            Self::Update => "an update handler",
            Self::Validator => "a validator",
        })
    }
}
