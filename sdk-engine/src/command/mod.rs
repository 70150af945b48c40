//! Commands: what the code asks the server to do, queued until an event confirms each.

mod matching;
mod proto;
mod queue;

pub(crate) use matching::Mismatch;
pub(crate) use queue::{Command, CommandId, CommandQueue, Queued};
