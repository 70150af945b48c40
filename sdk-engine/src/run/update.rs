//! Updates: every request must be answered in the task that brings it (protocol 4.12).

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll, ready};

use durably_protos::google::protobuf::Any;
use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::WorkflowExecutionUpdateAcceptedEventAttributes;
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::protocol::v1::message::SequencingId;
use durably_protos::temporal::api::update::v1::{
    Acceptance, Meta, Outcome as ProtoOutcome, Rejection, Request, Response, outcome,
};
use prost::{Message as _, Name};

use super::Run;
use crate::error::{RunError, application_failure};
use crate::executor::catch;
use crate::shared::Shared;
use crate::step::{Mode, StepGuard, Violation, take_violation};
use crate::workflow::{
    HandlerIdentity, Instance, SignalInput, TaskEnd, UpdateDelivery, UpdateEnd, UpdateFuture,
    UpdateIdentity, UpdateInput,
};

/// What the code is told in the order in which it came.
#[derive(Debug)]
pub(super) enum Incoming {
    Signal(SignalInput),
    Update(Box<UpdateRequest>, Verdict),
}

/// Whether an update is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The validator decides.
    Open,
    /// It was, as history says.
    Accepted,
    /// History does not say so, at least not in this task.
    Unknown,
}

/// A request, with what its answer has to repeat.
#[derive(Debug)]
pub(super) struct UpdateRequest {
    pub(super) input: UpdateInput,
    message_id: String,
    sequencing_event_id: i64,
    /// None for one that an event has brought: history has it already.
    request: Option<Box<Request>>,
}

impl UpdateRequest {
    /// A request that came with the task; when it cannot be read, its rejection.
    pub(super) fn of_message(message: Message) -> Result<Self, Option<Box<Message>>> {
        let sequencing_event_id = match message.sequencing_id {
            Some(SequencingId::EventId(id)) => id,
            _ => 0,
        };
        let Some(body) = message
            .body
            .filter(|body| body.type_url == Request::type_url())
        else {
            // Not a request: nobody waits for an answer.
            return Err(None);
        };
        let (id, message_id) = (message.protocol_instance_id, message.id);
        match Request::decode(body.value) {
            Ok(request) => {
                let mut read = Self::new(id, message_id, sequencing_event_id, request.clone());
                read.request = Some(Box::new(request));
                Ok(read)
            }
            Err(error) => {
                let why = format!("the update's request cannot be read: {error}");
                let failure = application_failure("MalformedUpdate", why);
                let rejection = Rejection {
                    rejected_request_message_id: message_id.clone(),
                    rejected_request_sequencing_event_id: sequencing_event_id,
                    rejected_request: None,
                    failure: Some(failure),
                };
                Err(Some(Box::new(answer(
                    &id,
                    &message_id,
                    "reject",
                    &rejection,
                ))))
            }
        }
    }

    /// A request that a reset has brought, as event.
    pub(super) fn admitted(event_id: i64, request: Request) -> Self {
        let id = request.meta.as_ref().map(|meta| meta.update_id.clone());
        let id = id.unwrap_or_default();
        let message_id = format!("{id}/request");
        Self::new(id, message_id, event_id, request)
    }

    /// The request of an accepted update in history; none when an earlier event has it.
    pub(super) fn accepted(event: &WorkflowExecutionUpdateAcceptedEventAttributes) -> Option<Self> {
        let request = event.accepted_request.clone()?;
        Some(Self::new(
            event.protocol_instance_id.clone(),
            event.accepted_request_message_id.clone(),
            event.accepted_request_sequencing_event_id,
            request,
        ))
    }

    fn new(id: String, message_id: String, sequencing_event_id: i64, request: Request) -> Self {
        let input = request.input.unwrap_or_default();
        let identity = UpdateIdentity {
            id: id.into(),
            name: input.name,
            identity: request.meta.unwrap_or_default().identity,
        };
        Self {
            input: UpdateInput {
                identity: Rc::new(identity),
                arguments: input.args.unwrap_or_default().payloads,
                header: input.header,
            },
            message_id,
            sequencing_event_id,
            request: None,
        }
    }

