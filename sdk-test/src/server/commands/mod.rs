//! What a worker answers a workflow task with: checked as a whole, then carried out.
//!
//! Either all commands of an answer are carried out or none is: the [`check`] finds the first that
//! cannot be, before anything is written.

mod apply;
mod check;
mod messages;
mod order;

pub(crate) use apply::{Applied, merge_memo};
pub(crate) use check::{BadCommand, Surroundings, check};
pub(crate) use messages::UpdateMessages;
pub(crate) use order::check_order;
