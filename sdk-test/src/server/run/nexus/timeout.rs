//! The three timeouts of operations.

use durably_protos::temporal::api::enums::v1::TimeoutType;

use super::OperationEnd;
use crate::server::run::Run;
use crate::server::time::Span;
use crate::server::timers::RunTimer;
use crate::server::world::Tx;

impl Run {
    /// Arms the timeouts of an operation, counted from when it was scheduled and started.
    pub(super) fn arm_operation(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let Some(operation) = self.operations.get_mut(&scheduled_id) else {
            return;
        };
        operation.disarm(tx);
        let index = self.index;
        let arm = |tx: &mut Tx<'_>, since, timeout: Span, timer| {
            (!timeout.is_zero()).then(|| {
                let since: crate::server::time::Time = since;
                tx.arm(index, since.after(timeout), timer)
            })
        };
        let since = operation.scheduled_time;
        let timer = RunTimer::NexusScheduleToClose(scheduled_id);
        operation.close_timer = arm(tx, since, operation.schedule_to_close, timer);
        if let Some(started) = operation.started_time {
            let timer = RunTimer::NexusStartToClose(scheduled_id);
            operation.run_timer = arm(tx, started, operation.start_to_close, timer);
        } else {
            let timer = RunTimer::NexusScheduleToStart(scheduled_id);
            operation.start_timer = arm(tx, since, operation.schedule_to_start, timer);
        }
    }

    /// A timeout is over.
    pub(crate) fn operation_timed_out(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        timeout: TimeoutType,
    ) {
        let Some(operation) = self.operations.get(&scheduled_id) else {
            return;
        };
        if timeout == TimeoutType::ScheduleToStart && operation.is_started() {
            return;
        }
        self.end_operation(tx, scheduled_id, OperationEnd::TimedOut(timeout));
    }

    /// The run has closed: nothing of its operations is due any more. They stay to be described.
    pub(crate) fn drop_nexus_timers(&mut self, tx: &mut Tx<'_>) {
        for operation in self.operations.values_mut() {
            operation.disarm(tx);
            operation.disarm_attempts(tx);
        }
    }
}

impl super::PendingOperation {
    fn disarm(&mut self, tx: &mut Tx<'_>) {
        tx.timers.clear(&mut self.close_timer);
        tx.timers.clear(&mut self.start_timer);
        tx.timers.clear(&mut self.run_timer);
    }

    fn disarm_attempts(&mut self, tx: &mut Tx<'_>) {
        tx.timers.clear(&mut self.start.timer);
        if let Some(asked) = &mut self.cancellation {
            tx.timers.clear(&mut asked.attempts.timer);
        }
    }

    /// Nothing is due in it any more.
    pub(super) fn disarm_all(&mut self, tx: &mut Tx<'_>) {
        self.disarm(tx);
        self.disarm_attempts(tx);
    }
}
