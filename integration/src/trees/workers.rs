//! Workers that come and go.

use std::ops::Range;
use std::time::Duration;

use durably::prelude::*;
use durably::worker::BuildError;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Random, Tree, compute, compute_here};
use crate::RunningWorker;

/// How many workers there are at a time.
const AT_A_TIME: usize = 2;

/// Workers of which one after the other is stopped or killed, and another takes its place, with
/// another cache and another number of threads.
#[derive(Debug)]
pub struct Workers {
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<u32, BuildError>>,
}

impl Workers {
    /// Starts them. One is replaced each time such a number of milliseconds has passed.
    ///
    /// # Errors
    /// A worker cannot be built.
    pub fn start(
        client: &Client,
        task_queue: &str,
        seed: u64,
        lives: Range<u64>,
    ) -> Result<Self, BuildError> {
        let mut random = Random::new(seed);
        let (client, task_queue) = (client.clone(), task_queue.to_owned());
        let mut workers = Vec::new();
        for _ in 0..AT_A_TIME {
            workers.push(worker(&client, &task_queue, &mut random)?);
        }
        let (stop, mut stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let mut replaced = 0;
            loop {
                let life = lives.start + random.below(lives.end - lives.start);
                let life = Duration::from_millis(life);
                tokio::select! {
                    () = tokio::time::sleep(life) => {}
                    _ = &mut stopped => break,
                }
                let next = worker(&client, &task_queue, &mut random)?;
                let index = random.below(AT_A_TIME as u64) as usize;
                let old = std::mem::replace(&mut workers[index], next);
                match random.below(3) {
                    0 => old.kill().await,
                    _ => drop(tokio::spawn(old.stop())),
                }
                replaced += 1;
            }
            for worker in workers {
                worker.stop().await;
            }
            Ok(replaced)
        });
        Ok(Self { stop, running })
    }

    /// Stops them; gives how many were replaced.
    ///
    /// # Panics
    /// A worker could not be built, or has failed.
    pub async fn stop(self) -> u32 {
        let _ = self.stop.send(());
        let replaced = self.running.await.expect("workers do not panic");
        replaced.expect("every worker can be built")
    }
}

fn worker(
    client: &Client,
    task_queue: &str,
    random: &mut Random,
) -> Result<RunningWorker, BuildError> {
    let cached = [0, 1, 5, 1000][random.below(4) as usize];
    let worker = Worker::builder(client, task_queue)
        .workflow(Tree::run)
        .activity(compute)
        .activity(compute_here)
        .max_cached_workflows(cached)
        .workflow_threads(1 + random.below(2) as usize)
        .build()?;
    Ok(RunningWorker::start(worker))
}
