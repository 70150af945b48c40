//! Updates: requests that the workflow accepts or rejects, and answers.
//!
//! | stage | what it has | left by |
//! |---|---|---|
//! | admitted | nothing in the history (or an event of its own, after a reset) | acceptance, rejection, the end of the run |
//! | accepted | an accepted event | the response, the end of the run |
//! | completed | a completed event with the outcome | |
//!
//! A rejected update leaves nothing: its id can be used again.

use std::collections::BTreeMap;

use durably_protos::temporal::api::enums::v1::UpdateWorkflowExecutionLifecycleStage as Stage;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};
use durably_protos::temporal::api::update::v1::{Outcome, Request, outcome};

use super::Run;
use crate::server::refusal::{Answer, closing, not_found};
use crate::server::waiters::Waiter;
use crate::server::world::Tx;

/// How far an update has come, and what its caller is told.
#[derive(Debug, Clone)]
pub(crate) struct UpdateStage {
    pub(crate) stage: Stage,
    pub(crate) outcome: Option<Outcome>,
}

/// An update.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) request: Request,
    pub(crate) reached: UpdateStage,
    /// The workflow task that a worker has brings it along.
    pub(crate) is_sent: bool,
    /// It came with an event, which tells the worker of it: no message does.
    pub(crate) by_event: bool,
    pub(crate) accepted_id: i64,
    order: u64,
    waiters: Vec<(Stage, Waiter<Answer<UpdateStage>>)>,
}

/// The updates of a run.
#[derive(Debug, Default)]
pub(crate) struct Updates {
    by_id: BTreeMap<String, Update>,
    total: usize,
    order: u64,
    open: usize,
    undecided: usize,
}

impl Updates {
    pub(crate) fn get(&self, id: &str) -> Option<&Update> {
        self.by_id.get(id)
    }

    /// How many there have been, without the rejected.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// How many are neither accepted nor rejected.
    pub(crate) fn in_flight(&self) -> usize {
        self.undecided
    }

    /// How many have no outcome.
    pub(crate) fn open(&self) -> usize {
        self.open
    }

    /// How many have no outcome, and how many are neither accepted nor rejected, counted anew.
    pub(crate) fn recounted(&self) -> (usize, usize) {
        let at_most = |stage: Stage| {
            let updates = self.by_id.values();
            updates
                .filter(|update| update.reached.stage <= stage)
                .count()
        };
        (at_most(Stage::Accepted), at_most(Stage::Admitted))
    }

    pub(crate) fn admit(&mut self, id: String, request: Request, by_event: bool) {
        self.order += 1;
        self.total += 1;
        self.open += 1;
        self.undecided += 1;
        let update = Update {
            request,
            reached: UpdateStage {
                stage: Stage::Admitted,
                outcome: None,
            },
            is_sent: false,
            by_event,
            accepted_id: 0,
            order: self.order,
            waiters: Vec::new(),
        };
        self.by_id.insert(id, update);
    }

    /// Tells a caller when the update has come as far as `stage`; at once if it has.
    pub(crate) fn wait(&mut self, id: &str, stage: Stage, waiter: Waiter<Answer<UpdateStage>>) {
        let Some(update) = self.by_id.get_mut(id) else {
            return waiter.tell(Err(not_found(format!("update \"{id}\" not found"))));
        };
        if update.reached.stage >= stage {
            waiter.tell(Ok(update.reached.clone()));
        } else {
            update.waiters.retain(|(_, waiter)| !waiter.is_gone());
            update.waiters.push((stage, waiter));
        }
    }

    /// Ends the waits of all callers.
    pub(crate) fn give_up_waits(&mut self, reason: &tonic::Status) {
        for update in self.by_id.values_mut() {
            for (_, waiter) in update.waiters.drain(..) {
                waiter.tell(Err(reason.clone()));
            }
        }
    }

    /// Whether a workflow task is to be made for an update.
    pub(crate) fn has_unsent(&self) -> bool {
        self.undecided > 0 && self.by_id.values().any(Update::wants_a_task)
    }

    /// The updates to send with a workflow task, in the order they came.
    pub(crate) fn send(&mut self) -> Vec<(String, Request)> {
        if self.undecided == 0 {
            return Vec::new();
        }
        let unsent = self.by_id.iter_mut();
        let unsent = unsent.filter(|(_, update)| update.wants_a_task());
        let mut unsent: Vec<_> = unsent.collect();
        unsent.sort_by_key(|(_, update)| update.order);
        let send = |(id, update): (&String, &mut Update)| {
            update.is_sent = true;
            (!update.by_event).then(|| (id.clone(), update.request.clone()))
        };
        unsent.into_iter().filter_map(send).collect()
    }

