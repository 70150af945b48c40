//! What a change of one run means for others.

use durably_protos::temporal::api::enums::v1::ParentClosePolicy;

use super::{RunIndex, TaskFailure, World};
use crate::server::queues::Task;
use crate::server::run::{ChildEnd, NewRun};

/// Something to be done after a change.
#[derive(Debug)]
pub(crate) enum Effect {
    /// The run's workflow task goes to its queue.
    WorkflowTask(RunIndex),
    /// A workflow task failed for a fault of the workflow's code.
    TaskFailed(RunIndex, Box<TaskFailure>),
    /// An activity goes to its queue; by its scheduled event.
    Activity(RunIndex, i64),
    /// The task to start or cancel a Nexus operation goes to its queue; by its scheduled event.
    NexusOperation(RunIndex, i64),
    /// A query goes to its queue.
    Query(RunIndex, u64),
    /// A child begins; by its initiated event.
    StartChild(RunIndex, i64),
    /// A signal goes to another workflow; by its initiated event.
    SignalExternal(RunIndex, i64),
    /// Another workflow is to be canceled; by the initiated event.
    CancelExternal(RunIndex, i64),
    /// The run that an execution goes on in begins.
    NextRun(RunIndex, Box<NewRun>),
    /// A run has skipped time: what is due in it happens now.
    TimeSkipped,
    /// The fast-forward of a run has changed, or nothing can come of it any more.
    FastForward(RunIndex),
    /// A chain of runs has ended.
    Ended(RunIndex, Box<ChildEnd>),
    /// A child's parent has closed.
    ParentClosed {
        parent: RunIndex,
        child: RunIndex,
        policy: ParentClosePolicy,
    },
}

impl World {
    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::WorkflowTask(run) => self.dispatch_workflow_task(run),
            Effect::TaskFailed(run, failure) => self.task_failed(run, *failure),
            Effect::Activity(run, scheduled_id) => self.dispatch_activity(run, scheduled_id),
            Effect::NexusOperation(run, scheduled_id) => {
                self.dispatch_operation(run, scheduled_id);
            }
            Effect::Query(run, query) => {
                if let Some(key) = self.workflow_queue(run) {
                    self.offer(&key, Task::Query(run, query));
                }
            }
            Effect::StartChild(parent, initiated_id) => self.start_child(parent, initiated_id),
            Effect::SignalExternal(run, initiated_id) => self.signal_external(run, initiated_id),
            Effect::CancelExternal(run, initiated_id) => self.cancel_external(run, initiated_id),
            Effect::NextRun(previous, new) => self.begin_next_run(previous, *new),
            Effect::TimeSkipped => self.fire_due(),
            Effect::FastForward(run) => self.fast_forward_changed(run),
            Effect::Ended(run, end) => {
                self.tell_schedule(run, &end);
                self.make_callbacks(run, &end);
                self.tell_parent(run, *end);
            }
            Effect::ParentClosed {
                parent,
                child,
                policy,
            } => self.parent_closed(parent, child, policy),
        }
    }
}
