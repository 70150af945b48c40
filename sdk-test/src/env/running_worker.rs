//! A worker that runs beside a test.

use std::sync::Arc;

use durably::worker::{ShutdownHandle, Worker, WorkerError};
use tokio::task::JoinHandle;

use super::test_env::Shared;

/// A worker that runs until it is stopped, killed or dropped.
#[derive(Debug)]
#[must_use = "the worker ends when this is dropped"]
pub struct RunningWorker {
    shutdown: ShutdownHandle,
    /// None once the worker was waited for.
    running: Option<JoinHandle<Result<(), WorkerError>>>,
}

impl RunningWorker {
    pub(super) fn start(worker: Worker, task_queue: String, env: &Arc<Shared>) -> Self {
        let shutdown = worker.shutdown_handle();
        let server = env.backend.as_embedded().cloned();
        let running = tokio::spawn(async move {
            let ended = worker.run().await;
            if let (Err(error), Some(server)) = (&ended, server) {
                let text = format!("the worker of queue `{task_queue}` has ended: {error}");
                server.break_down(text);
            }
            ended
        });
        Self {
            shutdown,
            running: Some(running),
        }
    }

    /// What stops the worker.
    #[must_use]
    pub fn shutdown_handle(&self) -> &ShutdownHandle {
        &self.shutdown
    }

    /// Shuts the worker down, and waits until it has finished what it began.
    ///
    /// # Panics
    /// The worker ended with an error, or panicked.
    pub async fn stop(mut self) {
        self.shutdown.initiate();
        if let Some(running) = self.running.take() {
            match running.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => panic!("the worker ended with an error: {error}"),
                Err(error) => panic!("the worker panicked: {error}"),
            }
        }
    }

    /// Drops the worker in the middle of what it does, as the end of its process would: what it had is
    /// done again by another worker when its timeouts have passed.
    pub async fn kill(mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            // That it was aborted is what was wanted.
            drop(running.await);
        }
    }
}

impl Drop for RunningWorker {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}