    /// The workflow task came to nothing: its updates are sent again.
    pub(crate) fn unsend(&mut self) {
        if self.undecided > 0 {
            self.by_id
                .values_mut()
                .for_each(|update| update.is_sent = false);
        }
    }

    pub(crate) fn accept(&mut self, id: &str, accepted_id: i64) {
        if let Some(update) = self.by_id.get_mut(id) {
            update.accepted_id = accepted_id;
            update.reached.stage = Stage::Accepted;
            self.undecided -= 1;
            update.notify();
        }
    }

    pub(crate) fn complete(&mut self, id: &str, outcome: Outcome) {
        if let Some(update) = self.by_id.get_mut(id) {
            update.reached = UpdateStage {
                stage: Stage::Completed,
                outcome: Some(outcome),
            };
            self.open -= 1;
            update.notify();
        }
    }

    /// Forgets an update and tells its callers why.
    pub(crate) fn reject(&mut self, id: &str, failure: Failure) {
        if let Some(mut update) = self.by_id.remove(id) {
            self.total -= 1;
            self.open -= 1;
            self.undecided -= 1;
            update.reached = UpdateStage {
                stage: Stage::Completed,
                outcome: Some(failed(failure)),
            };
            update.notify();
        }
    }

    /// Forgets an update that could not be brought to the workflow.
    pub(crate) fn abort(&mut self, id: &str, status: &tonic::Status) {
        if let Some(update) = self.by_id.remove(id) {
            self.total -= 1;
            self.open -= 1;
            self.undecided -= 1;
            for (_, waiter) in update.waiters {
                waiter.tell(Err(status.clone()));
            }
        }
    }

    /// The updates that the worker was sent and said nothing about.
    pub(crate) fn unanswered(&self) -> Vec<String> {
        if self.undecided == 0 {
            return Vec::new();
        }
        let sent = self
            .by_id
            .iter()
            .filter(|(_, update)| update.is_sent && update.reached.stage == Stage::Admitted);
        sent.map(|(id, _)| id.clone()).collect()
    }

    fn undecided(&self) -> Vec<String> {
        let admitted = self.by_id.iter();
        let admitted = admitted.filter(|(_, update)| update.reached.stage == Stage::Admitted);
        admitted.map(|(id, _)| id.clone()).collect()
    }

    fn accepted(&self) -> Vec<String> {
        let accepted = self.by_id.iter();
        let accepted = accepted.filter(|(_, update)| update.reached.stage == Stage::Accepted);
        accepted.map(|(id, _)| id.clone()).collect()
    }
}

impl Update {
    fn wants_a_task(&self) -> bool {
        !self.is_sent && self.reached.stage == Stage::Admitted
    }

    fn notify(&mut self) {
        for (stage, waiter) in std::mem::take(&mut self.waiters) {
            if self.reached.stage >= stage {
                waiter.tell(Ok(self.reached.clone()));
            } else {
                self.waiters.push((stage, waiter));
            }
        }
    }
}

/// The outcome of an update that failed.
pub(crate) fn failed(failure: Failure) -> Outcome {
    Outcome {
        value: Some(outcome::Value::Failure(failure)),
    }
}

/// A failure that the server makes up for an update; it is final.
pub(crate) fn server_failure(message: &str, r#type: &str) -> Failure {
    Failure {
        message: message.to_owned(),
        source: "Server".to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(
            ApplicationFailureInfo {
                r#type: r#type.to_owned(),
                non_retryable: true,
                ..ApplicationFailureInfo::default()
            },
        )),
        ..Failure::default()
    }
}

impl Run {
    /// The run has closed: accepted updates fail, undecided ones never were.
    pub(crate) fn close_updates(&mut self, _: &mut Tx<'_>) {
        if self.updates.open == 0 {
            return;
        }
        let status = match &self.next_run_id {
            Some(_) => closing(),
            None => not_found("workflow update was aborted by closing workflow"),
        };
        for id in self.updates.undecided() {
            self.updates.abort(&id, &status);
        }
        for id in self.updates.accepted() {
            let failure = server_failure(
                "Workflow Update failed because the Workflow completed before the Update completed.",
                "AcceptedUpdateCompletedWorkflow",
            );
            self.updates.complete(&id, failed(failure));
        }
    }
}
