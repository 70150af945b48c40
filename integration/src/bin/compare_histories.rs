//! Compares the histories that the suite left on two servers, event by event.
//!
//! `DURABLY_RECORD=real TEMPORAL_ADDRESS=... cargo test -p durably-integration`, then the same without
//! `TEMPORAL_ADDRESS` into another folder, then `compare_histories real embedded`. Ids, times, identities
//! and sizes are left out. Histories are equal, or the same but for the order in which things came from
//! outside, or different. It fails if more differ that are not known to than `--tolerate` says: a race
//! that shows in a result can happen in any test.

use std::path::PathBuf;
use std::process::ExitCode;

use durably_integration::comparison::{Histories, Likeness, Pair, expected_difference, pair, read};

/// How many events of a difference are shown for each server.
const SHOWN: usize = 6;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let read_arguments = match arguments.as_slice() {
        [first, second] => Some((0, [first, second])),
        [option, number, first, second] if option == "--tolerate" => number
            .to_str()
            .and_then(|number| number.parse().ok())
            .map(|number| (number, [first, second])),
        _ => None,
    };
    let Some((tolerated, folders)) = read_arguments else {
        eprintln!("usage: compare_histories [--tolerate <number>] <folder> <folder>");
        return ExitCode::from(2);
    };
    let [first, second] = folders.map(PathBuf::from);
    match (read(&first), read(&second)) {
        (Ok(first), Ok(second)) => compare(&first, &second, tolerated),
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Counts {
    equal: usize,
    in_another_order: usize,
    known: usize,
    different: usize,
    lonely: usize,
}

fn compare(first: &Histories, second: &Histories, tolerated: usize) -> ExitCode {
    let mut counts = Counts::default();
    let names = first.keys().chain(second.keys());
    let names: std::collections::BTreeSet<_> = names.collect();
    for name in names {
        let of = |histories: &Histories| histories.get(name).cloned().unwrap_or_default();
        let (ones, others) = (of(first), of(second));
        let known = expected_difference(name);
        if ones.len() != others.len() {
            let lonely = ones.len().abs_diff(others.len());
            match known {
                Some(_) => counts.known += lonely,
                None => {
                    counts.lonely += lonely;
                    println!("{name}: {} histories and {}", ones.len(), others.len());
                }
            }
        }
        for pair in pair(&ones, &others) {
            match pair.likeness {
                Likeness::Equal => counts.equal += 1,
                Likeness::AnotherOrder => counts.in_another_order += 1,
                Likeness::Different if known.is_some() => counts.known += 1,
                Likeness::Different => {
                    counts.different += 1;
                    show(name, &pair);
                }
            }
        }
    }
    let Counts {
        equal,
        in_another_order,
        known,
        different,
        lonely,
    } = counts;
    println!(
        "{equal} histories are equal event by event, {in_another_order} in all but the order in which \
         things came, {known} differ as they may, {different} differ, {lonely} are on one server only"
    );
    if different + lonely <= tolerated {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn show(name: &str, pair: &Pair<'_>) {
    println!("{name}:");
    let (first, second) = pair.differences();
    for (mark, strands) in [('1', first), ('2', second)] {
        let events: Vec<_> = strands.into_iter().flatten().collect();
        for event in events.iter().take(SHOWN) {
            println!("  {mark} {event}");
        }
        if let Some(more) = events.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            println!("  {mark} and {more} more");
        }
    }
}
