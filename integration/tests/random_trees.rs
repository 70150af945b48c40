//! Random workflows while workers come and go: each gives what it must, and its histories replay.
//!
//! `DURABLY_RANDOM_TREES` says how many are run (100 otherwise), `DURABLY_RANDOM_SEED` with which seed they
//! begin (1 otherwise). A failure tells its seed. They run on the server that `TEMPORAL_ADDRESS` names, or
//! on servers in this process.

use durably::prelude::*;
use durably_integration::trees::{run_embedded, run_on};

/// How many trees run at a time.
const IN_FLIGHT: usize = 40;

fn number(variable: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else {
        return default;
    };
    text.parse()
        .unwrap_or_else(|_| panic!("{variable} is \"{text}\", which is not a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_trees() {
    let (first, trees) = (
        number("DURABLY_RANDOM_SEED", 1),
        number("DURABLY_RANDOM_TREES", 100),
    );
    let seeds = first..first.saturating_add(trees);
    let report = match std::env::var("TEMPORAL_ADDRESS") {
        Ok(address) if !address.is_empty() => {
            let client = Client::connect(ConnectOptions::new(&address)).await;
            let client = client.expect("the server that is named answers");
            run_on(&client, seeds, IN_FLIGHT).await
        }
        _ => run_embedded(seeds, IN_FLIGHT).await,
    };
    let report = report.expect("the workers can be built");
    println!("{report:?}");
    assert!(
        report.failures.is_empty(),
        "{} of {} trees failed:\n{}",
        report.failures.len(),
        report.trees,
        report.failures.join("\n")
    );
}
