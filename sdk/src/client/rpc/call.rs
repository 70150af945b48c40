//! How long a call may take and whether it is retried.

use std::time::Duration;

use super::retry::{Backoff, CLIENT_POLL, CONNECT, ORDINARY, TASK_POLL};

/// How long an ordinary call may take.
const ORDINARY_DEADLINE: Duration = Duration::from_secs(30);
/// How long a call may take that the server answers only when there is something to tell. The server
/// itself gives up after 60 s.
const LONG_POLL_DEADLINE: Duration = Duration::from_secs(70);

/// How one call is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(super) deadline: Duration,
    /// `None` means a single attempt.
    pub(super) backoff: Option<Backoff>,
}

impl Call {
    /// A call that is answered at once: 30 s for each attempt, retried for 10 s or 10 attempts, and
    /// for 60 s while the server cannot be reached.
    pub(crate) const ORDINARY: Self = Self {
        deadline: ORDINARY_DEADLINE,
        backoff: Some(ORDINARY),
    };

    /// The first call on a connection: as an ordinary one, but given up after 10 s in any case.
    pub(crate) const CONNECT: Self = Self {
        deadline: ORDINARY_DEADLINE,
        backoff: Some(CONNECT),
    };

    /// A long poll of a client: 70 s for each attempt, retried for 5 minutes.
    pub(crate) const LONG_POLL: Self = Self {
        deadline: LONG_POLL_DEADLINE,
        backoff: Some(CLIENT_POLL),
    };

    /// A worker's poll for tasks: 70 s for each attempt, retried for ever on what may pass by itself,
    /// an expired poll included. Every other error is returned at once; the worker's period of grace
    /// for these (60 s) is the worker's to keep.
    pub(crate) const TASK_POLL: Self = Self {
        deadline: LONG_POLL_DEADLINE,
        backoff: Some(TASK_POLL),
    };

    /// A single attempt of an ordinary call.
    pub(crate) const NO_RETRY: Self = Self {
        deadline: ORDINARY_DEADLINE,
        backoff: None,
    };

    /// An ordinary call that is retried for a time of the caller's choosing: for what would be lost
    /// if it could not be delivered.
    pub(crate) fn retried_for(longest: Duration) -> Self {
        Self {
            deadline: ORDINARY_DEADLINE,
            backoff: Some(ORDINARY.for_at_least(longest)),
        }
    }
}
