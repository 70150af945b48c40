//! Runs random workflows while workers come and go, checks their results, and replays every history.
//!
//! ```text
//! cargo run -p durably-integration --bin random_trees [-- --trees 2000 --first-seed 0 --in-flight 40]
//! ```
//!
//! Uses the server that `TEMPORAL_ADDRESS` names, or starts one of its own. A failure tells its
//! seed; `--trees 1 --first-seed SEED` runs that plan again.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use durably::prelude::*;
use durably_integration::trees::{Workers, run};
use durably_integration::{DevServer, free_port};
use tokio::task::JoinSet;

struct Options {
    trees: u64,
    first_seed: u64,
    in_flight: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(env::var("DURABLY_TEST_LOG").unwrap_or_else(|_| "off".to_owned()))
        .init();
    let options = match options(env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!(
                "error: {error}\nusage: random_trees [--trees N] [--first-seed N] [--in-flight N]"
            );
            return ExitCode::from(2);
        }
    };
    match all(&options).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("error: {failed} trees failed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        trees: 2000,
        first_seed: 0,
        in_flight: 40,
    };
    while let Some(word) = words.next() {
        let value = words.next().ok_or(format!("{word} needs a value"))?;
        let number = value
            .parse::<u64>()
            .map_err(|_| format!("\"{value}\" is no number"))?;
        match word.as_str() {
            "--trees" => options.trees = number,
            "--first-seed" => options.first_seed = number,
            "--in-flight" => options.in_flight = usize::try_from(number.max(1)).unwrap_or(1),
            _ => return Err(format!("unknown option {word}")),
        }
    }
    Ok(options)
}

/// Runs all trees; gives how many failed.
async fn all(options: &Options) -> Result<usize, Box<dyn Error>> {
    let mut own_server = None;
    let address = match env::var("TEMPORAL_ADDRESS") {
        Ok(address) if !address.is_empty() => address,
        _ => own_server
            .insert(DevServer::start(free_port()?, None).await?)
            .address(),
    };
    let client = Client::connect(ConnectOptions::new(&address)).await?;
    let task_queue = format!("trees-{}", std::process::id());
    let workers = Workers::start(&client, &task_queue, options.first_seed)?;
    let began = Instant::now();
    let mut seeds = options.first_seed..options.first_seed + options.trees;
    let mut running = JoinSet::new();
    let (mut failed, mut histories, mut events, mut updates, mut refused) = (0, 0, 0, 0, 0);
    loop {
        while running.len() < options.in_flight
            && let Some(seed) = seeds.next()
        {
            let (client, task_queue) = (client.clone(), task_queue.clone());
            running.spawn(async move { run(&client, &task_queue, seed).await });
        }
        let Some(ended) = running.join_next().await else {
            break;
        };
        match ended? {
            Ok(outcome) => {
                histories += outcome.histories;
                events += outcome.events;
                updates += outcome.updates;
                refused += outcome.refused;
            }
            Err(error) => {
                failed += 1;
                println!("FAILED {error}");
            }
        }
    }
    let replaced = workers.stop().await;
    println!(
        "{} trees in {:.1?}, {failed} failed; {replaced} workers were replaced",
        options.trees,
        began.elapsed()
    );
    println!(
        "{histories} histories with {events} events replayed; {updates} updates completed, {refused} refused"
    );
    Ok(failed)
}
