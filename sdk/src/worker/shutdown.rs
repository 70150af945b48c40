//! Stopping a worker: drain, or stop at once.

use tokio::sync::watch;

/// How far a worker's shutdown has come (protocol 11.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Polls for tasks.
    Running,
    /// Takes no new tasks, finishes those it has.
    Draining,
    /// Drops everything it has.
    Stopping,
}

/// Stops a worker from elsewhere in the program: see [`Worker::shutdown_handle`](super::Worker::shutdown_handle).
#[derive(Debug, Clone)]
pub struct ShutdownHandle {
    phase: watch::Sender<Phase>,
}

impl ShutdownHandle {
    pub(crate) fn new() -> Self {
        Self {
            phase: watch::Sender::new(Phase::Running),
        }
    }

    /// Lets the worker finish what it has begun and take nothing new; `run` then returns.
    pub fn initiate(&self) {
        self.advance(Phase::Draining);
    }

    /// Ends the worker at once. What it was doing is done again by another worker when the
    /// server's timeouts have passed.
    pub fn force(&self) {
        self.advance(Phase::Stopping);
    }

    fn advance(&self, to: Phase) {
        self.phase.send_if_modified(|phase| {
            let earlier = *phase < to;
            *phase = to.max(*phase);
            earlier
        });
    }

    pub(crate) fn signal(&self) -> ShutdownSignal {
        ShutdownSignal {
            phase: self.phase.subscribe(),
        }
    }
}

/// What the parts of a worker watch.
#[derive(Debug, Clone)]
pub(crate) struct ShutdownSignal {
    phase: watch::Receiver<Phase>,
}

impl ShutdownSignal {
    pub(crate) fn is_draining(&self) -> bool {
        *self.phase.borrow() >= Phase::Draining
    }

    /// Ready once the worker takes no new tasks.
    pub(crate) async fn draining(&mut self) {
        self.reached(Phase::Draining).await;
    }

    /// Ready once the worker drops everything.
    pub(crate) async fn stopping(&mut self) {
        self.reached(Phase::Stopping).await;
    }

    async fn reached(&mut self, phase: Phase) {
        // The sender lives in the worker; without it nothing is left that could run.
        let _ = self.phase.wait_for(|current| *current >= phase).await;
    }
}
