//! `cargo durably history download`.

mod fetch;
mod file_name;
mod progress;
mod runs;
mod stored_file;

use std::io;
use std::path::PathBuf;

use clap::Args;
use durably::client::RpcError;
use tokio::task::JoinSet;

use self::fetch::{Budget, FetchError, Fetched, Fetcher};
use self::progress::Progress;
use self::runs::{Next, Run, Runs};
use self::stored_file::StoredForm;
use super::codec::{CodecArguments, CodecError};
use super::redact::{Redact, Redaction};
use crate::Outcome;
use crate::connection::{ConnectionArguments, ConnectionError};

/// The arguments of `cargo durably history download`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each history becomes <output>/<workflow id>.<run id>.json.gz, with `%` and \
two digits for what a file name cannot hold. Files of closed runs that are there already, in the same form, are not \
fetched again; those of open runs are. What was redacted, and what no longer replays then, is in the README."
)]
pub(crate) struct DownloadArguments {
    /// The workflow to download.
    #[arg(
        long,
        short,
        value_name = "ID",
        required_unless_present = "query",
        conflicts_with = "query"
    )]
    workflow_id: Option<String>,
    /// The run of the workflow; the current one unless given.
    #[arg(long, short, value_name = "ID", requires = "workflow_id")]
    run_id: Option<String>,
    /// A visibility query, such as "ExecutionStatus='Running'"; an empty one finds all workflows.
    #[arg(long, short)]
    query: Option<String>,
    /// The folder to download to; it is made if there is none.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// The most histories of a query.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// The most bytes of events that are fetched, in the server's form; 1 GiB unless given.
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30, hide_default_value = true)]
    max_bytes: u64,
    /// How many histories are fetched at a time.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Takes the data out of payloads; `shape` leaves the structure of JSON, `null` nothing.
    #[arg(long, value_name = "WHAT IS LEFT", num_args = 0..=1, require_equals = true, default_missing_value = "shape")]
    redact: Option<Redaction>,
    /// Also takes out messages and stack traces of failures, and reasons.
    #[arg(long, requires = "redact")]
    redact_failures: bool,
    /// Says nothing but what goes wrong.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    codec: CodecArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Nothing could be downloaded, or no more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error("cannot make the folder {}: {error}", path.display())]
    Output { path: PathBuf, error: io::Error },
    #[error("cannot list workflows: {0}")]
    List(RpcError),
    #[error("cannot find workflow \"{workflow_id}\": {error}")]
    Find {
        workflow_id: String,
        error: RpcError,
    },
}

pub(crate) async fn run(arguments: DownloadArguments) -> Result<Outcome, DownloadError> {
    let client = arguments.connection.connect().await?;
    let codec = arguments.codec.codec(client.namespace())?;
    let output = arguments.output.clone();
    std::fs::create_dir_all(&output).map_err(|error| DownloadError::Output {
        path: output.clone(),
        error,
    })?;
    let runs = match (&arguments.workflow_id, &arguments.query) {
        (Some(workflow_id), _) => {
            Runs::of_workflow(&client, workflow_id, arguments.run_id.as_deref())
                .await
                .map_err(|error| DownloadError::Find {
                    workflow_id: workflow_id.clone(),
                    error,
                })?
        }
        (None, query) => {
            let query = query.as_deref().unwrap_or_default();
            Runs::of_query(&client, query, arguments.limit as usize)
        }
    };
    let fetcher = Fetcher {
        form: StoredForm {
            is_decoded: codec.is_some(),
            redact: arguments.redact.map(|payloads| Redact {
                payloads,
                failures: arguments.redact_failures,
            }),
        },
        client,
        codec,
        output,
        budget: Budget::new(arguments.max_bytes),
    };
    let mut download = Download {
        progress: Progress::new(arguments.quiet),
        fetcher,
        tasks: JoinSet::new(),
        is_over_budget: false,
    };
    let listed = download.all(runs, arguments.concurrency.into()).await;
    download.end(&arguments, listed)
}

struct Download {
    fetcher: Fetcher,
    progress: Progress,
    tasks: JoinSet<(Run, Result<Fetched, FetchError>)>,
    is_over_budget: bool,
}

impl Download {
    /// Downloads until the runs, the bytes, or the server's answers end.
    async fn all(&mut self, mut runs: Runs, concurrency: usize) -> Result<Next, RpcError> {
        let mut listed = Ok(Next::End);
        while !self.is_over_budget {
            listed = runs.next().await;
            let Ok(Next::Run(run)) = listed else {
                break;
            };
            if self.tasks.len() >= concurrency {
                self.finish_one().await;
            }
            let fetcher = self.fetcher.clone();
            self.tasks.spawn(async move {
                let fetched = fetcher.download(&run).await;
                (run, fetched)
            });
            listed = Ok(Next::End);
        }
        while !self.tasks.is_empty() {
            self.finish_one().await;
        }
        listed
    }

    async fn finish_one(&mut self) {
        let (run, fetched) = match self.tasks.join_next().await {
            None => return,
            Some(Ok(done)) => done,
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        };
        let counts = &mut self.progress.counts;
        match fetched {
            Ok(Fetched::Written { events, bytes }) => {
                counts.downloaded += 1;
                counts.events += events;
                counts.bytes += bytes;
            }
            Ok(Fetched::Skipped) => counts.skipped += 1,
            Ok(Fetched::OverBudget) => {
                self.is_over_budget = true;
                return;
            }
            Err(error) => {
                counts.failed += 1;
                let Run {
                    workflow_id,
                    run_id,
                } = &run;
                self.progress.warn(&format!(
                    "workflow \"{workflow_id}\" (run {run_id}): {error}"
                ));
            }
        }
        self.progress.step(self.fetcher.file(&run).path());
    }

    fn end(
        self,
        arguments: &DownloadArguments,
        listed: Result<Next, RpcError>,
    ) -> Result<Outcome, DownloadError> {
        let counts = self.progress.counts;
        if self.is_over_budget {
            let limit = arguments.max_bytes;
            self.progress.warn(&format!(
                "not all histories were downloaded: they have more than {limit} bytes, which is the limit; call again \
                 with a higher --max-bytes to go on"
            ));
        } else if matches!(listed, Ok(Next::Limit)) {
            let limit = arguments.limit;
            self.progress.warn(&format!(
                "not all histories were downloaded: the query finds more than {limit}, which is the limit; set a \
                 higher --limit"
            ));
        }
        self.progress.end(&self.fetcher.output);
        listed.map_err(DownloadError::List)?;
        if counts.downloaded + counts.skipped + counts.failed == 0 && !self.is_over_budget {
            self.progress.warn("the query finds no workflow");
        }
        Ok(match counts.failed {
            0 => Outcome::Success,
            _ => Outcome::Negative,
        })
    }
}
