//! Sessions of workflows on this worker: activities that it alone runs.
//!
//! ```text
//! queue of creations --> creation activity   tells the workflow the worker's queue, then holds the session
//! the worker's queue --> activities of the sessions, completion activity   lets go of it
//! ```
//!
//! A creation activity has a slot for as long as its session is open. Its heartbeats say that the
//! worker lives: the server fails it, and with that the session, when they end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::activity::{ActivityWorker, ActivityWorkerOptions};
use crate::activity::{ActivityContext, ActivityRegistry};
use crate::client::Client;
use crate::failure::{ActivityResult, ApplicationFailure};
use crate::payload::{Payload, ToPayload, parameter};
use crate::session::{
    COMPLETION_ACTIVITY, CREATION_ACTIVITY, SessionPlace, TOO_MANY_SESSIONS, creation_queue,
};

/// How often a creation activity without a heartbeat timeout would heartbeat.
const DEFAULT_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(2);

/// The sessions that are open on a worker.
pub(super) struct Sessions {
    client: Client,
    place: SessionPlace,
    max: usize,
    open: Mutex<HashMap<String, CancellationToken>>,
}

/// A session that is open; dropping it makes room.
struct OpenSession {
    sessions: Arc<Sessions>,
    id: String,
    completed: CancellationToken,
}

/// The workers that serve sessions beside the one that polls the task queue itself.
pub(super) fn session_workers(
    beside: &ActivityWorker,
    options: &ActivityWorkerOptions,
    client: &Client,
    activities: Arc<ActivityRegistry>,
) -> [ActivityWorker; 2] {
    let resource_id = Uuid::new_v4().to_string();
    let sessions = Arc::new(Sessions {
        client: client.clone(),
        place: SessionPlace {
            task_queue: format!("{}-session-{resource_id}", options.task_queue),
            host: options.identity.clone(),
            resource_id,
        },
        max: options.worker.max_concurrent_sessions,
        open: Mutex::default(),
    });

    let mut creations = options.clone();
    creations.task_queue = creation_queue(&options.task_queue);
    creations.worker.max_concurrent_activities = sessions.max;
    creations.worker.activity_task_pollers = options.worker.activity_task_pollers.min(sessions.max);
    creations.worker.max_task_queue_activities_per_second = None;
    let mut creation = ActivityRegistry::new();
    sessions.register_creation(&mut creation);
    let creations = ActivityWorker::new(creations, client, Arc::new(creation));

    let mut own = options.clone();
    own.task_queue.clone_from(&sessions.place.task_queue);
    own.worker.max_task_queue_activities_per_second = None;
    // A queue of one worker is no task queue of its deployment's version, which may have few.
    own.worker.deployment = None;
    let mut all = ActivityRegistry::beside(activities);
    // One that is recreated is asked for on the worker's own queue.
    sessions.register_creation(&mut all);
    sessions.register_completion(&mut all);
    let own = beside.another(own, client, Arc::new(all));
    [creations, own]
}

impl Sessions {
    fn register_creation(self: &Arc<Self>, registry: &mut ActivityRegistry) {
        let sessions = Arc::clone(self);
        registry.untyped(CREATION_ACTIVITY, move |context, input| {
            Arc::clone(&sessions).hold(context, input)
        });
    }

    fn register_completion(self: &Arc<Self>, registry: &mut ActivityRegistry) {
        let sessions = Arc::clone(self);
        registry.untyped(COMPLETION_ACTIVITY, move |_, input| {
            let sessions = Arc::clone(&sessions);
            async move {
                let id: String = parameter(&input, 0, 1)?;
                // One that is not open any more has ended.
                if let Some(completed) = sessions.lock().get(&id) {
                    completed.cancel();
                }
                Ok(None)
            }
        });
    }

    /// Runs for as long as the session is open.
    async fn hold(
        self: Arc<Self>,
        context: ActivityContext,
        input: Vec<Payload>,
    ) -> ActivityResult<Option<Payload>> {
        let id: String = parameter(&input, 0, 1)?;
        let open = self.open(id)?;
        self.tell(&context, &open.id).await?;
        let timeout = context.info().heartbeat_timeout;
        let interval = timeout.map_or(DEFAULT_HEARTBEAT_INTERVAL, |timeout| timeout / 5);
        loop {
            context.heartbeat(&())?;
            tokio::select! {
                () = open.completed.cancelled() => return Ok(None),
                () = context.worker_shutdown() => return Err(shut_down().into()),
                canceled = context.canceled() => return Err(canceled.into()),
                () = tokio::time::sleep(interval) => {}
            }
        }
    }

    fn open(self: &Arc<Self>, id: String) -> Result<OpenSession, ApplicationFailure> {
        let mut open = self.lock();
        if open.len() >= self.max {
            let message = format!("the worker has {} sessions, as many as it may", self.max);
            let failure = ApplicationFailure::new(message).with_type(TOO_MANY_SESSIONS);
            return Err(failure.non_retryable());
        }
        let completed = CancellationToken::new();
        open.insert(id.clone(), completed.clone());
        Ok(OpenSession {
            sessions: Arc::clone(self),
            id,
            completed,
        })
    }

    /// Tells the workflow on which queue its session is.
    async fn tell(&self, context: &ActivityContext, id: &str) -> ActivityResult<()> {
        let info = context.info();
        let workflow = self
            .client
            .untyped_workflow_handle(&info.workflow_id)
            .with_run_id(&info.run_id);
        let place = self.place.to_payload()?;
        Ok(workflow.signal_by_name(id, vec![place]).await?)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.sessions.lock().remove(&self.id);
    }
}

fn shut_down() -> ApplicationFailure {
    ApplicationFailure::new("the session's worker shuts down")
        .with_type("SessionWorkerShutdown")
        .non_retryable()
}