    fn acceptance(&mut self) -> Message {
        let acceptance = Acceptance {
            accepted_request_message_id: self.message_id.clone(),
            accepted_request_sequencing_event_id: self.sequencing_event_id,
            accepted_request: self.request.take().map(|request| *request),
        };
        answer(
            &self.input.identity.id,
            &self.message_id,
            "accept",
            &acceptance,
        )
    }

    fn rejection(self, failure: Failure) -> Message {
        let rejection = Rejection {
            rejected_request_message_id: self.message_id.clone(),
            rejected_request_sequencing_event_id: self.sequencing_event_id,
            rejected_request: self.request.map(|request| *request),
            failure: Some(failure),
        };
        answer(
            &self.input.identity.id,
            &self.message_id,
            "reject",
            &rejection,
        )
    }
}

fn answer<M: prost::Message + Name>(
    update_id: &str,
    request_id: &str,
    kind: &str,
    body: &M,
) -> Message {
    Message {
        id: format!("{request_id}/{kind}"),
        protocol_instance_id: update_id.to_owned(),
        body: Some(Any {
            type_url: M::type_url(),
            value: body.encode_to_vec().into(),
        }),
        ..Default::default()
    }
}

/// The response to an update, for `RespondWorkflowTaskCompleted.messages`.
fn response(update: &UpdateIdentity, end: Result<Option<Payloads>, Failure>) -> Message {
    let value = match end {
        // The server takes an outcome without payloads for none at all.
        Ok(result) => outcome::Value::Success(result.unwrap_or_default()),
        Err(failure) => outcome::Value::Failure(failure),
    };
    let response = Response {
        meta: Some(Meta {
            update_id: update.id.to_string(),
            identity: update.identity.clone(),
        }),
        outcome: Some(ProtoOutcome { value: Some(value) }),
    };
    let request_id = format!("{}/request", update.id);
    answer(&update.id, &request_id, "complete", &response)
}

impl Run {
    /// Whether an update need not wait for its name to become known: the code may still register
    /// a handler in this activation.
    pub(super) fn can_deliver(&self, request: &UpdateRequest, verdict: Verdict) -> bool {
        let knows = |code: &dyn Instance| {
            let name = &request.input.identity.name;
            code.knows_update(&self.new_context(), name)
        };
        verdict == Verdict::Unknown || self.instance.as_deref().is_some_and(knows)
    }

    /// Delivers an update; one whose name is not known is refused.
    pub(super) fn deliver_update(
        &mut self,
        mut request: UpdateRequest,
        verdict: Verdict,
    ) -> Result<(), RunError> {
        if verdict == Verdict::Unknown {
            // Refused then, or accepted in a later task.
            self.admitted.push(request);
            return Ok(());
        }
        if verdict == Verdict::Open
            && let Err(failure) = self.validate(&request.input)?
        {
            self.outgoing.push(request.rejection(*failure));
            return Ok(());
        }
        self.delivered = true;
        let acceptance = (verdict == Verdict::Open).then(|| Box::new(request.acceptance()));
        let identity = request.input.identity.clone();
        let seq = {
            let mut tables = self.shared.tables.borrow_mut();
            let (more, commands) = tables.more_and_commands();
            more.updates
                .accept(commands, identity.id.clone(), acceptance)
        };
        self.start_update(seq, identity, request.input)
    }

