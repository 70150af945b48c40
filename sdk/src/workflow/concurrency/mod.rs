//! Waiting for several things at once, in an order that a replay repeats.
//!
//! | wait for | with |
//! |---|---|
//! | the first of a few | [`select!`](crate::select) |
//! | all of a few | [`join!`](crate::join), [`try_join!`](crate::try_join) |
//! | all of a list | [`join_all`], [`try_join_all`] |
//! | one after the other of many, as they end | [`Unordered`] |
//!
//! The macros poll their branches in the order in which they are written. The others poll what was
//! woken, in the order in which it was: ten thousand activities cost one poll for each result.

mod branch;
mod children;
mod join;
mod join_all;
mod select;
mod unordered;
mod woken;

pub use branch::{no_branch_left, poll_branch, take_output};
pub use join_all::{JoinAll, TryJoinAll, join_all, try_join_all};
pub use unordered::{Next, Unordered};
