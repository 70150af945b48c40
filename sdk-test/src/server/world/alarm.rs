//! Callbacks of the owner at times of the clock: unlike a caller that sleeps they do not make time be
//! skipped, and it stands still until they are done.

use tokio::sync::oneshot;

use super::World;
use crate::server::time::Time;
use crate::server::timers::Timer;

impl World {
    /// Tells when the clock has come to a time. Who is told then counts as something under way, until
    /// [`alarm_is_done`](Self::alarm_is_done).
    pub(crate) fn set_alarm(&mut self, at: Time) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.next_sleeper += 1;
        self.alarms.insert(self.next_sleeper, sender);
        self.timers.arm(at, Timer::Alarm(self.next_sleeper));
        receiver
    }

    pub(super) fn ring(&mut self, alarm: u64) {
        let Some(sender) = self.alarms.remove(&alarm) else {
            return;
        };
        self.ringing += 1;
        if sender.send(()).is_err() {
            self.ringing -= 1;
        }
    }

    pub(crate) fn alarm_is_done(&mut self) {
        self.ringing -= 1;
    }

    /// How many callbacks of the owner are at work.
    pub(crate) fn ringing(&self) -> usize {
        self.ringing
    }
}
