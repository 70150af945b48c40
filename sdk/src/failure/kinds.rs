//! The kinds of failure as one enum.

use std::error::Error;
use std::fmt;

use super::{
    ActivityFailure, ApplicationFailure, CanceledFailure, ChildWorkflowFailure,
    NexusHandlerFailure, NexusOperationFailure, ResetWorkflowFailure, ServerFailure,
    TerminatedFailure, TimeoutFailure,
};

/// A failure of any kind. The original failure of an activity or a child workflow is its cause.
///
/// ```
/// use durably::failure::{ApplicationFailure, Failure};
///
/// fn is_invalid_order(failure: &Failure) -> bool {
///     failure.application().is_some_and(|failure| failure.failure_type() == "InvalidOrder")
/// }
///
/// let failure = ApplicationFailure::new("no such order").with_type("InvalidOrder");
/// assert!(is_invalid_order(&failure.into()));
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// User code failed.
    Application(ApplicationFailure),
    /// Something was canceled.
    Canceled(CanceledFailure),
    /// Something took too long.
    Timeout(TimeoutFailure),
    /// A workflow was terminated.
    Terminated(TerminatedFailure),
    /// The server failed.
    Server(ServerFailure),
    /// A workflow was reset.
    ResetWorkflow(ResetWorkflowFailure),
    /// An activity failed; the cause says how.
    Activity(ActivityFailure),
    /// A child workflow failed; the cause says how.
    ChildWorkflow(ChildWorkflowFailure),
    /// A Nexus operation failed; the cause says how.
    NexusOperation(NexusOperationFailure),
    /// A Nexus handler failed.
    NexusHandler(NexusHandlerFailure),
}

/// Calls the same method on whichever kind it is.
macro_rules! each_kind {
    ($failure:expr, $kind:ident => $body:expr) => {
        match $failure {
            Failure::Application($kind) => $body,
            Failure::Canceled($kind) => $body,
            Failure::Timeout($kind) => $body,
            Failure::Terminated($kind) => $body,
            Failure::Server($kind) => $body,
            Failure::ResetWorkflow($kind) => $body,
            Failure::Activity($kind) => $body,
            Failure::ChildWorkflow($kind) => $body,
            Failure::NexusOperation($kind) => $body,
            Failure::NexusHandler($kind) => $body,
        }
    };
}

impl Failure {
    /// The message of the outermost failure.
    pub fn message(&self) -> &str {
        each_kind!(self, kind => kind.message())
    }

    /// Where the failure was made: the name of an SDK, or `Server`.
    pub fn origin(&self) -> &str {
        each_kind!(self, kind => kind.origin())
    }

    /// The stack trace in the form of the SDK that made it; empty if there is none.
    pub fn stack_trace(&self) -> &str {
        each_kind!(self, kind => kind.stack_trace())
    }

    /// What caused this failure. Also the error's `source`.
    pub fn cause(&self) -> Option<&Self> {
        each_kind!(self, kind => kind.cause())
    }

    /// This failure and its causes, outermost first.
    pub fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |failure| Self::cause(failure))
    }

    /// The first application failure in the chain: what the user code of an activity or of a child
    /// workflow returned.
    pub fn application(&self) -> Option<&ApplicationFailure> {
        self.chain().find_map(|failure| match failure {
            Self::Application(found) => Some(found),
            _ => None,
        })
    }

    /// The first timeout in the chain.
    pub fn timeout(&self) -> Option<&TimeoutFailure> {
        self.chain().find_map(|failure| match failure {
            Self::Timeout(found) => Some(found),
            _ => None,
        })
    }

    /// Whether this is a cancellation: one itself, an activity, child workflow or Nexus operation
    /// that was canceled, or an error of the user's that merely wraps one of these.
    pub fn is_canceled(&self) -> bool {
        match self {
            Self::Canceled(_) => true,
            Self::Application(wrapper) => wrapper.wraps() && is_cause_canceled(self),
            Self::Activity(_) | Self::ChildWorkflow(_) | Self::NexusOperation(_) => {
                is_cause_canceled(self)
            }
            _ => false,
        }
    }
}

fn is_cause_canceled(failure: &Failure) -> bool {
    failure.cause().is_some_and(Failure::is_canceled)
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        each_kind!(self, kind => kind.fmt(formatter))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        each_kind!(self, kind => fmt::Debug::fmt(kind, formatter))
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_with_a_failure_stays_small() {
        assert!(size_of::<Failure>() <= 16);
        assert!(size_of::<Result<(), Failure>>() <= 16);
    }

    #[test]
    fn a_deliberate_failure_is_no_cancellation_whatever_its_cause() {
        let canceled = Failure::from(CanceledFailure::new("stop"));
        assert!(canceled.is_canceled());
        let failure = ApplicationFailure::new("gave up").with_cause(canceled);
        assert!(!Failure::from(failure).is_canceled());
    }
}
