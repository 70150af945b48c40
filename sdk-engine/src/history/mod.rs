//! Histories: which events are of which class, and where one activation ends and the next begins.

mod buffer;
mod chunk;
mod class;

pub(crate) use buffer::HistoryBuffer;
pub use chunk::ChunkingRule;
pub(crate) use chunk::{Boundary, find_boundary};
pub use class::{describe, is_command_event};
pub(crate) use class::{is_ignorable, type_name};
