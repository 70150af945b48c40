//! Eager start: the first task of a workflow that this process starts comes with the answer to the
//! start, and skips the task queue (protocol 1.11).

use std::rc::Rc;
use std::sync::Arc;

use durably_protos::temporal::api::workflowservice::v1::PollWorkflowTaskQueueResponse;
use tokio::sync::mpsc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Progress, Shard};
use crate::client::{EagerDispatcher, EagerSlot};
use crate::worker::shutdown::ShutdownSignal;

type EagerTask = (PollWorkflowTaskQueueResponse, OwnedSemaphorePermit);

/// Where a shard receives eager tasks.
pub(crate) type EagerTasks = mpsc::Receiver<EagerTask>;

/// How many eager tasks may be on their way to a shard's thread.
const IN_FLIGHT: usize = 16;

/// A shard, as starts in this process see it.
pub(crate) struct EagerStart {
    slots: Arc<Semaphore>,
    sender: mpsc::Sender<EagerTask>,
    shutdown: ShutdownSignal,
    progress: Arc<Progress>,
}

struct Slot {
    permit: OwnedSemaphorePermit,
    place: mpsc::OwnedPermit<EagerTask>,
}

impl EagerStart {
    pub(crate) fn new(
        slots: Arc<Semaphore>,
        shutdown: ShutdownSignal,
        progress: Arc<Progress>,
    ) -> (Self, EagerTasks) {
        let (sender, tasks) = mpsc::channel(IN_FLIGHT);
        let start = Self {
            slots,
            sender,
            shutdown,
            progress,
        };
        (start, tasks)
    }
}

impl EagerDispatcher for EagerStart {
    fn try_reserve(&self) -> Option<Box<dyn EagerSlot>> {
        if self.shutdown.is_draining() || self.progress.is_replaced() {
            return None;
        }
        let permit = self.slots.clone().try_acquire_owned().ok()?;
        let place = self.sender.clone().try_reserve_owned().ok()?;
        Some(Box::new(Slot { permit, place }))
    }
}

impl EagerSlot for Slot {
    fn dispatch(self: Box<Self>, task: PollWorkflowTaskQueueResponse) {
        // A shard that has ended drops the task; the server then gives it to another worker.
        self.place.send((task, self.permit));
    }
}

/// Handles eager tasks until nobody can send any more.
pub(super) async fn receive(shard: Rc<Shard>, mut tasks: EagerTasks) {
    while let Some((task, slot)) = tasks.recv().await {
        shard.clone().spawn(task, slot);
    }
}
