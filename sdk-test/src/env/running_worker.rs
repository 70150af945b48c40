//! A worker that runs beside a test.

use std::sync::Arc;
use std::time::Duration;

use durably::worker::{Worker, WorkerError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::faults::{Dice, Faults};
use super::test_env::Shared;

/// A worker that runs until it is stopped, killed or dropped.
#[derive(Debug)]
#[must_use = "the worker ends when this is dropped"]
pub struct RunningWorker {
    stop: Option<oneshot::Sender<()>>,
    /// None once the worker was waited for.
    running: Option<JoinHandle<Result<(), WorkerError>>>,
}

impl RunningWorker {
    pub(super) fn start(worker: Worker, task_queue: String, env: &Arc<Shared>) -> Self {
        let backend = env.backend.clone();
        let faults = env.faults.clone();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let ended = live(worker, &task_queue, stopped, faults).await;
            if let Err(error) = &ended {
                let text = format!("the worker of queue `{task_queue}` has ended: {error}");
                backend.break_down(text);
            }
            ended
        });
        Self {
            stop: Some(stop),
            running: Some(running),
        }
    }

    /// Shuts the worker down, and waits until it has finished what it began.
    ///
    /// # Panics
    /// The worker ended with an error, or panicked.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // A worker that has ended already needs no telling.
            let _ = stop.send(());
        }
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

/// Runs a worker until it is stopped. Where workers are to be killed it has several lives.
async fn live(
    worker: Worker,
    task_queue: &str,
    mut stopped: oneshot::Receiver<()>,
    faults: Option<Faults>,
) -> Result<(), WorkerError> {
    let mean = faults.as_ref().and_then(|faults| faults.worker_life);
    let seed = faults.map_or(0, |faults| faults.seed);
    for number in 0.. {
        let life = async {
            match mean {
                Some(mean) => {
                    let mut dice = Dice::new(seed, task_queue, number);
                    tokio::time::sleep(dice.up_to(mean * 2).max(SHORTEST_LIFE)).await;
                }
                None => std::future::pending().await,
            }
        };
        let next = worker.another();
        let shutdown = next.shutdown_handle();
        let run = next.run();
        tokio::pin!(run);
        tokio::select! {
            ended = &mut run => return ended,
            _ = &mut stopped => {
                shutdown.initiate();
                return run.await;
            }
            // What it had is lost.
            () = life => {}
        }
    }
    Ok(())
}

/// Time to do anything at all.
const SHORTEST_LIFE: Duration = Duration::from_millis(10);
