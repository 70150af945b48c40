//! Sessions: activities that all run on one worker.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::call::fail_task;
use super::{ActivityCall, WorkflowContext};
use crate::activity::MissingTimeout;
use crate::definition::ActivityDefinition;
use crate::failure::{ApplicationFailure, Failure, RetryPolicy};
use crate::payload::{Arguments, Payload, ToPayload};
use crate::session::{COMPLETION_ACTIVITY, SessionPlace};

/// The type of the failure of calls in a session that has failed.
const SESSION_FAILED: &str = "SessionFailed";

/// How long the worker of a session may take to hear of its end.
const COMPLETION_TIMEOUT: Duration = Duration::from_secs(10);

/// A place on one worker, which runs all activities that are called through it:
/// [`WorkflowContext::session`]. Dropping it lets go of the place.
#[must_use = "dropping a session ends it"]
pub struct Session {
    pub(super) context: WorkflowContext,
    pub(super) id: String,
    pub(super) place: SessionPlace,
    pub(super) state: Rc<SessionState>,
}

/// Where a session was: with it a later run opens another one on the same worker, see
/// [`SessionCall::recreate`](super::SessionCall::recreate). A value for arguments, such as those of
/// a continue-as-new.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SessionToken {
    pub(super) task_queue: String,
}

/// What the parts of a session share.
pub(super) struct SessionState {
    phase: RefCell<Phase>,
    /// Nobody holds the session any more.
    released: Cell<bool>,
}

enum Phase {
    Creating,
    Open(String),
    Failed(Failure),
    Closed,
}

impl Session {
    /// Calls an activity that the session's worker runs, as
    /// [`ctx.activity`](WorkflowContext::activity) does. Its task queue is the session's, whatever
    /// is said.
    ///
    /// # Errors
    /// As for [`ctx.activity`](WorkflowContext::activity), and a failure for which
    /// [`is_session_failed`](Failure::is_session_failed) holds when the session has failed, or does
    /// while the call waits. A failure of the activity does not fail the session.
    ///
    /// # Determinism
    /// As for [`ctx.activity`](WorkflowContext::activity). In a session that has failed nothing is
    /// recorded.
    #[track_caller]
    pub fn activity<A: ActivityDefinition>(
        &self,
        activity: A,
        arguments: impl Arguments<A::Parameters>,
    ) -> ActivityCall<A::Output, A::Timeout> {
        let call = self.context.activity(activity, arguments);
        call.in_session(self.state.clone())
    }

    /// As [`activity`](Self::activity), by name, with payloads as arguments.
    ///
    /// # Errors
    /// As for [`activity`](Self::activity).
    #[track_caller]
    pub fn activity_by_name<T>(
        &self,
        name: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> ActivityCall<T, MissingTimeout> {
        let call = self.context.activity_by_name(name, arguments);
        call.in_session(self.state.clone())
    }

    /// Whether the session goes on: its worker was not lost, and its time is not over.
    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    /// The worker's identity, for people.
    pub fn host(&self) -> &str {
        &self.place.host
    }

    /// What a later run opens a session on the same worker with.
    pub fn token(&self) -> SessionToken {
        SessionToken {
            task_queue: self.place.task_queue.clone(),
        }
    }

    /// Ends the session and waits until its worker has room for another one. Calls that are under
    /// way are canceled. A session that has failed is over already.
    ///
    /// A cancellation of the workflow does not keep this from its work.
    ///
    /// # Determinism
    /// Records an activity on the session's worker.
    #[track_caller]
    pub fn complete(self) -> impl Future<Output = ()> {
        let place = Location::caller();
        async move {
            if self.state.is_open() {
                let context = self.context.clone();
                context.shield(self.end(place)).await;
            }
        }
    }

    async fn end(&self, place: &'static Location<'static>) {
        let id = match self.id.to_payload() {
            Ok(id) => id,
            Err(error) => {
                return fail_task(&self.context, "a session's id", &error, Some(place));
            }
        };
        let completion = self
            .context
            .activity_by_name::<()>(COMPLETION_ACTIVITY, vec![id])
            .at(place)
            .task_queue(&self.place.task_queue)
            .schedule_to_start_timeout(COMPLETION_TIMEOUT)
            .start_to_close_timeout(COMPLETION_TIMEOUT)
            .retry(RetryPolicy::new().maximum_attempts(1))
            .disable_eager_execution(true);
        let state = &self.state;
        let told = crate::select! {
            result = completion => result.is_ok(),
            _ = self.context.wait_until(|| state.failure().is_some()) => false,
        };
        // Otherwise the creation activity is canceled when this is dropped.
        if told {
            let ended = self.context.wait_until(|| !state.is_open());
            // In a shield, where no wait is canceled.
            let _ = ended.await;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.state.release();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("id", &self.id)
            .field("host", &self.place.host)
            .field("is_open", &self.is_open())
            .finish_non_exhaustive()
    }
}

impl SessionState {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self {
            phase: RefCell::new(Phase::Creating),
            released: Cell::new(false),
        })
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(*self.phase.borrow(), Phase::Open(_)) && !self.released.get()
    }

    pub(super) fn is_creating(&self) -> bool {
        matches!(*self.phase.borrow(), Phase::Creating)
    }

    pub(super) fn is_released(&self) -> bool {
        self.released.get()
    }

    /// Lets go of the session. Whoever watches it looks at this.
    pub(super) fn release(&self) {
        self.released.set(true);
    }

    /// The worker has told on which queue it is.
    pub(super) fn opened(&self, task_queue: &str) {
        if self.is_creating() {
            self.phase.replace(Phase::Open(task_queue.to_owned()));
        }
    }

    /// The creation activity has ended.
    pub(super) fn ended(&self, result: Result<(), Failure>) {
        self.phase.replace(match result {
            Ok(()) => Phase::Closed,
            Err(failure) => Phase::Failed(failure),
        });
    }

    /// Why the creation activity failed, if it did.
    pub(super) fn failure(&self) -> Option<Failure> {
        match &*self.phase.borrow() {
            Phase::Failed(failure) => Some(failure.clone()),
            _ => None,
        }
    }

    /// The queue of the session's worker, while it is open.
    pub(super) fn task_queue(&self) -> Option<String> {
        match &*self.phase.borrow() {
            Phase::Open(task_queue) if !self.released.get() => Some(task_queue.clone()),
            _ => None,
        }
    }

    /// Waits for the session's end: gives what calls in it fail with. No cancellation reaches the
    /// wait; what the call itself makes of one comes first.
    pub(super) fn end(self: Rc<Self>, context: &WorkflowContext) -> SessionEnd {
        let waiting = context.clone();
        let waited = async move {
            let _ = waiting.wait_until(|| !self.is_open()).await;
            self.refusal()
        };
        Box::pin(context.shield(waited))
    }

    fn refusal(&self) -> Failure {
        match self.failure() {
            Some(cause) => ApplicationFailure::new(
                "the session has failed: its worker is lost, shuts down, or its time is over",
            )
            .with_type(SESSION_FAILED)
            .with_cause(cause)
            .into(),
            None => super::canceled("the session was completed"),
        }
    }
}

/// What calls in a session wait for beside their result.
pub(super) type SessionEnd = Pin<Box<dyn Future<Output = Failure>>>;

impl Failure {
    /// Whether this is the failure of a call in a session that has failed: its worker is lost or
    /// shuts down, or its time is over. Another session may be opened.
    pub fn is_session_failed(&self) -> bool {
        matches!(self, Self::Application(failure) if failure.failure_type() == SESSION_FAILED)
    }
}
