//! A worker that runs beside a test.

use durably::prelude::*;
use durably::worker::{ShutdownHandle, WorkerError};
use tokio::task::JoinHandle;

use crate::in_time;

/// A worker that runs until it is stopped, killed, or dropped.
#[derive(Debug)]
pub struct RunningWorker {
    shutdown: ShutdownHandle,
    /// None once the worker was waited for.
    running: Option<JoinHandle<Result<(), WorkerError>>>,
}

impl RunningWorker {
    /// Runs the worker on the current runtime.
    pub fn start(worker: Worker) -> Self {
        Self {
            shutdown: worker.shutdown_handle(),
            running: Some(tokio::spawn(worker.run())),
        }
    }

    /// What stops the worker.
    pub fn shutdown_handle(&self) -> &ShutdownHandle {
        &self.shutdown
    }

    /// Shuts the worker down and waits until it has finished what it began.
    ///
    /// # Panics
    /// The worker fails, or does not end.
    pub async fn stop(mut self) {
        self.shutdown.initiate();
        let result = self.join().await;
        result.expect("a worker that is shut down ends without an error");
    }

    /// Waits for the worker's end.
    ///
    /// # Errors
    /// What the worker ended with.
    ///
    /// # Panics
    /// The worker does not end, or panicked.
    pub async fn ended(mut self) -> Result<(), WorkerError> {
        self.join().await
    }

    /// Drops the worker in the middle of what it does, as the end of its process would.
    pub async fn kill(mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            let _ = in_time("the end of a worker that was dropped", running).await;
        }
    }

    async fn join(&mut self) -> Result<(), WorkerError> {
        let running = self.running.take().expect("a worker is waited for once");
        in_time("the end of a worker", running)
            .await
            .expect("workers do not panic")
    }
}

impl Drop for RunningWorker {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}
