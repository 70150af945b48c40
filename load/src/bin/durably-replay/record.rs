//! Histories to measure: three long ones, and a folder of a thousand small ones.

use std::fs;
use std::path::Path;

use durably::definition::WorkflowDefinition;
use durably::payload::Arguments;
use durably::prelude::*;
use durably_protos::temporal::api::history::v1::History;
use durably_test::server::TestServer;
use prost::Message;

use crate::workflows::{fanout, noop, one_activity, seq, timers};

type RecordError = Box<dyn std::error::Error>;

/// Activities of the long ones: about 6,000, 30,000 and 50,000 events.
const LONG: [u64; 3] = [1000, 5000, 8300];

/// Runs the workflows, and writes each history in binary and as JSON.
pub(crate) fn record(folder: &Path) -> Result<(), RecordError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(folder))
}

async fn run(folder: &Path) -> Result<(), RecordError> {
    let server = TestServer::start();
    let options = ConnectOptions::new("embedded").service(server.service());
    let client = Client::connect(options).await?;
    let worker = Worker::builder(&client, "record")
        .workflow(one_activity)
        .workflow(seq)
        .workflow(fanout)
        .workflow(timers)
        .activity(noop)
        .build()?;
    let recorded = async {
        for n in LONG {
            keep(&client, seq, n, folder, &format!("seq-{n}")).await?;
        }
        let small = folder.join("small");
        for number in 0..250 {
            keep(
                &client,
                one_activity,
                number,
                &small,
                &format!("one-{number}"),
            )
            .await?;
            keep(&client, seq, 3, &small, &format!("seq-{number}")).await?;
            keep(&client, fanout, 3, &small, &format!("fanout-{number}")).await?;
            keep(&client, timers, 3, &small, &format!("timers-{number}")).await?;
        }
        Ok::<_, RecordError>(())
    };
    tokio::select! {
        result = recorded => result,
        ended = worker.run() => Ok(ended?),
    }
}

async fn keep<W: WorkflowDefinition<Output = u64>>(
    client: &Client,
    workflow: W,
    n: u64,
    folder: &Path,
    name: &str,
) -> Result<(), RecordError>
where
    u64: Arguments<W::Parameters>,
{
    let handle = client.start(workflow, n).task_queue("record").await?;
    handle.result().await?;
    let history: History = handle.fetch_history().into_history().await?;
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{name}.pb")), history.encode_to_vec())?;
    let json = fs::File::create(folder.join(format!("{name}.json")))?;
    durably_history::write_json(&history, std::io::BufWriter::new(json))?;
    Ok(())
}
