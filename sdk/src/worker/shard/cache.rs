//! The runs a shard keeps in memory: bounded, the least recently used goes first.

use std::cell::RefCell;
use std::rc::Rc;

use lru::LruCache;
use tokio::sync::Mutex;

use super::local::CachedRun;

/// A run's place. Whoever holds the lock is the only one to step the run and to answer for it;
/// empty when nothing of the run is in memory.
pub(super) type RunSlot = Rc<Mutex<Option<CachedRun>>>;

pub(super) struct RunCache {
    runs: RefCell<LruCache<String, RunSlot>>,
    capacity: usize,
}

impl RunCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            runs: RefCell::new(LruCache::unbounded()),
            capacity,
        }
    }

    /// The place of a run, made if there is none. A full cache gives up the run that was idle
    /// longest; runs in progress stay, so for a moment it may hold as many more as there are
    /// workflow task slots.
    pub(super) fn claim(&self, run_id: &str) -> RunSlot {
        let mut runs = self.runs.borrow_mut();
        if let Some(slot) = runs.get(run_id) {
            return slot.clone();
        }
        let slot = RunSlot::default();
        runs.push(run_id.to_owned(), slot.clone());
        drop(runs);
        self.shrink();
        slot
    }

    /// Forgets a run, unless another task waits for its place already.
    pub(super) fn release(&self, run_id: &str, slot: &RunSlot) {
        // The cache and the caller hold one reference each.
        if Rc::strong_count(slot) <= 2 {
            self.runs.borrow_mut().pop(run_id);
        }
        self.shrink();
    }

    fn shrink(&self) {
        let mut in_use = Vec::new();
        loop {
            // A run is dropped outside of the borrow: its destructors are the user's.
            let oldest = {
                let mut runs = self.runs.borrow_mut();
                if runs.len() + in_use.len() <= self.capacity || runs.is_empty() {
                    break;
                }
                runs.pop_lru()
            };
            match oldest {
                Some((_, slot)) if Rc::strong_count(&slot) == 1 => drop(slot),
                Some(entry) => in_use.push(entry),
                None => break,
            }
        }
        let mut runs = self.runs.borrow_mut();
        for (run_id, slot) in in_use.into_iter().rev() {
            runs.push(run_id.clone(), slot);
            runs.demote(&run_id);
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.runs.borrow().len()
    }

    pub(super) fn clear(&self) {
        let runs = std::mem::replace(&mut *self.runs.borrow_mut(), LruCache::unbounded());
        drop(runs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_that_was_idle_longest_goes_first() {
        let cache = RunCache::new(2);
        for run_id in ["a", "b", "a", "c"] {
            cache.claim(run_id);
        }
        let kept: Vec<_> = cache
            .runs
            .borrow()
            .iter()
            .map(|(run_id, _)| run_id.clone())
            .collect();
        assert_eq!(kept, ["c", "a"]);
    }

    #[test]
    fn runs_in_progress_stay() {
        let cache = RunCache::new(1);
        let a = cache.claim("a");
        let b = cache.claim("b");
        assert_eq!(cache.len(), 2);
        drop(a);
        cache.claim("c");
        assert!(cache.runs.borrow().contains("b"));
        assert!(!cache.runs.borrow().contains("a"));
        cache.release("b", &b);
        assert!(!cache.runs.borrow().contains("b"));
    }
}
