//! Groups of events: what belongs together in a history, for who reads it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll};

use durably_protos::temporal::api::sdk::v1::EventGroupMarker;
use durably_protos::temporal::api::sdk::v1::event_group_marker::{Label, Variant};

use super::WorkflowContext;
use super::extension::Extension;
use crate::payload::ToPayload;

/// The groups of a run.
#[derive(Debug, Default)]
pub(super) struct EventGroups {
    /// How many there are.
    count: Cell<u32>,
    /// Those of the code that is being polled, the outermost first.
    current: RefCell<Vec<EventGroup>>,
}

impl WorkflowContext {
    /// A group of events under a label (a few words, 400 bytes at most): what belongs together in a
    /// long history. The web UI shows it; nothing else depends on it.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # #[activity(start_to_close_timeout = "10s")] async fn pack(order: String) -> ActivityResult<()> { Ok(()) }
    /// # #[activity(start_to_close_timeout = "10s")] async fn send(order: String) -> ActivityResult<()> { Ok(()) }
    /// # async fn example(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    /// let shipping = ctx.event_group("shipping");
    /// shipping
    ///     .run(async {
    ///         ctx.activity(pack, &order).await?;
    ///         ctx.activity(send, &order).await
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Two groups with the same label are two groups.
    ///
    /// # Determinism
    /// Recorded beside the events of the commands that belong to the group. A replay does not compare
    /// it: groups may come and go without a new version of the code.
    pub fn event_group(&self, label: impl Into<String>) -> EventGroup {
        let extension = self.engine.extension::<Extension>();
        let count = &extension.groups.count;
        count.set(count.get() + 1);
        let label = Label {
            id: count.get().to_string(),
            // Text always encodes.
            label: label.into().to_payload().ok(),
        };
        EventGroup {
            context: self.clone(),
            marker: Rc::new(EventGroupMarker {
                variant: Some(Variant::Label(label)),
            }),
        }
    }

    /// The groups of the code that is being polled, the outermost first.
    pub(super) fn current_groups(&self) -> Vec<EventGroup> {
        let known = self.engine.known_extension::<Extension>();
        known.map_or_else(Vec::new, |known| known.groups.current.borrow().clone())
    }

    /// The same as a local activity's marker, which is recorded later, has them.
    pub(super) fn current_group_markers(&self) -> Vec<EventGroupMarker> {
        let groups = self.current_groups();
        let inner_first = groups.iter().rev();
        inner_first.map(|group| (*group.marker).clone()).collect()
    }
}

/// A group of events; see [`WorkflowContext::event_group`]. Clones are the same group.
#[derive(Clone)]
pub struct EventGroup {
    context: WorkflowContext,
    marker: Rc<EventGroupMarker>,
}

impl EventGroup {
    /// Runs a future whose calls belong to the group, and to those around it. So do the calls of
    /// tasks that it spawns.
    ///
    /// A call belongs to the groups of the moment in which it is made: hand over the call itself, or
    /// an `async` block.
    pub fn run<F: IntoFuture>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        self.around(Box::pin(async move { future.await }))
    }

    pub(super) fn around<F: ?Sized>(&self, future: Pin<Box<F>>) -> Grouped<F> {
        Grouped {
            extension: self.context.engine.extension(),
            group: self.clone(),
            future,
        }
    }
}

/// A future whose calls belong to a group.
pub(super) struct Grouped<F: ?Sized> {
    extension: Rc<Extension>,
    group: EventGroup,
    future: Pin<Box<F>>,
}

impl<F: Future + ?Sized> Future for Grouped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let engine = &this.group.context.engine;
        let mark = engine.command_mark();
        let poll = {
            let _inside = Inside::enter(&this.extension.groups, &this.group);
            this.future.as_mut().poll(cx)
        };
        engine.group_commands(mark, &this.group.marker);
        poll
    }
}

/// Makes a group the innermost one until dropped, also when the poll panics.
struct Inside<'a>(&'a EventGroups);

impl<'a> Inside<'a> {
    fn enter(groups: &'a EventGroups, group: &EventGroup) -> Self {
        groups.current.borrow_mut().push(group.clone());
        Self(groups)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let left = self.0.current.borrow_mut().pop();
        drop(left);
    }
}

impl fmt::Debug for EventGroup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("EventGroup")
            .field(&self.marker.variant)
            .finish()
    }
}
