//! The tests.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use durably::replay::Replayer;
use durably_protos::temporal::api::history::v1::History;
use prost::Message;

use crate::corpus;
use crate::dice::Dice;
use crate::go_markers::go_markers;
use crate::mutate::mutate;
use crate::replays::{is_of_workflows, replay_in_every_way};

thread_local! {
    /// The panic that was no workflow's.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Notes the panics of this thread that are not the workflows'. The engine catches what happens while
/// workflow code runs, its own panics too.
fn note_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let file = info.location().map_or("", |place| place.file());
        if !is_of_workflows(file) {
            PANIC.set(Some(info.to_string()));
            before(info);
        }
    }));
}

/// What panicked, if anything did.
fn panic_in(replayer: &Replayer, history: &History) -> Option<String> {
    let caught = catch_unwind(AssertUnwindSafe(|| replay_in_every_way(replayer, history)));
    let noted = PANIC.take();
    noted.or_else(|| caught.err().map(|_| "a panic".to_owned()))
}

fn replayer() -> Replayer {
    let replayer = corpus::replayer().workflow(go_markers);
    replayer.expect("no other workflow has its name")
}

/// `MUTATED_HISTORIES=100000` in the environment is so many, and `MUTATED_FROM=7` begins at that seed.
fn number(name: &str, usually: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(usually, |text| text.parse().expect("a number"))
}

#[test]
fn mutated_histories_panic_nowhere() {
    note_panics();
    let (replayer, corpus) = (replayer(), corpus::histories());
    let first = number("MUTATED_FROM", 0);
    for seed in first..first + number("MUTATED_HISTORIES", 400) {
        let mut dice = Dice::new(seed);
        let (name, history) = dice.pick(&corpus);
        let (_, other) = dice.pick(&corpus);
        let mut history = history.clone();
        mutate(&mut history, other, &mut dice);
        if let Some(panic) = panic_in(&replayer, &history) {
            panic!("seed {seed}, of {name}: {panic}");
        }
    }
}

#[test]
fn finds_panic_nowhere_any_more() {
    note_panics();
    let replayer = replayer();
    let finds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/finds");
    for find in finds.read_dir().expect("the finds are there") {
        let path = find.expect("a readable folder").path();
        if path.extension().is_none_or(|extension| extension != "pb") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a readable file");
        let history = History::decode(&*bytes).expect("a binary history");
        let began = Instant::now();
        if let Some(panic) = panic_in(&replayer, &history) {
            panic!("{}: {panic}", path.display());
        }
        let took = began.elapsed();
        assert!(
            took < Duration::from_secs(10),
            "{}: {took:?}",
            path.display()
        );
    }
}
