//! Figures of the embedded server, and the same of the servers beside it that are installed: the dev
//! server of the `temporal` command, and the Java SDK's `temporal-test-server`.
//!
//! `cargo run --release -p durably-load --bin embedded`
//!
//! With `--throughput COUNT` it runs so many workflows with one activity, 100 at a time, and nothing else:
//! to be looked at by a profiler.

mod here;
mod peer;
mod table;
mod workflows;

use tokio::runtime::{Builder, Runtime};

use workflows::{greeted, slept};

fn main() {
    let mut words = std::env::args().skip(1);
    let Some(option) = words.next() else {
        return all();
    };
    let count = words.next().and_then(|count| count.parse().ok());
    match (option.as_str(), count) {
        ("--throughput", Some(count)) => throughput(count),
        _ => {
            eprintln!("usage: embedded [--throughput COUNT]");
            std::process::exit(2);
        }
    }
}

fn throughput(count: u32) {
    let rate = two_threads().block_on(here::throughput(count, 100));
    table::figure("workflows with one activity, 100 at a time", rate, "/s");
}

fn two_threads() -> Runtime {
    let several = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    several.expect("a runtime can be made")
}

fn all() {
    let single = || Builder::new_current_thread().enable_all().build();
    let single = single().expect("a runtime can be made");
    println!("-- embedded (medians)");
    single.block_on(async {
        let starts = here::first_start().await;
        table::times("from nothing to the first started workflow", starts);
        table::bytes("memory of an idle instance", here::idle_memory().await);
        let warm = here::one_by_one(500, greeted).await;
        table::times("one workflow with one activity, warm", warm);
        let sleeps = here::one_by_one(300, async |client| slept(client, false).await).await;
        table::times("a workflow that sleeps for 30 days", sleeps);
    });
    let several = two_threads();
    let tests = several.block_on(here::tests(1000)).as_secs_f64();
    table::figure("1,000 workflow tests, 2 threads", tests, "s");
    let rate = several.block_on(here::throughput(10_000, 100));
    table::figure("workflows with one activity, 100 at a time", rate, "/s");
    for peer in [peer::DEV_SERVER, peer::JAVA_TEST_SERVER] {
        single.block_on(peer.measure());
    }
}
