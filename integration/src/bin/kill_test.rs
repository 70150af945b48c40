//! Kills the worker of the example `order_saga` again and again while sagas are in flight: each must
//! end as it should, with nothing lost and nothing done twice.
//!
//! ```text
//! cargo run -p durably-integration --bin kill_test [-- --sagas 200 --every 2]
//! ```
//!
//! Uses the server that `TEMPORAL_ADDRESS` names, or starts one of its own.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use durably::prelude::*;
use durably_integration::{DevServer, Figures, Sagas, free_port};
use tokio::process::Child;

const USAGE: &str = "\
Usage: kill_test [--sagas N] [--every SECONDS]

  --sagas N        how many sagas to run at a time; 200 otherwise
  --every SECONDS  how long each worker process lives; 2 otherwise
";

struct Options {
    sagas: usize,
    every: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options(env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprint!("error: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        sagas: 200,
        every: Duration::from_secs(2),
    };
    while let Some(word) = words.next() {
        let mut number = || -> Result<f64, String> {
            let value = words.next().ok_or(format!("{word} needs a value"))?;
            let number = value.parse().ok().filter(|number| *number > 0.0);
            number.ok_or(format!("\"{value}\" is no positive number"))
        };
        match word.as_str() {
            "--sagas" => options.sagas = number()? as usize,
            "--every" => options.every = Duration::from_secs_f64(number()?),
            _ => return Err(format!("unknown option {word}")),
        }
    }
    Ok(options)
}

async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut own_server = None;
    let address = match env::var("TEMPORAL_ADDRESS") {
        Ok(address) if !address.is_empty() => address,
        _ => own_server
            .insert(DevServer::start(free_port()?, None).await?)
            .address(),
    };
    let sagas = Sagas::build(address.clone(), options.sagas).await?;
    let began = Instant::now();
    let mut starter = sagas.start()?;
    let kills = kill_workers(&sagas, &mut starter, options.every).await?;
    let ended = starter.wait().await?;
    println!(
        "{} sagas ended after {:.1?}; {kills} workers were killed",
        options.sagas,
        began.elapsed()
    );

    let client = Client::connect(ConnectOptions::new(&address)).await?;
    let figures = sagas.figures(&client).await?;
    report(&figures);
    if !ended.success() {
        return Err("not all sagas ended as they should".into());
    }
    match figures.problems.len() {
        0 => Ok(()),
        problems => Err(format!("{problems} problems in the histories").into()),
    }
}

/// Runs one worker after the other, each for a while, until the sagas have ended.
async fn kill_workers(
    sagas: &Sagas,
    starter: &mut Child,
    every: Duration,
) -> Result<u32, Box<dyn Error>> {
    let mut kills = 0;
    loop {
        let mut worker = sagas.worker()?;
        let ended = tokio::time::timeout(every, starter.wait()).await;
        if ended.is_ok() {
            worker.kill().await?;
            return Ok(kills);
        }
        if let Some(status) = worker.try_wait()? {
            return Err(format!("a worker ended by itself: {status}").into());
        }
        // SIGKILL: nothing of the process has a chance to clean up.
        worker.kill().await?;
        kills += 1;
    }
}

fn report(figures: &Figures) {
    println!(
        "histories: {} events, {} activities, {} attempts beyond the first, {} workflow tasks timed out",
        figures.events, figures.activities, figures.retries, figures.timed_out_tasks
    );
    for problem in &figures.problems {
        println!("PROBLEM {problem}");
    }
    if figures.problems.is_empty() {
        println!("every saga ended as it should; no result was lost, no workflow task failed");
    }
}
