//! A mocked operation, whatever its types: its closure, and those of its operations that have started.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use durably::payload::Payload;
use durably_protos::temporal::api::nexus::v1::StartOperationRequest;
use tokio::sync::watch;

use super::super::Record;
use super::answer::Answer;
use super::completer::{Completer, Ending};
use super::context::NexusMockContext;
use super::error::{Kind, NexusError};
use crate::server::Presence;

pub(super) type Given = Pin<Box<dyn Future<Output = Result<Option<Payload>, NexusError>> + Send>>;
pub(super) type Body = Box<dyn FnMut(NexusMockContext, Payload) -> Given + Send>;

/// A mocked operation.
pub(in crate::env) struct MockedOperation {
    pub(super) record: Arc<Record>,
    pub(super) service: String,
    pub(super) operation: String,
    body: Mutex<Body>,
    state: Mutex<State>,
    /// How many have started.
    started: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    ignores_cancellation: bool,
    started: Vec<Arc<Started>>,
    /// How many of them were given to who waits for the next.
    given: usize,
    waiting: Vec<Weak<Presence>>,
}

/// An operation that has started.
pub(super) struct Started {
    pub(super) token: String,
    pub(super) input: Payload,
    request_id: String,
    callback: String,
    callback_header: BTreeMap<String, String>,
    pub(super) is_cancel_requested: watch::Sender<bool>,
}

impl MockedOperation {
    pub(super) fn new(record: Arc<Record>, service: &str, operation: &str, body: Body) -> Self {
        Self {
            record,
            service: service.to_owned(),
            operation: operation.to_owned(),
            body: Mutex::new(body),
            state: Mutex::default(),
            started: watch::Sender::new(0),
        }
    }

    pub(super) fn set_body(&self, body: Body) {
        *self.body.lock().unwrap_or_else(PoisonError::into_inner) = body;
    }

    pub(super) fn ignore_cancellation(&self) {
        self.state().ignores_cancellation = true;
    }

    /// Answers a request to start.
    pub(super) async fn start(
        &self,
        start: StartOperationRequest,
        header: BTreeMap<String, String>,
        is_new: bool,
    ) -> Answer {
        let input = start.payload.clone().unwrap_or_default();
        self.record.called(vec![input.clone()]);
        let context = NexusMockContext::new(header, start.request_id.clone());
        let given = {
            let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
            body(context, input.clone())
        };
        match given.await {
            Ok(result) => Answer::result(result),
            Err(NexusError(Kind::CompleteAsynchronously)) => {
                Answer::started(&self.begin(start, input))
            }
            Err(error) => Answer::error(error, is_new),
        }
    }

    /// Notes that an operation has started; its token. A request that comes again is the same operation.
    fn begin(&self, start: StartOperationRequest, input: Payload) -> String {
        let mut state = self.state();
        let known = state.started.iter();
        let mut known = known.filter(|known| known.request_id == start.request_id);
        if let Some(known) = known.next() {
            return known.token.clone();
        }
        let token = format!("{}-{}", self.operation, state.started.len() + 1);
        state.started.push(Arc::new(Started {
            token: token.clone(),
            input,
            request_id: start.request_id,
            callback: start.callback,
            callback_header: start.callback_header,
            is_cancel_requested: watch::Sender::new(false),
        }));
        // From here on time is not skipped for those who have waited for it.
        for waiting in state.waiting.drain(..).filter_map(|one| one.upgrade()) {
            waiting.leave();
        }
        self.started.send_replace(state.started.len());
        token
    }

    /// Notes a request to cancel. The operation that is to end by it; an error if there is none such.
    pub(super) fn cancel(&self, token: &str) -> Result<Option<Arc<Started>>, NexusError> {
        let state = self.state();
        let Some(started) = state.started.iter().find(|one| one.token == token) else {
            let text = format!("no operation \"{token}\" was started by this mock");
            return Err(NexusError::handler("NOT_FOUND", text));
        };
        started.is_cancel_requested.send_replace(true);
        Ok((!state.ignores_cancellation).then(|| started.clone()))
    }

    /// All that have started so far.
    pub(super) fn started(&self) -> Vec<Arc<Started>> {
        self.state().started.clone()
    }

    /// The next that has started. Each is given once.
    pub(super) async fn next_started(&self, presence: Option<Presence>) -> Arc<Started> {
        let mut changes = self.started.subscribe();
        let presence = presence.map(Arc::new);
        loop {
            changes.borrow_and_update();
            {
                let mut state = self.state();
                if let Some(next) = state.started.get(state.given).cloned() {
                    state.given += 1;
                    return next;
                }
                if let Some(presence) = &presence {
                    state.waiting.retain(|one| one.strong_count() > 0);
                    state.waiting.push(Arc::downgrade(presence));
                }
            }
            if changes.changed().await.is_err() {
                // This is the sender's own method: it is there as long as it runs.
                std::future::pending::<()>().await;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Started {
    /// Ends the operation.
    pub(super) async fn end(&self, completer: &Completer, ending: Ending) -> Result<(), String> {
        let callback = (self.callback.as_str(), &self.callback_header);
        completer.complete(callback, &self.token, ending).await
    }
}

impl fmt::Debug for MockedOperation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MockedOperation")
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}
