//! The worker: connects, polls, announces itself, stops when asked.

use std::io::{self, Write};
use std::pin::pin;

use temporalio_client::errors::{ClientConnectError, ClientNewError};
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, GrpcCompression};
use temporalio_sdk::error::{
    RuntimeError, WorkerCreateError, WorkerRunError, WorkflowRegistrationError,
};
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

use crate::activities::LoadActivities;
use crate::arguments::{ArgumentError, WorkerArguments};
use crate::readiness::{ReadinessError, polling};
use crate::stop::StopRequests;
use crate::workflows::{Fanout, Idle, OneActivity, Seq, Signals, Timers};

/// Slots for tasks of one kind that run at the same time.
const SLOTS: usize = 200;

/// Why the worker ended early.
#[derive(Debug, thiserror::Error)]
pub enum LoadWorkerError {
    /// The command line was refused.
    #[error(transparent)]
    Arguments(#[from] ArgumentError),
    /// The threads, the signal handlers or standard output failed.
    #[error("{doing}: {source}")]
    Process {
        /// What was being done.
        doing: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// The SDK's runtime did not start.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// No connection to the server.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// The server's address.
        address: String,
        /// The client's error.
        source: Box<ClientConnectError>,
    },
    /// The client was not built.
    #[error(transparent)]
    Client(#[from] ClientNewError),
    /// A workflow was not registered.
    #[error(transparent)]
    Registration(#[from] WorkflowRegistrationError),
    /// The worker was not built.
    #[error(transparent)]
    Create(#[from] WorkerCreateError),
    /// The worker gave up.
    #[error(transparent)]
    Run(#[from] WorkerRunError),
    /// The worker was not seen polling.
    #[error(transparent)]
    Readiness(#[from] ReadinessError),
}

fn process(doing: &'static str) -> impl FnOnce(io::Error) -> LoadWorkerError {
    move |source| LoadWorkerError::Process { doing, source }
}

/// Serves the task queue until a stop is asked for.
pub fn serve(arguments: WorkerArguments) -> Result<(), LoadWorkerError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(arguments.threads)
        .enable_all()
        .build()
        .map_err(process("cannot start the tokio threads"))?
        .block_on(serve_on_tokio(arguments))
}

async fn serve_on_tokio(arguments: WorkerArguments) -> Result<(), LoadWorkerError> {
    let stop = StopRequests::listen().map_err(process("cannot listen for stop requests"))?;
    let identity = format!("official-worker-{}", std::process::id());
    let client = connect(&arguments, identity.clone()).await?;
    let runtime = Runtime::from_current_tokio(Default::default())?;
    let mut worker = Worker::new(&runtime, client.clone(), worker_options(&arguments)?)?;

    let shut_down = worker.shutdown_handle();
    let announce_and_await_stop = async {
        let mut stop = pin!(stop.requested());
        tokio::select! {
            seen = polling(&client, &arguments.namespace, &arguments.task_queue, &identity) => {
                seen?;
                announce().map_err(process("cannot write to standard output"))?;
                stop.await;
            }
            () = &mut stop => {}
        }
        shut_down();
        Ok(())
    };
    let run = async { worker.run().await.map_err(LoadWorkerError::from) };
    tokio::try_join!(run, announce_and_await_stop)?;
    Ok(())
}

/// Connects without gzip, which this SDK's connections use by default: the server is on the same
/// machine, and Durably's worker does not compress in the comparison either.
async fn connect(arguments: &WorkerArguments, identity: String) -> Result<Client, LoadWorkerError> {
    let options = ConnectionOptions::new(arguments.address.clone())
        .identity(identity)
        .grpc_compression(GrpcCompression::None)
        .build();
    let connection =
        Connection::connect(options)
            .await
            .map_err(|source| LoadWorkerError::Connect {
                address: arguments.address.to_string(),
                source: Box::new(source),
            })?;
    let options = ClientOptions::new(arguments.namespace.clone()).build();
    Ok(Client::new(connection, options)?)
}

/// The SDK's defaults but for the cache, which the command line sets, and the slots. Pollers stay
/// unset: then the SDK scales their number itself where the namespace allows it.
fn worker_options(arguments: &WorkerArguments) -> Result<WorkerOptions, LoadWorkerError> {
    let slots = FixedSizeSlotSupplier::new(SLOTS);
    let tuner = TunerHolder::builder()
        .workflow_task_slot_supplier(slots)
        .activity_task_slot_supplier(slots)
        .local_activity_task_slot_supplier(slots)
        .nexus_task_slot_supplier(slots)
        .build();
    Ok(WorkerOptions::new(arguments.task_queue.clone())
        .register_activities(LoadActivities)
        .register_workflow::<OneActivity>()?
        .register_workflow::<Seq>()?
        .register_workflow::<Fanout>()?
        .register_workflow::<Timers>()?
        .register_workflow::<Signals>()?
        .register_workflow::<Idle>()?
        .max_cached_workflows(arguments.max_cached)
        .tuner(tuner)
        .build())
}

fn announce() -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(b"ready\n")?;
    output.flush()
}
