//! Commands: what the code asks the server to do, queued until an event confirms each.

mod go_marker;
mod groups;
mod identity;
mod marker;
mod matching;
mod proto;
mod queue;

pub(crate) use groups::EventGroups;
pub use identity::{CommandIdentity, MarkerIdentity};
pub(crate) use marker::{
    LocalActivityData, Marker, MarkerContent, MarkerError, Parts, json_payload,
    local_activity_details,
};
pub(crate) use matching::Mismatch;
pub(crate) use queue::{Command, CommandId, CommandQueue, Queued, RecordMarker};
