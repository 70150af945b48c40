//! Prints how fast the engine replays, and what it allocates meanwhile.
//!
//! ```text
//! cargo run --release -p durably-engine --example replay_figures -- [HISTORY.pb ...]
//! ```
//!
//! Without arguments it measures generated histories. A file is a binary
//! `temporal.api.history.v1.History` of one of the load workflows. Figures are events per second of
//! processor time, on one thread; decoding and replaying are measured apart. Replaying takes the
//! decoded events, so the time to free them is its own.

#[path = "../benches/load/mod.rs"]
mod load;

use std::alloc::{GlobalAlloc, Layout, System};
use std::error::Error;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use durably_engine::{Completion, Run, WorkflowTask};
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use prost::Message;
use prost::bytes::Bytes;

use load::workflows::LoadWorkflow;
use load::{histories, pages, replay};

/// Counts what is allocated, and what of it is in use.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "only a global allocator sees every allocation")]
// SAFETY: each call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        IN_USE.fetch_add(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Processor time of this thread so far, in seconds.
fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: u64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds as f64 / 1e9)
}

/// What one history costs, on average over many times.
struct Figures {
    events: usize,
    decoded_per_second: f64,
    replayed_per_second: f64,
    allocations_per_event: f64,
}

fn measure(history: &History) -> Result<Figures, Box<dyn Error>> {
    let bytes = Bytes::from(history.encode_to_vec());
    let (mut decoding, mut replaying, mut allocations, mut times) = (0.0, 0.0, 0, 0);
    while replaying < 1.0 {
        let begin = processor_seconds()?;
        let events = History::decode(bytes.clone())?.events;
        let decoded = processor_seconds()?;
        let pages = pages(events);
        let (before, begin_replay) = (ALLOCATIONS.load(Relaxed), processor_seconds()?);
        drop(replay(pages)?);
        replaying += processor_seconds()? - begin_replay;
        allocations += ALLOCATIONS.load(Relaxed) - before;
        decoding += decoded - begin;
        times += 1;
    }
    let events = history.events.len() * times;
    Ok(Figures {
        events: history.events.len(),
        decoded_per_second: events as f64 / decoding,
        replayed_per_second: events as f64 / replaying,
        allocations_per_event: allocations as f64 / events as f64,
    })
}

fn report(name: &str, figures: &Figures) {
    println!(
        "{name:<28} {:>6} events  decoded {:>9.0}/s  replayed {:>9.0}/s  {:.2} allocations/event",
        figures.events,
        figures.decoded_per_second,
        figures.replayed_per_second,
        figures.allocations_per_event
    );
}

/// The heap that a run holds while it waits for its next task.
fn idle_bytes(kind: LoadWorkflow) -> usize {
    let events = |length| -> Vec<HistoryEvent> {
        let mut events = histories::generate(kind, length);
        events.truncate(3);
        events
    };
    let task = WorkflowTask {
        started_event_id: 3,
        ..WorkflowTask::default()
    };
    // The first run brings what is allocated once.
    drop(Run::new(Rc::new(kind), "default", "workflow", "run"));
    let events = events(20);
    let before = IN_USE.load(Relaxed) - bytes_of(&events);
    let mut run = Run::new(Rc::new(kind), "default", "order-4711-2026", RUN_ID);
    run.begin(task);
    run.push_last_events(events);
    let completion = run.finish();
    assert!(
        matches!(completion, Completion::Completed(_)),
        "{completion:?}"
    );
    drop(completion);
    IN_USE.load(Relaxed) - before + size_of::<Run>()
}

const RUN_ID: &str = "01a203cb-949c-7537-ab1d-7aff03e9bc11";

/// The heap that events hold.
fn bytes_of(events: &Vec<HistoryEvent>) -> usize {
    let before = IN_USE.load(Relaxed);
    let copy = events.clone();
    let bytes = IN_USE.load(Relaxed) - before;
    drop(copy);
    bytes + (events.capacity() - events.len()) * size_of::<HistoryEvent>()
}

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    for path in &files {
        let history = History::decode(Bytes::from(std::fs::read(path)?))?;
        report(path.rsplit('/').next().unwrap_or(path), &measure(&history)?);
    }
    if files.is_empty() {
        for kind in LoadWorkflow::ALL {
            for length in [1_000, 6_000, 10_000, 30_000, 50_000] {
                let events = histories::generate(kind, length);
                let figures = measure(&History { events })?;
                report(&format!("{} {length}", kind.name()), &figures);
            }
        }
        for (kind, waits) in [
            (LoadWorkflow::Signals, "a condition"),
            (LoadWorkflow::Timers, "timers (2)"),
            (LoadWorkflow::Sequence, "an activity"),
        ] {
            println!("a run that waits for {waits}: {} bytes", idle_bytes(kind));
        }
    }
    Ok(())
}
