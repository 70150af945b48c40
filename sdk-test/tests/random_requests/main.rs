//! Random requests of every method in random order: the server answers each, keeps its histories in
//! order, and loses nothing.
//!
//! Requests are made from the definitions of the API, with ids and tokens that were seen before, and are
//! at times odd, malformed or random bytes. After each call the server is asked what is wrong within it.
//! In the end a worker does all that waits, and every run must come to its end.
//!
//! `DURABLY_RANDOM_REQUESTS` says how many seeds are run (60 otherwise), `DURABLY_RANDOM_SEED` with which
//! they begin (1 otherwise). A failure names its seed and shows the last calls; it alone is run again by
//! `DURABLY_RANDOM_SEED=<seed> DURABLY_RANDOM_REQUESTS=1`.

mod call;
mod drain;
mod generate;
mod methods;
mod names;
mod random;
mod schema;
mod show;
mod walk;
mod wire;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use methods::Methods;
use schema::Schema;

/// The seeds that are run unless told otherwise.
const SEEDS: (u64, u64) = (1, 60);
/// The methods that are never done: as on the real server there is nothing archived, workflows cannot be
/// paused, and a batch operation is over before it can be stopped.
const NEVER: [&str; 4] = [
    "ListArchivedWorkflowExecutions",
    "PauseWorkflowExecution",
    "StopBatchOperation",
    "UnpauseWorkflowExecution",
];

/// How long a seed may take: it takes a few milliseconds, unless a call never ends.
const LONGEST: Duration = Duration::from_secs(120);

fn number(variable: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else {
        return default;
    };
    text.parse()
        .unwrap_or_else(|_| panic!("{variable} is \"{text}\", which is not a number"))
}

/// Ends the program when a seed never ends: a call that loops in the server cannot be given up.
fn watch(seed: Arc<AtomicU64>) {
    std::thread::spawn(move || {
        let mut last = u64::MAX;
        loop {
            let now = seed.load(Ordering::SeqCst);
            if now == last {
                // Not by a macro, whose words are kept until the test has ended.
                let text = format!("seed {now} does not end within {LONGEST:?}\n");
                let _ = std::io::stderr().write_all(text.as_bytes());
                std::process::abort();
            }
            last = now;
            std::thread::sleep(LONGEST);
        }
    });
}

#[test]
fn random_requests() {
    let (first, count) = (
        number("DURABLY_RANDOM_SEED", SEEDS.0),
        number("DURABLY_RANDOM_REQUESTS", SEEDS.1),
    );
    let schema = Schema::read();
    let methods = Methods::read(&schema);
    let at_work = Arc::new(AtomicU64::new(0));
    watch(at_work.clone());
    let (mut wrong, mut tally) = (0, walk::Tally::new());
    for seed in first..first.saturating_add(count) {
        at_work.store(seed, Ordering::SeqCst);
        // Time stands still while something can be done: waits cost nothing, and end alike every time.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime can be built");
        // A seed alone is one whose fault is looked for: after which call?
        let audited_every = if count == 1 { 1 } else { 10 };
        let walk = walk::run(&schema, &methods, &mut tally, seed, audited_every);
        if let Err(error) = runtime.block_on(walk) {
            eprintln!("seed {seed}: {error}\n");
            wrong += 1;
            assert!(wrong < 10, "ten seeds of {first}..={seed} went wrong");
        }
    }
    assert_eq!(wrong, 0, "seeds went wrong");
    for (method, (all, done)) in &tally {
        println!("{method}: {done} of {all} did what they were asked");
    }
    if (first, count) == SEEDS {
        let is_done = |name: &str| tally.get(name).is_some_and(|(_, done)| *done > 0);
        let mut undone: Vec<_> = methods.names().filter(|name| !is_done(name)).collect();
        undone.sort_unstable();
        assert_eq!(undone, NEVER, "the methods that are never done");
    }
}
