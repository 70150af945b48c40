//! Callers that wait for a time.

use super::World;
use crate::server::time::Time;
use crate::server::timers::Timer;
use crate::server::waiters::Waiting;

impl World {
    /// Waits until the clock has come to a time.
    pub(crate) fn sleep_until(&mut self, until: Time) -> Waiting<()> {
        let (waiter, waiting) = self.waiters.pair();
        if until <= self.now {
            waiter.tell(());
            return waiting;
        }
        self.sleepers.retain(|_, waiter| !waiter.is_gone());
        self.next_sleeper += 1;
        self.sleepers.insert(self.next_sleeper, waiter);
        self.timers.arm(until, Timer::Sleep(self.next_sleeper));
        waiting
    }

    pub(super) fn wake_sleeper(&mut self, sleeper: u64) {
        if let Some(waiter) = self.sleepers.remove(&sleeper) {
            waiter.tell(());
        }
    }
}
