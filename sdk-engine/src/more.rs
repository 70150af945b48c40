//! The tables that few runs use, apart so that the others are small.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::task::Waker;
use std::time::SystemTime;

use durably_protos::temporal::api::command::v1::RequestCancelExternalWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::common::v1::Payload;

use crate::command::{Command, CommandQueue, EventGroups};
use crate::context::{OperationKind, Reach};
use crate::machines::{
    Activities, CancelTarget, Changes, Children, Externals, LocalActivities, NexusOperations,
    SideEffects, Updates,
};
use crate::workflow::{HandlerIdentity, SignalInput};

/// A value of a type that the engine does not know.
#[derive(Default)]
pub(crate) struct Extension(pub(crate) Option<Rc<dyn Any>>);

impl fmt::Debug for Extension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Extension")
    }
}

#[derive(Debug, Default)]
pub(crate) struct More {
    pub(crate) updates: Updates,
    pub(crate) children: Children,
    pub(crate) signals: Externals,
    pub(crate) cancels: Externals,
    pub(crate) local_activities: LocalActivities,
    pub(crate) nexus_operations: NexusOperations,
    pub(crate) changes: Changes,
    pub(crate) side_effects: SideEffects,
    /// Signals for which no handler exists yet.
    pub(crate) unhandled_signals: VecDeque<SignalInput>,
    /// The handlers in progress, by their task.
    pub(crate) handlers: BTreeMap<u32, HandlerIdentity>,
    /// The search attributes that the code has changed; none for those it has unset.
    pub(crate) search_attributes: BTreeMap<String, Option<Payload>>,
    /// Likewise, of the memo.
    pub(crate) memo: BTreeMap<String, Option<Payload>>,
    /// What the code says of itself to who looks at it.
    pub(crate) current_details: Rc<str>,
    /// The groups of the commands issued since the last completion.
    pub(crate) event_groups: EventGroups,
    /// What the layer above keeps for the run.
    pub(crate) extension: Extension,
}

impl More {
    /// Cancels whatever waits where a cancellation reaches.
    pub(crate) fn cancel_within(
        &mut self,
        reach: &Reach,
        commands: &mut CommandQueue,
        now: SystemTime,
        numbers: &mut Activities,
    ) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for seq in self.local_activities.waiting_within(reach) {
            wakers.extend(self.local_activities.cancel(commands, seq, now, numbers));
        }
        for seq in self.children.waiting_within(reach) {
            wakers.extend(self.cancel_child(commands, seq));
        }
        for seq in self.nexus_operations.waiting_within(reach) {
            let wakers_of_one = self.nexus_operations.cancel(commands, seq);
            wakers.extend(wakers_of_one.into_iter().flatten());
        }
        for seq in self.signals.waiting_within(reach, OperationKind::Signal) {
            wakers.extend(self.signals.cancel(commands, seq));
        }
        for seq in self.cancels.waiting_within(reach, OperationKind::Cancel) {
            wakers.extend(self.cancels.cancel(commands, seq));
        }
        wakers
    }

    /// Cancels a child, and sends it the request if its cancellation type says so.
    pub(crate) fn cancel_child(&mut self, commands: &mut CommandQueue, seq: u32) -> Vec<Waker> {
        let applied = self.children.cancel(commands, seq);
        if let Some(target) = applied.cancel {
            self.request_cancel_of_child(commands, seq, target);
        }
        applied.wakers.into_iter().flatten().collect()
    }

    /// Sends a child the request that cancels it.
    #[expect(deprecated, reason = "the namespace still tells where the child runs")]
    pub(crate) fn request_cancel_of_child(
        &mut self,
        commands: &mut CommandQueue,
        child: u32,
        target: CancelTarget,
    ) {
        let seq = self.cancels.take_seq();
        let reason = target.scope.reason();
        let attributes = RequestCancelExternalWorkflowExecutionCommandAttributes {
            namespace: target.namespace,
            workflow_id: target.workflow_id,
            run_id: target.run_id,
            child_workflow_only: true,
            reason: reason.map_or_else(
                || "requested by the parent workflow".to_owned(),
                |reason| reason.to_string(),
            ),
            ..Default::default()
        };
        let attributes = Box::new(attributes);
        let command = Command::CancelExternal { seq, attributes };
        let command = commands.push(command, Some(target.place));
        let (scope, place) = (target.scope, target.place);
        let kind = OperationKind::Cancel;
        self.cancels
            .add(seq, kind, command, scope, place, Some(child));
    }

    /// Whether the code waits for anything here.
    pub(crate) fn has_waiters(&self) -> bool {
        self.children.has_waiters()
            || self.local_activities.has_waiters()
            || self.nexus_operations.has_waiters()
            || self.signals.has_waiters()
            || self.cancels.has_waiters()
    }
}
