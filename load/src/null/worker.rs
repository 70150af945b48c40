//! The null worker's threads, start and end.

use std::convert::Infallible;
use std::sync::Arc;

use durably_protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use super::error::{NullError, call, process};
use super::shard::Shard;
use super::{activity, answer};
use crate::arguments::WorkerArguments;
use crate::connection::Connection;
use crate::stop::StopRequests;

const CLIENT_NAME: &str = "durably-load-null";
/// As many polls as a real worker keeps open by default (protocol 11.3).
const STICKY_POLLS: usize = 4;
const ACTIVITY_POLLS: usize = 5;

/// Serves the task queue until a stop is asked for.
///
/// # Errors
/// The worker cannot start, or a call failed.
pub fn serve(arguments: &WorkerArguments) -> Result<(), NullError> {
    let (failed, failures) = mpsc::unbounded_channel();
    // The main thread is the first of the threads.
    for index in 1..arguments.threads {
        let (arguments, failed) = (arguments.clone(), failed.clone());
        let builder = std::thread::Builder::new().name(format!("null-{index}"));
        let thread = builder.spawn(move || {
            let served: Result<Infallible, NullError> = runtime().and_then(|runtime| {
                runtime.block_on(async {
                    begin(&arguments, index, failed.clone()).await?;
                    // The process's end takes the thread down.
                    std::future::pending().await
                })
            });
            let Err(error) = served;
            // Nobody listens any more when the worker is ending already.
            let _ = failed.send(error);
        });
        thread.map_err(process("cannot start a thread"))?;
    }
    runtime()?.block_on(serve_until_stopped(arguments, failed, failures))
}

fn runtime() -> Result<Runtime, NullError> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(process("cannot start tokio"))
}

async fn serve_until_stopped(
    arguments: &WorkerArguments,
    failed: mpsc::UnboundedSender<NullError>,
    mut failures: mpsc::UnboundedReceiver<NullError>,
) -> Result<(), NullError> {
    let stop = StopRequests::listen().map_err(process("cannot listen for stop requests"))?;
    begin(arguments, 0, failed).await?;
    crate::announce::ready().map_err(process("cannot write to standard output"))?;
    tokio::select! {
        () = stop.requested() => Ok(()),
        Some(error) = failures.recv() => Err(error),
    }
}

/// Connects, makes sure of the namespace as a real worker does, and starts the polls.
async fn begin(
    arguments: &WorkerArguments,
    index: usize,
    failed: mpsc::UnboundedSender<NullError>,
) -> Result<(), NullError> {
    let connection =
        Connection::open(&arguments.address, &arguments.namespace, CLIENT_NAME).await?;
    let request = connection.request(DescribeNamespaceRequest {
        namespace: arguments.namespace.clone(),
        ..DescribeNamespaceRequest::default()
    });
    let described = connection.client.clone().describe_namespace(request).await;
    described.map_err(call("DescribeNamespace"))?;

    let shard = Arc::new(Shard::new(connection, arguments, index, failed));
    tokio::spawn(answer::poll(shard.clone(), shard.normal_queue.clone()));
    if shard.is_sticky() {
        for _ in 0..STICKY_POLLS {
            tokio::spawn(answer::poll(shard.clone(), shard.sticky_queue.clone()));
        }
    }
    for _ in 0..ACTIVITY_POLLS {
        tokio::spawn(activity::poll(shard.clone()));
    }
    Ok(())
}
