//! A history from a file or from a server.

use std::io;
use std::path::Path;

use durably::client::{Client, HistoryError, Untyped};
use durably_history::{Place, ReadError, RecordedHistory};

use super::codec::{CodecArguments, CodecError};
use crate::connection::{ConnectionArguments, ConnectionError};

/// There is no history.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("{path}: {error}")]
    File { path: String, error: io::Error },
    #[error(
        "\"{source_name}\" is no file, and the server cannot be asked for a workflow of this id: {error}"
    )]
    Connection {
        source_name: String,
        error: ConnectionError,
    },
    #[error("\"{source_name}\" is no file, and cannot be fetched as a workflow: {error}")]
    Fetch {
        source_name: String,
        error: HistoryError,
    },
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// How histories are found that are not in files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Server<'a> {
    pub(crate) connection: &'a ConnectionArguments,
    pub(crate) codec: &'a CodecArguments,
}

/// The history in the file of this name; if there is none, that of the workflow with this id.
pub(crate) async fn load(
    source: &str,
    run_id: Option<&str>,
    server: Server<'_>,
) -> Result<RecordedHistory, SourceError> {
    let path = Path::new(source);
    if path.is_file() {
        let mut recorded = durably_history::read(path)?;
        // Without a server the namespace is unknown; a codec that needs it is asked with `default`.
        if let Some(codec) = server.codec.codec("default")? {
            codec.decode(&mut recorded.history).await?;
        }
        return Ok(recorded);
    }
    if looks_like_a_path(path) {
        let error = match path.is_dir() {
            true => io::Error::new(
                io::ErrorKind::IsADirectory,
                "this is a folder; give a file in it",
            ),
            false => io::Error::new(io::ErrorKind::NotFound, "there is no such file"),
        };
        let path = source.to_owned();
        return Err(SourceError::File { path, error });
    }
    let source_name = || source.to_owned();
    let client = server.connection.connect().await;
    let client = client.map_err(|error| SourceError::Connection {
        source_name: source_name(),
        error,
    })?;
    let codec = server.codec.codec(client.namespace())?;
    let fetched = fetch(&client, source, run_id).await;
    let mut recorded = fetched.map_err(|error| SourceError::Fetch {
        source_name: source_name(),
        error,
    })?;
    if let Some(codec) = codec {
        codec.decode(&mut recorded.history).await?;
    }
    Ok(recorded)
}

async fn fetch(
    client: &Client,
    workflow_id: &str,
    run_id: Option<&str>,
) -> Result<RecordedHistory, HistoryError> {
    let mut handle = client.workflow_handle(Untyped, workflow_id);
    if let Some(run_id) = run_id {
        handle = handle.with_run_id(run_id);
    }
    let history = handle.fetch_history().into_history().await?;
    let place = Place::named(format!("workflow {workflow_id}"));
    let recorded = RecordedHistory::new(place, history);
    let run_id = run_id.unwrap_or(recorded.run_id()).to_owned();
    Ok(recorded.of_execution(workflow_id, run_id))
}

/// Whether somebody who writes this means a file.
fn looks_like_a_path(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is_known =
        extension.is_some_and(|it| ["json", "jsonl", "gz", "pb", "bin", "binpb"].contains(&it));
    is_known
        || path.is_dir()
        || path.is_absolute()
        || path.starts_with(".")
        || path.starts_with("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_looks_like_a_file_is_one() {
        let (connection, codec) = (ConnectionArguments::default(), CodecArguments::default());
        let server = Server {
            connection: &connection,
            codec: &codec,
        };
        for path in ["./order", "gone.json", "/nowhere/order", "a/b.json.gz"] {
            let error = load(path, None, server).await.unwrap_err().to_string();
            assert_eq!(error, format!("{path}: there is no such file"));
        }
        assert!(!looks_like_a_path(Path::new("order-1")));
        assert!(!looks_like_a_path(Path::new("tenant/order-1")));
    }
}
