//! Opening a session.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use super::call::fail_task;
use super::session::SessionState;
use super::{Session, SessionToken, WorkflowContext, canceled};
use crate::activity::{HasTimeout, MissingTimeout};
use crate::failure::{Failure, RetryPolicy};
use crate::payload::ToPayload;
use crate::session::{
    CREATION_ACTIVITY, ID_PREFIX, SessionPlace, TOO_MANY_SESSIONS, creation_queue,
};

/// How long a worker may be silent before its sessions fail.
const DEFAULT_HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait before a worker without room is asked again. Only workers of recreated sessions
/// are asked that have none.
const WAIT_FOR_ROOM: Duration = Duration::from_secs(1);

impl WorkflowContext {
    /// Opens a session: a place on one worker, which runs all activities that are called through it.
    /// For activities that share what is on a machine: a file that one downloads and another reads, a
    /// device.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// # #[activity(start_to_close_timeout = "10m")]
    /// # async fn download(url: String) -> ActivityResult<String> { Ok(url) }
    /// # #[activity(start_to_close_timeout = "10m")]
    /// # async fn convert(file: String) -> ActivityResult<u64> { Ok(7) }
    /// # async fn example(ctx: &WorkflowContext, url: String) -> WorkflowResult<u64> {
    /// let session = ctx
    ///     .session()
    ///     .execution_timeout(Duration::from_secs(3600))
    ///     .await?;
    /// let file = session.activity(download, url).await?;
    /// let frames = session.activity(convert, file).await?;
    /// session.complete().await;
    /// # Ok(frames)
    /// # }
    /// ```
    ///
    /// Workers have room for sessions when they are told so:
    /// [`max_concurrent_sessions`](crate::worker::WorkerBuilder::max_concurrent_sessions). The
    /// session is opened by one that polls this workflow's task queue and has room; it waits for one.
    ///
    /// A session fails when its worker is silent for the heartbeat timeout, when the worker shuts
    /// down, and when its time is over. Calls that wait then end with a failure for which
    /// [`is_session_failed`](Failure::is_session_failed) holds; open another session and begin
    /// anew. A cancellation of the workflow cancels calls, and not the session: clean-up in a
    /// [shield](Self::shield) can use it. Dropping the session ends it; its worker hears of that
    /// with the next heartbeat. [`complete`](Session::complete) tells it at once.
    ///
    /// # Errors
    /// [`Failure::Activity`] when no worker has room in time, or the one that had it was lost;
    /// [`Failure::Canceled`] when the current cancellation scope is canceled meanwhile.
    ///
    /// # Determinism
    /// Records an activity that is open as long as the session is, and the signal of its worker.
    #[track_caller]
    pub fn session(&self) -> SessionCall<MissingTimeout> {
        SessionCall {
            context: self.clone(),
            task_queue: None,
            execution_timeout: Duration::ZERO,
            creation_timeout: None,
            heartbeat_timeout: DEFAULT_HEARTBEAT_TIMEOUT,
            place: Location::caller(),
            timeout: PhantomData,
        }
    }
}

/// A session that is not opened yet: [`WorkflowContext::session`]. `Timeout` says whether the
/// execution timeout is given.
#[must_use = "a session is opened when the call is awaited"]
pub struct SessionCall<Timeout> {
    context: WorkflowContext,
    /// The queue on which it is asked for; that for sessions of the workflow's own unless said.
    task_queue: Option<String>,
    execution_timeout: Duration,
    creation_timeout: Option<Duration>,
    heartbeat_timeout: Duration,
    place: &'static Location<'static>,
    timeout: PhantomData<Timeout>,
}

impl<Timeout> SessionCall<Timeout> {
    /// How long the session may be open.
    pub fn execution_timeout(self, timeout: Duration) -> SessionCall<HasTimeout> {
        SessionCall {
            context: self.context,
            task_queue: self.task_queue,
            execution_timeout: timeout,
            creation_timeout: self.creation_timeout,
            heartbeat_timeout: self.heartbeat_timeout,
            place: self.place,
            timeout: PhantomData,
        }
    }

    /// How long to wait for a worker with room; as long as it takes unless said.
    pub fn creation_timeout(mut self, timeout: Duration) -> Self {
        self.creation_timeout = Some(timeout);
        self
    }

