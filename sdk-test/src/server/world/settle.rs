//! What follows a change: effects, what is due, and time that is skipped.

use durably_protos::temporal::api::enums::v1::TimeoutType;

use super::{RunIndex, World};
use crate::server::clock::ClockMode;
use crate::server::run::Run;
use crate::server::time::Time;
use crate::server::timers::{RunTimer, Timer};

impl World {
    /// Begins a call: what has become due meanwhile happens first.
    pub(crate) fn enter(&mut self) {
        self.now = self.now.max(self.clock.now());
        self.fire_due();
        self.carry_out_effects();
    }

    /// Ends a call: does what it made necessary, and skips time if nothing is left to wait for.
    pub(crate) fn settle(&mut self) {
        self.carry_out_effects();
        while self.may_skip() {
            let Some(target) = self.timers.target() else {
                return;
            };
            if !self.may_skip_on() {
                return;
            }
            self.skip_to(target);
        }
    }

    /// Moves the clock on, and does what is due then.
    pub(crate) fn skip_to(&mut self, to: Time) {
        self.clock.skip(self.now, to);
        self.now = self.now.max(to);
        self.fire_due();
        self.carry_out_effects();
    }

    /// Does what changes so far made necessary, without ending the call.
    pub(crate) fn finish(&mut self) {
        self.carry_out_effects();
    }

    /// Whether nothing is under way and somebody waits.
    fn may_skip(&self) -> bool {
        self.clock.mode == ClockMode::AutoSkip
            && self.locks <= 0
            && self.in_flight() == 0
            && (self.skips_unasked || self.waiters.get() > 0)
    }

    fn carry_out_effects(&mut self) {
        while let Some(effect) = self.effects.pop_front() {
            self.carry_out(effect);
        }
    }

    /// Everything that is due at one time happens at once: the timers of one run in one batch.
    pub(super) fn fire_due(&mut self) {
        let mut due = self.timers.due(self.now);
        while !due.is_empty() {
            let mut of_runs: Vec<(RunIndex, Vec<RunTimer>)> = Vec::new();
            let mut schedules = Vec::new();
            for timer in due {
                match timer {
                    Timer::Run(run, timer) => match of_runs.iter_mut().find(|(r, _)| *r == run) {
                        Some((_, timers)) => timers.push(timer),
                        None => of_runs.push((run, vec![timer])),
                    },
                    Timer::Sleep(sleeper) => self.wake_sleeper(sleeper),
                    Timer::Schedule(number) => schedules.push(number),
                    Timer::Alarm(alarm) => self.ring(alarm),
                }
            }
            for (index, timers) in of_runs {
                self.change(index, |run, tx| {
                    for timer in timers {
                        run.is_due(tx, timer);
                    }
                });
                self.carry_out_effects();
            }
            for number in schedules {
                self.schedule_is_due(number);
                self.carry_out_effects();
            }
            due = self.timers.due(self.now);
        }
    }
}

impl Run {
    fn is_due(&mut self, tx: &mut super::Tx<'_>, timer: RunTimer) {
        if !self.is_open() {
            return;
        }
        match timer {
            RunTimer::User(timer_id) => self.fire_timer(tx, timer_id),
            RunTimer::FirstWorkflowTask => self.first_task_is_due(tx),
            RunTimer::WorkflowTaskStartToClose => self.workflow_task_timed_out(tx),
            RunTimer::WorkflowTaskScheduleToStart => self.sticky_timed_out(tx),
            RunTimer::ActivityScheduleToStart(id) => self.activity_schedule_to_start(tx, id),
            RunTimer::ActivityScheduleToClose(id) => self.activity_schedule_to_close(tx, id),
            RunTimer::ActivityStartToClose(id) => self.activity_start_to_close(tx, id),
            RunTimer::ActivityHeartbeat(id) => self.activity_heartbeat_is_due(tx, id),
            RunTimer::ActivityRetry(id) => self.activity_retry_is_due(tx, id),
            RunTimer::FastForward => self.fast_forward_is_due(tx),
            RunTimer::RunTimeout => self.run_timed_out(tx),
            RunTimer::ExecutionTimeout => self.execution_timed_out(tx),
            RunTimer::NexusScheduleToClose(id) => {
                self.operation_timed_out(tx, id, TimeoutType::ScheduleToClose);
            }
            RunTimer::NexusScheduleToStart(id) => {
                self.operation_timed_out(tx, id, TimeoutType::ScheduleToStart);
            }
            RunTimer::NexusStartToClose(id) => {
                self.operation_timed_out(tx, id, TimeoutType::StartToClose);
            }
            RunTimer::NexusRequest(id) => self.nexus_request_timed_out(tx, id),
            RunTimer::NexusRetry(id) => self.nexus_retry_is_due(tx, id),
        }
    }
}
