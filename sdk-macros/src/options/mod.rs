//! What stands between the parentheses of an attribute: `key = value` and `key(..)`, by commas.
//!
//! Parsing is lenient: a mistake in one option is noted and the others are still read.

mod duration;
mod entry;
mod name;
mod taken;
mod value;

pub(crate) use duration::duration;
pub(crate) use entry::{Entry, Known, entries};
pub(crate) use name::{name, registered_name};
pub(crate) use taken::TakenNames;
pub(crate) use value::{crate_path, flag, float, integer, list, text, texts, word};