    fn start_update(
        &mut self,
        seq: u32,
        identity: Rc<UpdateIdentity>,
        input: UpdateInput,
    ) -> Result<(), RunError> {
        let context = self.new_context();
        let Some(instance) = &self.instance else {
            return Ok(());
        };
        let delivery = {
            let _inside = InsideUpdate::enter(&self.shared, &identity);
            instance.update(&context, input)
        };
        match delivery {
            UpdateDelivery::Done(end) => {
                let end = finish_update(&self.shared, seq, &identity, end);
                self.task_ended(end)?;
                self.after_code()
            }
            UpdateDelivery::Running {
                future,
                abandon_unfinished,
            } => {
                let handler = HandlerIdentity {
                    name: identity.name.clone().into(),
                    update_id: Some(identity.id.clone()),
                    abandon_unfinished,
                };
                let shared = self.shared.clone();
                let id = self.executor.add(Box::pin(RunningUpdate {
                    shared,
                    seq,
                    identity,
                    future,
                }));
                self.begin_handler(id, handler);
                self.poll(id)
            }
        }
    }

    /// Asks the validator; nothing may change meanwhile.
    fn validate(&mut self, input: &UpdateInput) -> Result<Result<(), Box<Failure>>, RunError> {
        let context = self.new_context();
        let Some(instance) = &self.instance else {
            return Ok(Ok(()));
        };
        let _validating = StepGuard::enter(self.executor.key(), Mode::ReadOnly);
        let validated = {
            let _inside = InsideUpdate::enter(&self.shared, &input.identity);
            catch(|| instance.validate_update(&context, input).map_err(Box::new))
        };
        let violation = take_violation();
        self.spoiled |= violation.as_ref().is_some_and(|found| found.spoiled);
        let name = &input.identity.name;
        Ok(match (violation, validated) {
            (Some(Violation { what, .. }), _) => {
                let message = format!(
                    "the validator of update \"{name}\" tried to change the workflow ({what}); validators may only read"
                );
                Err(Box::new(application_failure("ReadOnlyError", message)))
            }
            (None, Ok(validated)) => validated,
            (None, Err(panic)) => Err(Box::new(panic.to_failure())),
        })
    }

    /// Notes that a handler runs as a task.
    pub(super) fn begin_handler(&self, task: u32, handler: HandlerIdentity) {
        let mut tables = self.shared.tables.borrow_mut();
        tables.more().handlers.insert(task, handler);
    }
}

/// Queues the response of an update whose handler has ended.
fn finish_update(shared: &Shared, seq: u32, identity: &UpdateIdentity, end: UpdateEnd) -> TaskEnd {
    let end = match end {
        UpdateEnd::Completed(result) => Ok(result.map(|payload| Payloads {
            payloads: vec![payload],
        })),
        UpdateEnd::Failed(failure) => Err(*failure),
        UpdateEnd::TaskFailed(failure) => return TaskEnd::TaskFailed(failure),
    };
    // A replay sends nothing; history has the response.
    let response = (!shared.replaying.get()).then(|| Box::new(response(identity, end)));
    let mut tables = shared.tables.borrow_mut();
    let (more, commands) = tables.more_and_commands();
    more.updates.complete(commands, seq, response);
    TaskEnd::Done
}

/// A handler in progress: knows its update while it is polled, and answers when it ends.
struct RunningUpdate {
    shared: Rc<Shared>,
    seq: u32,
    identity: Rc<UpdateIdentity>,
    future: UpdateFuture,
}

impl Future for RunningUpdate {
    type Output = TaskEnd;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<TaskEnd> {
        let this = &mut *self;
        let end = {
            let _inside = InsideUpdate::enter(&this.shared, &this.identity);
            ready!(this.future.as_mut().poll(cx))
        };
        Poll::Ready(finish_update(&this.shared, this.seq, &this.identity, end))
    }
}

/// Makes an update the current one until dropped, also when its handler panics.
struct InsideUpdate<'a> {
    shared: &'a Shared,
    outer: Option<Rc<UpdateIdentity>>,
}

impl<'a> InsideUpdate<'a> {
    fn enter(shared: &'a Shared, update: &Rc<UpdateIdentity>) -> Self {
        let outer = shared.update.replace(Some(update.clone()));
        Self { shared, outer }
    }
}

impl Drop for InsideUpdate<'_> {
    fn drop(&mut self) {
        self.shared.update.replace(self.outer.take());
    }
}
