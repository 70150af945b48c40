//! A world behind its lock, and the task that lets real time pass in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use super::clock::ClockMode;
use super::time::Time;
use super::world::World;

/// A server's state, shared by all calls.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    /// When the first thing is due has changed.
    rescheduled: Notify,
}

impl Shared {
    pub(crate) fn new(world: World) -> Arc<Self> {
        Arc::new(Self {
            world: Mutex::new(world),
            rescheduled: Notify::new(),
        })
    }

    /// Makes a call: what is due happens before it, what it made necessary after it.
    pub(crate) fn with<R>(&self, call: impl FnOnce(&mut World) -> R) -> R {
        let mut world = self.lock();
        let before = world.timers.first();
        world.enter();
        let result = call(&mut world);
        world.settle();
        let is_earlier = match (world.timers.first(), before) {
            (Some(after), Some(before)) => after < before,
            (after, None) => after.is_some(),
            (None, Some(_)) => false,
        };
        drop(world);
        if is_earlier {
            self.rescheduled.notify_one();
        }
        result
    }

    /// A call that panicked has told of it; what it left behind is as good as it gets.
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long until the first thing is due by itself; `None` while nothing is.
    fn wait(&self) -> Option<Duration> {
        let world = self.lock();
        if world.clock.mode == ClockMode::Manual {
            return None;
        }
        let first: Time = world.timers.first()?;
        Some(first.since(world.clock.now()).std())
    }

    /// Lets real time pass: does what is due, until the server is gone.
    pub(crate) async fn run_clock(this: Weak<Self>) {
        while let Some(shared) = this.upgrade() {
            let wait = shared.wait();
            let rescheduled = shared.rescheduled.notified();
            match wait {
                Some(wait) if wait.is_zero() => shared.with(|_| ()),
                Some(wait) => {
                    // The server must not be kept alive by its own clock for long.
                    let wait = wait.min(LONGEST_NAP);
                    let _elapsed = tokio::time::timeout(wait, rescheduled).await;
                }
                None => {
                    let _elapsed = tokio::time::timeout(LONGEST_NAP, rescheduled).await;
                }
            }
        }
    }
}

/// How long the clock's task may hold on to a server that nobody uses any more.
const LONGEST_NAP: Duration = Duration::from_millis(500);
