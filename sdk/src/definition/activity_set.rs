//! All activities of one type, registered together.

use std::sync::Arc;

use crate::activity::ActivityRegistry;

/// A value whose methods are activities.
///
/// Made by [`#[activities]`](macro@crate::activities) on an impl block. Given to a worker as one value
/// (`.activities(Inventory { db })`), which every attempt then shares.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of activities",
    label = "expected a value whose impl is marked `#[activities]`",
    note = "mark the impl block with `#[activities]` and each of its activities with `#[activity]`; a free function goes \
            to `.activity(..)` instead"
)]
pub trait ActivitySet: Send + Sync + 'static {
    /// Registers each activity with `self` as the receiver.
    fn register(self: Arc<Self>, registry: &mut ActivityRegistry);
}
