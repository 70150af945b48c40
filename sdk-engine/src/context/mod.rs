//! What workflow code calls: operations, time, messages, cancellation. Untyped; `durably` puts
//! types on top.

mod activity;
mod condition;
mod scope;
mod spawn;
mod timer;

use std::rc::Rc;
use std::time::SystemTime;

use durably_protos::temporal::api::failure::v1::Failure;
use uuid::Uuid;

pub use activity::ActivityOperation;
pub use condition::Condition;
pub(crate) use condition::Conditions;
pub(crate) use scope::Scopes;
pub use scope::{CancelScope, Canceled, CanceledFuture, ScopeFuture};
pub use spawn::JoinHandle;
pub use timer::TimerOperation;

use crate::info::RunInfo;
use crate::random::WorkflowRandom;
use crate::shared::Shared;
use crate::step::{Mode, mode, refuse_write};

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

    /// Numbers from the run's own generator. Queries and validators get a throw-away copy's
    /// refusal: drawing is a change of the run.
    #[must_use]
    pub fn random(&self) -> WorkflowRandom {
        if refuse_write(|| "drawing a random number".to_owned()).is_err() {
            let detached = crate::random::RunRandom::new("read-only");
            return WorkflowRandom(Rc::new(std::cell::RefCell::new(detached)));
        }
        WorkflowRandom(self.shared.random.clone())
    }

    /// A version 4 UUID from the run's own generator.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        let random = self.random();
        let bytes = (u128::from(random.u64()) << 64) | u128::from(random.u64());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }

    /// Fails the current workflow task: the code cannot go on, and a retry of the task may find
    /// other code. Nothing is recorded of what the task did.
    pub fn fail_task(&self, failure: Failure) {
        let mut slot = self.shared.task_failure.borrow_mut();
        slot.get_or_insert_with(|| Box::new(failure));
    }

    /// Whether code may act now; says no, and remembers why, in a query or a validator.
    fn may_act(&self, what: impl FnOnce() -> String) -> bool {
        match mode() {
            Mode::Running => true,
            Mode::ReadOnly => refuse_write(what).is_ok(),
            // The run is being evicted: nothing that is dropped now may leave a trace.
            Mode::Evicting | Mode::Outside => false,
        }
    }
}
