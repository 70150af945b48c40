//! Replaying several histories at a time: they have nothing to do with each other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::source::Source;
use crate::summary::{ReplaySummary, ReplayedHistory};

/// As much as the main thread of a program has: workflow code may call deep.
const STACK_BYTES: usize = 8 << 20;

/// Replays sources on `threads` threads. A thread takes the next source when it is done with one,
/// so no more histories than threads are in memory. `replay` hands entries over as it makes them,
/// and goes on while it is told to.
pub(crate) fn replay_all(
    sources: impl Iterator<Item = Source> + Send,
    threads: usize,
    fail_fast: bool,
    replay: impl Fn(Source, &mut dyn FnMut(ReplayedHistory) -> bool) + Sync,
) -> ReplaySummary {
    let sources = Mutex::new(sources.enumerate());
    let entries = Mutex::new(Vec::new());
    let stop = AtomicBool::new(false);
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            // A panic of the iterator leaves it as it is, and ends this replay when joined.
            let next = lock(&sources).next();
            let Some((index, source)) = next else {
                return;
            };
            replay(source, &mut |entry| {
                if fail_fast && entry.problem().is_some() {
                    stop.store(true, Ordering::Relaxed);
                }
                lock(&entries).push((index, entry));
                !stop.load(Ordering::Relaxed)
            });
        }
    };
    if threads <= 1 {
        work();
    } else {
        thread::scope(|scope| {
            // This thread is one of them.
            for _ in 1..threads {
                let builder = thread::Builder::new().stack_size(STACK_BYTES);
                let started = builder.spawn_scoped(scope, work);
                if started.is_err() {
                    // The threads that there are do the work; without any, this one does.
                    break;
                }
            }
            work();
        });
    }
    let mut entries = entries.into_inner().unwrap_or_else(PoisonError::into_inner);
    entries.sort_by_key(|(index, entry)| (*index, entry.place.number));
    ReplaySummary {
        histories: entries.into_iter().map(|(_, entry)| entry).collect(),
        ended_early: stop.into_inner(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