    /// How long the worker may be silent before the session fails; 10 s unless said. A worker reports
    /// each four fifths of it.
    pub fn heartbeat_timeout(mut self, timeout: Duration) -> Self {
        self.heartbeat_timeout = timeout;
        self
    }

    /// The task queue whose workers are asked; the workflow's own unless said.
    pub fn task_queue(mut self, task_queue: impl AsRef<str>) -> Self {
        self.task_queue = Some(creation_queue(task_queue.as_ref()));
        self
    }

    /// Opens the session on the worker of an earlier one, of the run before this one, say. Where the
    /// worker is gone, there is no room in time: give a
    /// [`creation_timeout`](Self::creation_timeout).
    pub fn recreate(mut self, token: &SessionToken) -> Self {
        self.task_queue = Some(token.task_queue.clone());
        self
    }
}

impl SessionCall<HasTimeout> {
    async fn open(self) -> Result<Session, Failure> {
        let begin = self.context.now();
        loop {
            match self.attempt().await {
                Err(failure) if has_no_room(&failure) => {
                    let waited = self.context.now().duration_since(begin);
                    let waited = waited.unwrap_or_default() + WAIT_FOR_ROOM;
                    if self
                        .creation_timeout
                        .is_some_and(|timeout| waited > timeout)
                    {
                        return Err(failure);
                    }
                    self.context.sleep(WAIT_FOR_ROOM).await?;
                }
                ended => return ended,
            }
        }
    }

    /// Asks once.
    async fn attempt(&self) -> Result<Session, Failure> {
        let context = &self.context;
        let id = format!("{ID_PREFIX}{}", context.uuid());
        let state = SessionState::new();
        // Lets go of it whenever this ends without one.
        let mut session = Session {
            context: context.clone(),
            id: id.clone(),
            place: SessionPlace {
                task_queue: String::new(),
                host: String::new(),
                resource_id: String::new(),
            },
            state: state.clone(),
        };
        // Not of the scope that opens it: see `WorkflowContext::session`.
        context.spawn(context.shield(self.hold(&id, state.clone())));
        let told = context.signal_channel::<SessionPlace>(id);
        let mut place = None;
        let wait = context.wait_until(|| {
            place = told.try_recv();
            place.is_some() || !state.is_creating()
        });
        wait.await
            .map_err(|_| canceled("opening a session was canceled"))?;
        let Some(place) = place else {
            let ended = state.failure();
            return Err(ended.unwrap_or_else(|| canceled("the session has ended")));
        };
        state.opened(&place.task_queue);
        session.place = place;
        Ok(session)
    }

    /// Runs the creation activity until it ends, or nobody holds the session any more, which cancels
    /// it.
    fn hold(&self, id: &str, state: Rc<SessionState>) -> impl Future<Output = ()> + use<> {
        let context = self.context.clone();
        let id = id.to_owned().to_payload();
        let info = context.info();
        let default_queue = creation_queue(info.task_queue());
        let queue = self.task_queue.clone().unwrap_or(default_queue);
        let (execution, heartbeat) = (self.execution_timeout, self.heartbeat_timeout);
        let (creation, place) = (self.creation_timeout, self.place);
        async move {
            let id = match id {
                Ok(id) => id,
                Err(error) => return fail_task(&context, "a session's id", &error, Some(place)),
            };
            let mut call = context
                .activity_by_name::<()>(CREATION_ACTIVITY, vec![id])
                .at(place)
                .task_queue(queue)
                .start_to_close_timeout(execution)
                .heartbeat_timeout(heartbeat)
                .retry(RetryPolicy::new().maximum_attempts(1))
                .disable_eager_execution(true);
            if let Some(timeout) = creation {
                call = call.schedule_to_start_timeout(timeout);
            }
            crate::select! {
                result = call => state.ended(result),
                _ = context.wait_until(|| state.is_released()) => {}
            }
        }
    }
}

/// Whether the worker that was asked has no room.
fn has_no_room(failure: &Failure) -> bool {
    let application = failure.application();
    application.is_some_and(|failure| failure.failure_type() == TOO_MANY_SESSIONS)
}

impl IntoFuture for SessionCall<HasTimeout> {
    type Output = Result<Session, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.open())
    }
}

impl<Timeout> fmt::Debug for SessionCall<Timeout> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SessionCall")
            .field("execution_timeout", &self.execution_timeout)
            .finish_non_exhaustive()
    }
}
