//! Runs random workflows while workers come and go, checks their results, and replays every history.
//!
//! ```text
//! cargo run -p durably-integration --bin random_trees [-- --trees 2000 --first-seed 0 --in-flight 40]
//! ```
//!
//! Uses the server that `TEMPORAL_ADDRESS` names, or servers in this process, a few trees each. A failure
//! tells its seed; `--trees 1 --first-seed SEED` runs that plan again.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use durably::prelude::*;
use durably_integration::trees::{run_embedded, run_on};

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
    let seeds = options.first_seed..options.first_seed.saturating_add(options.trees);
    let began = Instant::now();
    let report = match env::var("TEMPORAL_ADDRESS") {
        Ok(address) if !address.is_empty() => {
            let client = Client::connect(ConnectOptions::new(&address)).await?;
            run_on(&client, seeds, options.in_flight).await?
        }
        _ => run_embedded(seeds, options.in_flight).await?,
    };
    for failure in &report.failures {
        println!("FAILED {failure}");
    }
    let (failed, outcome) = (report.failures.len(), report.outcome);
    println!(
        "{} trees in {:.1?}, {failed} failed; {} workers were replaced",
        report.trees,
        began.elapsed(),
        report.replaced
    );
    println!(
        "{} histories with {} events replayed; {} updates completed, {} refused",
        outcome.histories, outcome.events, outcome.updates, outcome.refused
    );
    Ok(failed)
}
