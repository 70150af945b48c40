//! Tasks that need more than their history: update requests, and the ends of local activities.

use std::rc::Rc;
use std::time::Duration;

use durably_engine::{
    Completion, LocalActivityEnd, LocalActivityOutcome, LocalActivityRequest, Run, Workflow,
    WorkflowTask,
};
use durably_protos::google::protobuf::Any;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::protocol::v1::message::SequencingId;
use durably_protos::temporal::api::update::v1::Request;
use expect_test::Expect;
use prost::{Message as _, Name};

use super::check::{execute, open_task, replay_every_prefix, run_of, task};
use super::fixture::{failure, history, payloads};
use super::fixture_related::update_request;
use super::script::ScriptedWorkflow;
use super::text::completion_text;

/// The message that brings an update: `id name argument`.
pub(crate) fn request(sequencing_event_id: i64, text: &str) -> Message {
    let (id, words) = text.split_once(' ').expect("an id and a name");
    request_message(id, sequencing_event_id, &update_request(id, words))
}

fn request_message(id: &str, sequencing_event_id: i64, request: &Request) -> Message {
    Message {
        id: format!("{id}/request"),
        protocol_instance_id: id.to_owned(),
        sequencing_id: Some(SequencingId::EventId(sequencing_event_id)),
        body: Some(Any {
            type_url: Request::type_url(),
            value: request.encode_to_vec().into(),
        }),
    }
}

/// Checks what a workflow answers to the last task of a history that also brings updates; what is
/// before it as [`check`](super::check()) does.
#[track_caller]
pub(crate) fn check_messages(
    text: &str,
    updates: &[&str],
    workflow: ScriptedWorkflow,
    expected: Expect,
) {
    let (events, workflow) = (history(text), workflow.rc());
    let open = open_task(&events);
    let answer = |page| {
        let mut task = task(open);
        task.messages = updates.iter().map(|text| request(open - 1, text)).collect();
        completion_text(&execute(&mut run_of(&workflow), task, &events, page))
    };
    let whole = answer(usize::MAX);
    for page in [1, 2, 3] {
        assert_eq!(answer(page), whole, "with pages of {page} events");
    }
    replay_every_prefix(&events, &workflow);
    expected.assert_eq(&whole);
}

/// A run and what it asks for.
pub(crate) struct Live {
    pub(crate) run: Run,
    /// What the run asked for, in words.
    pub(crate) asked: Vec<String>,
}

impl Live {
    pub(crate) fn new(workflow: &Rc<dyn Workflow>) -> Self {
        Self {
            run: run_of(workflow),
            asked: Vec::new(),
        }
    }

    /// Executes the task with which these events end.
    pub(crate) fn execute(&mut self, task: WorkflowTask, events: &[HistoryEvent]) -> Completion {
        let completion = execute(&mut self.run, task, events, usize::MAX);
        self.take_requests();
        completion
    }

    fn take_requests(&mut self) {
        for request in self.run.take_local_activity_requests() {
            match request {
                LocalActivityRequest::Execute(task) => {
                    let canceled = if task.cancel_requested {
                        " canceled"
                    } else {
                        ""
                    };
                    let (kind, attempt) = (&task.options.activity_type, task.options.attempt);
                    self.asked
                        .push(format!("run {} {kind} {attempt}{canceled}", task.seq));
                }
                LocalActivityRequest::Cancel { seq } => self.asked.push(format!("cancel {seq}")),
            }
        }
    }

    pub(crate) fn ended(&mut self, ends: Vec<LocalActivityEnd>) -> Completion {
        let completion = self.run.local_activities_ended(ends);
        self.take_requests();
        completion
    }

    /// A task of a text's, as text: what the run asks for, then its answer.
    pub(crate) fn task(&mut self, events: &[HistoryEvent]) -> String {
        let completion = self.execute(task(open_task(events)), events);
        self.text(&completion)
    }

    /// Local activities end: `1 result`, `2 failed why`, `3 backoff 60`; each takes a second.
    pub(crate) fn end(&mut self, ends: &[&str]) -> String {
        let completion = self.ended(ends.iter().map(|text| end(text)).collect());
        self.text(&completion)
    }

    pub(crate) fn text(&mut self, completion: &Completion) -> String {
        let mut lines = std::mem::take(&mut self.asked);
        lines.push(completion_text(completion));
        lines.join("\n")
    }
}

pub(crate) fn end(text: &str) -> LocalActivityEnd {
    let mut words = text.splitn(3, ' ');
    let seq = words.next().expect("a number").parse().expect("a number");
    let boxed = |text: Option<&str>| -> Box<Failure> { Box::new(failure(text.unwrap_or("why"))) };
    let outcome = match (words.next(), words.next()) {
        (Some("failed"), why) => LocalActivityOutcome::Failed(boxed(why)),
        (Some("backoff"), seconds) => LocalActivityOutcome::Backoff {
            failure: boxed(Some("again")),
            backoff: Duration::from_secs(seconds.expect("seconds").parse().expect("seconds")),
        },
        (result, _) => LocalActivityOutcome::Completed(payloads(result)),
    };
    LocalActivityEnd {
        seq,
        attempt: 1,
        runtime: Duration::from_secs(1),
        outcome,
    }
}
