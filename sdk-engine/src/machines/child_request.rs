//! The request that cancels a child workflow (protocol 4.4, 4.6):
//! `RequestCancelExternalWorkflowExecution`, sent again when it came before the child.
//!
//! A server carries the request out beside the child's start. One that is faster than the start
//! finds no workflow, which `RequestCancelExternalWorkflowExecutionFailed` tells: the child would
//! never learn that it was canceled. It is asked again once it has started and the failure is
//! known, whichever comes last.
//!
//! | from | input | to | effects |
//! |---|---|---|---|
//! | `NotStarted` | `ChildStarted` | `Started` | |
//! | `NotStarted` | `Ask` | `Early` | `Send` |
//! | `Started` | `Ask` | `Sent` | `Send` |
//! | `Early` | `ChildStarted` | `EarlyStarted` | |
//! | `Early` | `NotDelivered` | `Lost` | |
//! | `EarlyStarted` | `NotDelivered` | `Sent` | `Send` |
//! | `Lost` | `ChildStarted` | `Sent` | `Send` |
//! | `Sent` | `NotDelivered` | `Sent` | |
//!
//! A request to a child that had started and was not delivered found the child ended.

/// Whether the child was asked to cancel, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ChildRequest {
    #[default]
    NotStarted,
    Started,
    Early,
    EarlyStarted,
    Lost,
    Sent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestInput {
    /// Code cancels the child.
    Ask,
    ChildStarted,
    /// `RequestCancelExternalWorkflowExecutionFailed`.
    NotDelivered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Send,
}

impl ChildRequest {
    fn next(self, input: RequestInput) -> Option<(Self, &'static [Effect])> {
        use RequestInput as I;
        Some(match (self, input) {
            (Self::NotStarted, I::ChildStarted) => (Self::Started, &[]),
            (Self::NotStarted, I::Ask) => (Self::Early, &[Effect::Send]),
            (Self::Early, I::ChildStarted) => (Self::EarlyStarted, &[]),
            (Self::Early, I::NotDelivered) => (Self::Lost, &[]),
            (Self::Started, I::Ask)
            | (Self::EarlyStarted, I::NotDelivered)
            | (Self::Lost, I::ChildStarted) => (Self::Sent, &[Effect::Send]),
            (Self::Sent, I::NotDelivered) => (Self::Sent, &[]),
            _ => return None,
        })
    }

    /// Puts an input; whether a request must be sent. The child's own machine refuses what does
    /// not fit, so that an unlisted pair means nothing here.
    pub(super) fn apply(&mut self, input: RequestInput) -> bool {
        let Some((state, effects)) = self.next(input) else {
            return false;
        };
        *self = state;
        effects.contains(&Effect::Send)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machines::table;

    #[test]
    fn the_table_is_the_machine() {
        use ChildRequest as S;
        use RequestInput as I;
        table::check(
            include_str!("child_request.rs"),
            &[
                S::NotStarted,
                S::Started,
                S::Early,
                S::EarlyStarted,
                S::Lost,
                S::Sent,
            ],
            &[I::Ask, I::ChildStarted, I::NotDelivered],
            S::next,
        );
    }
}
