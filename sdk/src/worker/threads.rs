//! The threads on which workflow code runs.
//!
//! Each thread has a current-thread runtime and a connection of its own. A workflow task is
//! polled, computed and answered on one thread, and its run stays there: nothing is handed over,
//! nothing is locked. All workers of one client share these threads and so their connections.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::client::{Client, ConnectError, Rpc};

type Job = Box<dyn FnOnce(Rc<WorkflowThread>) + Send>;

/// How many starts of workers may wait for a thread that is busy.
const PENDING_JOBS: usize = 64;

/// What the code on a workflow thread shares.
#[derive(Default)]
pub(crate) struct WorkflowThread {
    rpc: OnceCell<Rpc>,
}

impl WorkflowThread {
    /// The thread's connection, opened when first needed, for the calls of a client.
    pub(crate) fn rpc(&self, client: &Client) -> Result<Rpc, ConnectError> {
        if let Some(rpc) = self.rpc.get() {
            return Ok(client.on_channel(rpc));
        }
        let rpc = client.open_channel()?;
        Ok(self.rpc.get_or_init(|| rpc).clone())
    }
}

/// The workflow threads of a client. They end when the last worker and the client are gone.
#[derive(Default)]
pub(crate) struct WorkflowThreads {
    threads: Mutex<Vec<mpsc::Sender<Job>>>,
}

impl std::fmt::Debug for WorkflowThreads {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("WorkflowThreads")
    }
}

impl WorkflowThreads {
    /// Runs a future on the thread with this number, starting the thread if there is none yet.
    pub(crate) async fn spawn<F, Fut>(&self, index: usize, make: F) -> std::io::Result<()>
    where
        F: FnOnce(Rc<WorkflowThread>) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let sender = self.sender(index)?;
        let job: Job = Box::new(move |thread| {
            tokio::task::spawn_local(make(thread));
        });
        sender
            .send(job)
            .await
            .map_err(|_| std::io::Error::other("a workflow thread has ended"))
    }

    /// The number of a thread that no worker uses yet.
    pub(crate) fn next_index(&self) -> usize {
        self.threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    fn sender(&self, index: usize) -> std::io::Result<mpsc::Sender<Job>> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        while threads.len() <= index {
            let sender = start(threads.len())?;
            threads.push(sender);
        }
        Ok(threads[index].clone())
    }
}

fn start(index: usize) -> std::io::Result<mpsc::Sender<Job>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (sender, mut jobs) = mpsc::channel::<Job>(PENDING_JOBS);
    std::thread::Builder::new()
        .name(format!("durably-workflow-{index}"))
        .spawn(move || {
            let local = LocalSet::new();
            let thread = Rc::new(WorkflowThread::default());
            local.block_on(&runtime, async {
                while let Some(job) = jobs.recv().await {
                    job(thread.clone());
                }
            });
        })?;
    Ok(sender)
}
