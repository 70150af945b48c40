//! A workflow that is told things and asked things: by handlers, and by a channel of signals.
//!
//! ```text
//! cargo run --example signals_and_queries
//! ```

use std::error::Error;
use std::process::ExitCode;

use durably::prelude::*;
use durably_examples::{connect, report, unique};

/// A vote: options are put up by signals, voices counted from a channel.
#[derive(Default)]
struct Vote {
    closed: State<bool>,
    counts: State<Vec<(String, u32)>>,
}

#[workflow]
impl Vote {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        // Voices wait in the channel until the code takes them, also those that came early.
        let voices = ctx.signal_channel::<String>("voice");
        loop {
            select! {
                voice = voices.recv() => self.count(&voice?),
                closed = ctx.wait_until(|| self.closed.get()) => { closed?; break }
            }
        }
        while let Some(voice) = voices.try_recv() {
            self.count(&voice);
        }
        let winner = self.counts.with(|counts| {
            let best = counts.iter().max_by_key(|(_, count)| *count);
            best.map_or_else(String::new, |(name, _)| name.clone())
        });
        Ok(winner)
    }

    /// Puts up an option.
    #[signal]
    fn put_up(&self, option: String) {
        self.counts.update(|counts| counts.push((option, 0)));
    }

    #[signal]
    fn close(&self) {
        self.closed.set(true);
    }

    /// How the vote stands. A query only reads; what it changed would be refused.
    #[query]
    fn counts(&self) -> Vec<(String, u32)> {
        self.counts.get()
    }
}

impl Vote {
    fn count(&self, voice: &str) {
        self.counts.update(|counts| {
            for (_, count) in counts.iter_mut().filter(|(option, _)| option == voice) {
                *count += 1;
            }
        });
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    report(signals_and_queries().await)
}

async fn signals_and_queries() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("vote");
    let worker = Worker::builder(&client, &task_queue)
        .workflow(Vote::run)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let vote = client
        .start(Vote::run, ())
        .workflow_id(&task_queue)
        .task_queue(&task_queue)
        .with_signal(Vote::put_up, "cake")
        .await?;
    vote.signal(Vote::put_up, "pie").await?;
    for voice in ["pie", "cake", "pie"] {
        vote.signal_by_name(
            "voice",
            vec![durably::payload::ToPayload::to_payload(&voice)?],
        )
        .await?;
    }
    let counts = vote.query(Vote::counts, ()).await?;
    println!("client:   the vote stands at {counts:?}");
    vote.signal(Vote::close, ()).await?;
    let winner = vote.result().await?;
    println!("client:   {winner} has won");
    if winner != "pie" {
        return Err(format!("expected pie, not {winner}").into());
    }
    shutdown.initiate();
    worker.await??;
    Ok(())
}
