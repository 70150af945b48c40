//! What the owner of a server sees of it, and hears from it.

use std::time::Duration;

use durably_protos::temporal::api::history::v1::{History, HistoryEvent};

use super::test_server::TestServer;
use super::time::{Span, Time};
use super::world::World;

/// A run and what happened in it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRun {
    /// The namespace.
    pub namespace: String,
    /// The workflow's id.
    pub workflow_id: String,
    /// The run's id.
    pub run_id: String,
    /// The workflow's type.
    pub workflow_type: String,
    /// Whether the run goes on.
    pub is_open: bool,
    /// What happened.
    pub history: History,
}

/// A callback of the owner that is at work.
#[derive(Debug)]
pub(crate) struct Alarm(TestServer);

impl Drop for Alarm {
    fn drop(&mut self) {
        self.0.shared.with(World::alarm_is_done);
    }
}

impl RecordedRun {
    /// How much time lies between its first and its last event, on the server's clock.
    #[must_use]
    pub fn lasted(&self) -> Duration {
        let events = &self.history.events;
        let time = |event: Option<&HistoryEvent>| event?.event_time;
        let ends = time(events.first()).zip(time(events.last()));
        ends.map_or(Duration::ZERO, |(first, last)| {
            Time::from_timestamp(&last)
                .since(Time::from_timestamp(&first))
                .std()
        })
    }
}

impl TestServer {
    /// The histories of all runs, from the oldest to the newest.
    #[must_use]
    pub fn histories(&self) -> Vec<RecordedRun> {
        self.shared.with(|world| {
            let runs = world.runs().map(|run| RecordedRun {
                namespace: run.namespace.name.clone(),
                workflow_id: run.workflow_id.to_string(),
                run_id: run.run_id.to_string(),
                workflow_type: run.workflow_type().to_owned(),
                is_open: run.is_open(),
                history: History {
                    events: run.history.events().to_vec(),
                },
            });
            runs.collect()
        })
    }

    /// Why nobody should wait any longer, if that is so: see [`fail_fast`](crate::server::TestServerBuilder::fail_fast).
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let watch = self.shared.with(|world| world.breakdown.watch());
        watch.borrow().clone()
    }

    /// Ends all waiting, now and later, with this reason.
    pub(crate) fn break_down(&self, reason: String) {
        self.shared.with(|world| world.breakdown.tell(reason));
    }

    /// Ready, with the reason, once waiting has no sense any more.
    pub(crate) async fn broken(&self) -> String {
        let mut watch = self.shared.with(|world| world.breakdown.watch());
        let told = watch.wait_for(Option::is_some).await;
        told.ok()
            .and_then(|told| told.clone())
            .unwrap_or_else(|| "the server is gone".to_owned())
    }

    /// Whether somebody waits, and something that changes whenever something happens.
    pub(crate) fn progress(&self) -> (bool, (i64, i64)) {
        self.shared
            .with(|world| (world.waiters.get() > 0, world.progress()))
    }

    /// How many callers wait, and how much is under way besides the owner's callbacks.
    pub(crate) fn activity(&self) -> (usize, usize) {
        self.shared
            .with(|world| (world.waiters.get(), world.in_flight() - world.ringing()))
    }

    /// Moves the clock on to the first time at which a task that a worker has, or should take, is given
    /// up; nothing happens if no such time is set.
    pub(crate) fn give_up_a_task(&self) {
        self.shared.with(|world| {
            if let Some(time) = world.timers.first_of_tasks() {
                world.skip_to(time);
            }
        });
    }

    /// Ready when the clock has come to `duration` from now, without making it be skipped to. It stands
    /// still then until the [`Alarm`] is dropped.
    pub(crate) fn alarm(&self, duration: Duration) -> impl Future<Output = Option<Alarm>> + use<> {
        let server = self.clone();
        let ringing = self.shared.with(|world| {
            let at = world.now.after(Span::from_std(duration));
            world.set_alarm(at)
        });
        async move {
            ringing.await.ok()?;
            Some(Alarm(server))
        }
    }
}
