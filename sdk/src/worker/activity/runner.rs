//! What all attempts of a worker share.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::ActivityWorkerOptions;
use super::rate_limit::RateLimit;
use crate::activity::interceptor::AnyActivityInterceptor;
use crate::activity::{ActivityRegistry, Attempt, AttemptHost};
use crate::client::Client;

/// What all attempts of a worker share.
pub(super) struct ActivityRunner {
    pub(super) options: ActivityWorkerOptions,
    pub(super) client: Client,
    pub(super) registry: Arc<ActivityRegistry>,
    pub(super) runtime: Handle,
    pub(super) slots: Arc<Semaphore>,
    pub(super) local_slots: Arc<Semaphore>,
    pub(super) rate_limit: Option<Arc<RateLimit>>,
    pub(super) phases: Phases,
}

/// How far the shutdown has come. Each holds once the one before does.
#[derive(Debug, Default)]
pub(super) struct Phases {
    /// No new tasks are taken.
    pub(super) draining: CancellationToken,
    /// The grace period is over: attempts are canceled.
    pub(super) grace_over: CancellationToken,
    /// Attempts are dropped, and nothing is reported any more.
    pub(super) stopped: CancellationToken,
}

impl AttemptHost for ActivityRunner {
    fn start_heartbeats(self: Arc<Self>, attempt: &Arc<Attempt>) -> Option<JoinHandle<()>> {
        let attempt = Arc::clone(attempt);
        let runtime = self.runtime.clone();
        let sending = async move {
            tokio::select! {
                () = self.send_heartbeats(&attempt) => {}
                () = self.phases.stopped.cancelled() => {}
            }
        };
        Some(runtime.spawn(sending.in_current_span()))
    }

    fn interceptors(&self, activity_type: &str) -> &[Arc<dyn AnyActivityInterceptor>] {
        self.registry.interceptors(activity_type)
    }

    fn shutdown(&self) -> &CancellationToken {
        &self.phases.draining
    }

    fn details_limit(&self) -> usize {
        self.options.blob_size_limit
    }
}
