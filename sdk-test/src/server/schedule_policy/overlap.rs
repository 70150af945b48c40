//! The decision on buffered starts.

use durably_protos::temporal::api::enums::v1::ScheduleOverlapPolicy;

use super::action::BufferedStart;

/// What becomes of a buffer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    /// Those of `ALLOW_ALL`.
    pub(super) overlapping: Vec<BufferedStart>,
    /// The one that starts because nothing else runs.
    pub(super) single: Option<BufferedStart>,
    /// Those that wait until the running workflow closes.
    pub(super) kept: Vec<BufferedStart>,
    /// How many were skipped.
    pub(super) skipped: i64,
    /// The running workflows are in the way of a kept start.
    pub(super) cancel: bool,
    /// Likewise, and stronger.
    pub(super) terminate: bool,
}

/// Decides in the order of the buffer. `policy` is that of the schedule, for starts that have none of their own.
///
/// If nothing runs, the first start that is not `ALLOW_ALL` starts whatever its policy. The others then overlap with
/// it: `CANCEL_OTHER` and `TERMINATE_OTHER` replace it, since it has not started yet.
pub(super) fn decide(
    buffer: Vec<BufferedStart>,
    running: bool,
    policy: ScheduleOverlapPolicy,
) -> Outcome {
    let mut outcome = Outcome::default();
    for start in buffer {
        let policy = match start.overlap_policy {
            ScheduleOverlapPolicy::Unspecified => policy,
            own => own,
        };
        if policy == ScheduleOverlapPolicy::AllowAll {
            outcome.overlapping.push(start);
        } else if !running && outcome.single.is_none() {
            outcome.single = Some(start);
        } else {
            outcome.overlap(start, policy, running);
        }
    }
    if outcome.cancel || outcome.terminate {
        // They would be canceled at once; what they were to run beside is in the way.
        outcome.overlapping.clear();
    }
    outcome
}

impl Outcome {
    fn overlap(&mut self, start: BufferedStart, policy: ScheduleOverlapPolicy, running: bool) {
        match policy {
            ScheduleOverlapPolicy::BufferOne if self.kept.is_empty() => self.kept.push(start),
            ScheduleOverlapPolicy::BufferAll => self.kept.push(start),
            ScheduleOverlapPolicy::CancelOther | ScheduleOverlapPolicy::TerminateOther
                if running =>
            {
                self.cancel |= policy == ScheduleOverlapPolicy::CancelOther;
                self.terminate |= policy == ScheduleOverlapPolicy::TerminateOther;
                self.kept.push(start);
            }
            ScheduleOverlapPolicy::CancelOther | ScheduleOverlapPolicy::TerminateOther => {
                self.single = Some(start);
            }
            _ => self.skipped += 1,
        }
    }
}
