//! What the expansions of `select!` and `join!` call.

use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

/// Polls a branch, unless it has ended or never began; it is dropped when it ends.
pub fn poll_branch<F: Future>(
    mut branch: Pin<&mut Option<F>>,
    cx: &mut PollContext<'_>,
) -> Option<Poll<F::Output>> {
    let poll = branch.as_mut().as_pin_mut()?.poll(cx);
    if poll.is_ready() {
        branch.set(None);
    }
    Some(poll)
}

/// The output of a branch that was waited for.
///
/// # Panics
/// Never: the macros call it when all branches have ended.
pub fn take_output<T>(output: Option<T>) -> T {
    output.expect("a branch that has ended has left its output")
}

/// The end of a `select!` without an `else`, none of whose branches can be chosen.
///
/// # Panics
/// Always.
#[track_caller]
pub fn no_branch_left() -> ! {
    panic!(
        "select! has no branch left: each one's guard is false, or its output does not match its \
         pattern; add `else => ..`"
    )
}
