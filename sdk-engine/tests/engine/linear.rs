//! The cost of a history grows with its length, and not faster.

use crate::load::workflows::LoadWorkflow;
use crate::load::{histories, pages, replay};

/// Processor time of this thread so far, in seconds.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("this is Linux");
    let nanoseconds = text.split(' ').next().expect("there is a first number");
    nanoseconds.parse::<f64>().expect("it is a number") / 1e9
}

fn seconds(kind: LoadWorkflow, events: u64) -> (usize, f64) {
    let history = histories::generate(kind, events);
    let length = history.len();
    let pages = pages(history);
    let begin = processor_seconds();
    replay(pages).expect("the history fits the workflow");
    (length, processor_seconds() - begin)
}

#[test]
#[cfg(target_os = "linux")]
fn a_history_eight_times_as_long_costs_about_eight_times_as_much() {
    for kind in LoadWorkflow::ALL {
        // The best of some: what else the machine does only adds to it.
        let best = |events| {
            let times = (0..2).map(|_| seconds(kind, events));
            times
                .min_by(|(_, one), (_, other)| one.total_cmp(other))
                .expect("there are two")
        };
        let ((short, fast), (long, slow)) = (best(2_000), best(16_000));
        let (of_short, of_long) = (short as f64 / fast, long as f64 / slow);
        println!(
            "{:<10} {short:>6} events {of_short:>9.0}/s  {long:>6} events {of_long:>9.0}/s",
            kind.name()
        );
        // Something that grows with the square would make each event eight times as dear.
        assert!(
            of_long > of_short / 4.0,
            "{}: {of_short} events/s, then {of_long}",
            kind.name()
        );
    }
}
