//! What workflows and workers tell each other of sessions: names as they stand in histories, which
//! are those of the Go SDK.

use serde::{Deserialize, Serialize};

/// Holds a session open, as long as it runs.
pub(crate) const CREATION_ACTIVITY: &str = "internalSessionCreationActivity";

/// Ends a session: the one whose id it is given.
pub(crate) const COMPLETION_ACTIVITY: &str = "internalSessionCompletionActivity";

/// The type of the failure of a creation on a worker without room.
pub(crate) const TOO_MANY_SESSIONS: &str = "TooManySessions";

/// How the ids of sessions begin. The signal by which the worker tells where a session is has the
/// session's id for its name; it is never given to handlers of all names.
pub(crate) const ID_PREFIX: &str = "__durably_session_";

/// The queue on which sessions of a task queue are asked for. Its workers take what they have room
/// for.
pub(crate) fn creation_queue(task_queue: &str) -> String {
    format!("{task_queue}__internal_session_creation")
}

/// Where a session is: what its worker tells the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionPlace {
    /// The queue that this worker alone polls.
    #[serde(rename = "Taskqueue")]
    pub(crate) task_queue: String,
    /// The worker, for people.
    #[serde(rename = "HostName")]
    pub(crate) host: String,
    /// The worker, as the one that has what sessions need.
    #[serde(rename = "ResourceID")]
    pub(crate) resource_id: String,
}
