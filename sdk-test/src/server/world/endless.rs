//! Time that is skipped again and again while what callers wait for does not come.

use std::collections::BTreeMap;

use tonic::Status;

use super::World;
use crate::server::time::Span;
use crate::server::timers::{RunTimer, Timer};

/// How often time is skipped without news for any caller before the callers are told that it is of no use: an
/// endless schedule, or a workflow that sleeps in a loop, must not keep them for ever.
const SKIPS_WITHOUT_NEWS: usize = 100_000;

/// Of how many of the last skips the report names the causes.
const REMEMBERED: usize = 1000;

/// The skips since a caller was last told something.
#[derive(Debug, Default)]
pub(crate) struct Skips {
    /// How many callers had been told then.
    told: usize,
    count: usize,
    causes: BTreeMap<String, usize>,
}

impl World {
    /// Notes a skip to the next target. Gives `false`, and ends all waits for histories and updates, if there have
    /// been too many; a caller who waits for a time is no reason to, since that comes.
    pub(super) fn may_skip_on(&mut self) -> bool {
        let told = self.waiters.told();
        if self.skips.told != told {
            self.skips = Skips {
                told,
                ..Skips::default()
            };
        }
        self.skips.count += 1;
        if self.skips.count <= SKIPS_WITHOUT_NEWS || !self.sleepers.is_empty() {
            self.remember_cause();
            return true;
        }
        let skips = std::mem::take(&mut self.skips);
        let report = report(&skips.causes, self.clock.skipped());
        tracing::warn!("{report}");
        self.give_up_waits(&Status::failed_precondition(report));
        false
    }

    /// Notes what the next target is, of the last skips before the waits end.
    fn remember_cause(&mut self) {
        let remembered = SKIPS_WITHOUT_NEWS - REMEMBERED + 1..=SKIPS_WITHOUT_NEWS;
        if remembered.contains(&self.skips.count)
            && let Some(cause) = self.next_cause()
        {
            *self.skips.causes.entry(cause).or_default() += 1;
        }
    }

    /// What the next target is, in words.
    fn next_cause(&self) -> Option<String> {
        let (_, timer) = self.timers.next_target()?;
        Some(match timer {
            Timer::Schedule(number) => {
                let schedule = self.schedules.get(*number)?;
                format!("schedule `{}`", schedule.schedule_id)
            }
            Timer::Run(index, timer) => {
                let run = self.run(*index)?;
                let what = match timer {
                    RunTimer::User(_) => "timers of workflow",
                    RunTimer::FirstWorkflowTask if !run.started().cron_schedule.is_empty() => {
                        "the cron schedule of workflow"
                    }
                    RunTimer::FirstWorkflowTask => "delayed runs of workflow",
                    RunTimer::ActivityRetry(_) => "retries of activities of workflow",
                    _ => "timeouts of workflow",
                };
                format!("{what} `{}`", run.workflow_id)
            }
            Timer::Sleep(_) => "a caller that sleeps".to_owned(),
            Timer::Alarm(_) => "a callback of the test".to_owned(),
        })
    }
}

fn report(causes: &BTreeMap<String, usize>, skipped: Span) -> String {
    let mut causes: Vec<(&String, &usize)> = causes.iter().collect();
    causes.sort_by_key(|(cause, count)| (std::cmp::Reverse(**count), *cause));
    let shown: Vec<String> = causes
        .iter()
        .take(5)
        .map(|(cause, count)| format!("{cause} ({count})"))
        .collect();
    format!(
        "time was skipped {SKIPS_WITHOUT_NEWS} times, by {} s in all, without news for any caller that waits. The last \
         {REMEMBERED} times were those of: {}. What is waited for does not come by time: end or pause what goes on for \
         ever, or wait for a time instead",
        skipped.std().as_secs(),
        shown.join(", ")
    )
}
