//! A binary history, replayed by workflows that use every feature, and reported. Histories come from
//! others, event by event and field by field.

#![no_main]

#[path = "../../sdk-replay/tests/python_corpus/activities.rs"]
mod activities;
#[path = "../../sdk-replay/tests/python_corpus/calls.rs"]
mod calls;
#[path = "../../sdk-replay/tests/python_corpus/canceled.rs"]
mod canceled;
#[path = "../../sdk-replay/tests/python_corpus/children.rs"]
mod children;
#[path = "../../sdk-replay/tests/python_corpus/corpus.rs"]
#[allow(dead_code, reason = "each program uses a part")]
mod corpus;
#[path = "../../sdk-replay/tests/mutated_histories/dice.rs"]
mod dice;
#[path = "../../sdk-replay/tests/python_corpus/ends.rs"]
mod ends;
#[path = "../../sdk-replay/tests/python_corpus/external.rs"]
mod external;
#[path = "../../sdk-replay/tests/mutated_histories/fields.rs"]
mod fields;
#[path = "../../sdk-replay/tests/go_markers/workflow.rs"]
mod go_markers;
#[path = "../../sdk-replay/tests/python_corpus/local.rs"]
mod local;
#[path = "../../sdk-replay/tests/mutated_histories/mutate.rs"]
mod mutate;
#[path = "../../sdk-replay/tests/python_corpus/nexus.rs"]
mod nexus;
#[path = "../../sdk-replay/tests/python_corpus/patches.rs"]
mod patches;
#[path = "../../sdk-replay/tests/mutated_histories/replays.rs"]
mod replays;
#[path = "../../sdk-replay/tests/python_corpus/signals.rs"]
#[allow(dead_code, reason = "each program uses a part")]
mod signals;
#[path = "../../sdk-replay/tests/python_corpus/tasks.rs"]
mod tasks;
#[path = "../../sdk-replay/tests/python_corpus/timers.rs"]
mod timers;
#[path = "../../sdk-replay/tests/python_corpus/updates.rs"]
mod updates;

use durably::replay::Replayer;
use durably_protos::temporal::api::history::v1::History;
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target, fuzzer_mutate};
use prost::Message;

thread_local! {
    static REPLAYER: Replayer = corpus::replayer()
        .workflow(go_markers::go_markers)
        .expect("no other workflow has its name");
}

fuzz_target!(
    init: {
        // The workflows may panic; the engine catches that. All other panics end the program.
        std::panic::set_hook(Box::new(|info| {
            let file = info.location().map_or("", |place| place.file());
            if !replays::is_of_workflows(file) {
                eprintln!("{info}\n{}", std::backtrace::Backtrace::force_capture());
                std::process::abort();
            }
        }));
    },
    |bytes: &[u8]| {
        if let Some(history) = read(bytes) {
            REPLAYER.with(|replayer| replays::replay_in_every_way(replayer, &history));
        }
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut dice = dice::Dice::new(seed.into());
    let Some(mut history) = read(&data[..size]) else {
        return fuzzer_mutate(data, size, max_size);
    };
    if dice.one_in(20) {
        return fuzzer_mutate(data, size, max_size);
    }
    let other = history.clone();
    mutate::mutate(&mut history, &other, &mut dice);
    put(&history, &mut data[..max_size], size)
});

fuzz_crossover!(|first: &[u8], second: &[u8], out: &mut [u8], seed: u32| {
    let (Some(mut history), Some(other)) = (read(first), read(second)) else {
        return 0;
    };
    mutate::mutate(&mut history, &other, &mut dice::Dice::new(seed.into()));
    put(&history, out, 0)
});

/// A binary history; the seeds are in other forms.
fn read(bytes: &[u8]) -> Option<History> {
    match bytes {
        [b'{' | 0x1f, ..] => Some(durably_history::read_bytes(bytes).ok()?.history),
        _ => History::decode(bytes).ok(),
    }
}

/// Writes a history if there is room for it; gives the length of what is there then.
fn put(history: &History, out: &mut [u8], before: usize) -> usize {
    let bytes = history.encode_to_vec();
    match out.get_mut(..bytes.len()) {
        Some(room) => {
            room.copy_from_slice(&bytes);
            bytes.len()
        }
        None => before,
    }
}
