//! What workflow code calls: operations, time, messages, cancellation. Untyped; `durably` puts
//! types on top.

mod activity;
mod canceled;
mod change;
mod child;
mod condition;
mod event_group;
mod external;
mod local_activity;
mod members;
mod metadata;
mod nexus;
mod scope;
mod spawn;
mod timer;
mod waits;

use std::rc::Rc;
use std::time::SystemTime;

use durably_protos::temporal::api::enums::v1::SuggestContinueAsNewReason;
use durably_protos::temporal::api::failure::v1::Failure;
use uuid::Uuid;

pub use activity::ActivityOperation;
pub(crate) use canceled::CancelWaiters;
pub use canceled::{Canceled, CanceledFuture};
pub use child::ChildOperation;
pub use condition::Condition;
pub(crate) use condition::Conditions;
pub use event_group::CommandMark;
pub use external::ExternalOperation;
pub use local_activity::LocalActivityOperation;
pub(crate) use members::{OperationKind, Reach};
pub use nexus::NexusOperationFuture;
pub(crate) use scope::Scope;
pub use scope::{CancelScope, ScopeFuture};
pub use spawn::JoinHandle;
pub use timer::TimerOperation;
pub use waits::{Wait, WaitedFor};

use crate::info::RunInfo;
use crate::random::WorkflowRandom;
use crate::shared::{Place, Shared};
use crate::step::{Mode, mode_of, refuse_write};
use crate::workflow::SignalInput;

/// One run, as its own code sees it. Clones are the same run.
#[derive(Clone)]
pub struct Context {
    pub(crate) shared: Rc<Shared>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let run_id = self.shared.info.get().map(RunInfo::run_id);
        formatter
            .debug_struct("Context")
            .field("run_id", &run_id)
            .finish_non_exhaustive()
    }
}

impl Context {
    /// What the run was started with.
    ///
    /// # Panics
    /// Never: a context is handed out only after `WorkflowExecutionStarted` was applied.
    #[must_use]
    pub fn info(&self) -> &RunInfo {
        self.shared
            .info
            .get()
            .expect("a context is handed out only after WorkflowExecutionStarted was applied")
    }

    /// Workflow time: when the current workflow task was started, by the server's clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.shared.now()
    }

    /// Whether recorded history is being followed. For logs and metrics, never for decisions.
    #[must_use]
    pub fn is_replaying(&self) -> bool {
        self.shared.replaying.get()
    }

    /// The id of the last event of the history that this step has seen.
    #[must_use]
    pub fn history_length(&self) -> i64 {
        self.shared.figures.get().length
    }

    /// The size of the history in bytes, as the server counts it; 0 on old servers.
    #[must_use]
    pub fn history_size_bytes(&self) -> i64 {
        self.shared.figures.get().size_bytes
    }

    /// The server suggests to continue as new: the history grows large.
    #[must_use]
    pub fn continue_as_new_suggested(&self) -> bool {
        self.shared.figures.get().continue_as_new_suggested
    }

    /// Why the server suggests that.
    pub fn continue_as_new_reasons(&self) -> impl Iterator<Item = SuggestContinueAsNewReason> {
        use SuggestContinueAsNewReason as Reason;
        let bits = self.shared.figures.get().continue_as_new_reasons;
        [
            Reason::HistorySizeTooLarge,
            Reason::TooManyHistoryEvents,
            Reason::TooManyUpdates,
        ]
        .into_iter()
        .filter(move |reason| bits & (1 << *reason as u8) != 0)
    }

    /// The worker deployment has another current version than the one that the run is pinned to.
    #[must_use]
    pub fn target_worker_deployment_version_changed(&self) -> bool {
        self.shared.figures.get().target_version_changed
    }

    /// Numbers from the run's own generator. Drawing changes the run, so queries must not draw.
    #[must_use]
    pub fn random(&self) -> WorkflowRandom {
        WorkflowRandom(self.shared.random.clone())
    }

    /// A version 4 UUID from the run's own generator.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        let random = self.random();
        let bytes = (u128::from(random.u64()) << 64) | u128::from(random.u64());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }

    /// Takes the oldest signal of this name that came before the code had a handler for it.
    #[must_use]
    pub fn take_signal(&self, name: &str) -> Option<SignalInput> {
        if !self.may_act(|| "taking a signal".to_owned()) {
            return None;
        }
        let mut tables = self.shared.tables.borrow_mut();
        let kept = &mut tables.more.as_mut()?.unhandled_signals;
        let index = kept.iter().position(|signal| signal.name == name)?;
        kept.remove(index)
    }

    /// What the layer above keeps for the run: made when it is first asked for, and one for each
    /// run. Handlers that are registered while the run goes on, say.
    #[must_use]
    pub fn extension<T: Default + 'static>(&self) -> Rc<T> {
        let mut tables = self.shared.tables.borrow_mut();
        let slot = &mut tables.more().extension.0;
        if let Some(known) = slot.clone().and_then(|known| known.downcast().ok()) {
            return known;
        }
        let made = Rc::<T>::default();
        *slot = Some(made.clone());
        made
    }

    /// The same, if it was made.
    #[must_use]
    pub fn known_extension<T: 'static>(&self) -> Option<Rc<T>> {
        let tables = self.shared.tables.borrow();
        let slot = tables.more.as_ref()?.extension.0.clone()?;
        slot.downcast().ok()
    }

    /// Fails the current workflow task: the code cannot go on, and a retry of the task may find
    /// other code. Nothing is recorded of what the task did. `place` is that of the call that
    /// cannot go on, for reports of replays.
    pub fn fail_task(&self, failure: Failure, place: Option<Place>) {
        if self.may_act(|| "failing the workflow task".to_owned()) {
            let mut slot = self.shared.task_failure.borrow_mut();
            slot.get_or_insert_with(|| (Box::new(failure), place));
        }
    }

    /// Whether code may act now; says no, and remembers why, in a query or a validator, and where
    /// no code of the run is being run at all.
    fn may_act(&self, what: impl FnOnce() -> String) -> bool {
        match mode_of(self.shared.key) {
            Mode::Running => true,
            Mode::ReadOnly => refuse_write(what).is_ok(),
            // The run is being evicted: nothing that is dropped now may leave a trace.
            Mode::Evicting => false,
            Mode::Outside => {
                let mut slot = self.shared.outside_use.borrow_mut();
                slot.get_or_insert_with(what);
                false
            }
        }
    }
}
