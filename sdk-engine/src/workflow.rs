//! What the engine knows of a workflow's code: how to start it, send it messages, ask it.

use std::borrow::Cow;
use std::pin::Pin;
use std::rc::Rc;

use durably_protos::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::common::v1::{Header, Payload, Payloads};
use durably_protos::temporal::api::failure::v1::Failure;

use crate::context::Context;
use crate::error::application_failure;
use crate::info::own_payload;
use crate::input::Query;

/// A workflow type: code that can be started for a run.
pub trait Workflow {
    /// Starts the code of one run: creates its state and its main future, without polling it.
    ///
    /// # Errors
    /// A failure fails the workflow task, not the run: the input cannot be decoded, say.
    #[expect(clippy::result_large_err, reason = "once per run, and seldom an error")]
    fn start(&self, context: &Context, input: &[Payload]) -> Result<StartedWorkflow, Failure>;
}

/// A run's code after its start.
pub struct StartedWorkflow {
    /// Takes the run's messages.
    pub instance: Box<dyn Instance>,
    /// The main function.
    pub main: TaskFuture,
}

/// A task of a run: the main function, a handler, or something spawned.
pub type TaskFuture = Pin<Box<dyn Future<Output = TaskEnd>>>;

/// How a task ended.
#[derive(Debug)]
pub enum TaskEnd {
    /// The task is done; the run goes on.
    Done,
    /// The task ends the run.
    Workflow(Outcome),
    /// The run cannot go on with this code: the workflow task fails and is tried again.
    TaskFailed(Box<Failure>),
}

/// How the code ends a run: with which command.
#[derive(Debug)]
pub enum Outcome {
    /// `CompleteWorkflowExecution`.
    Completed(Option<Payload>),
    /// `FailWorkflowExecution`.
    Failed(Box<Failure>),
    /// `CancelWorkflowExecution`, with details.
    Canceled(Option<Payloads>),
    /// `ContinueAsNewWorkflowExecution`.
    ContinuedAsNew(Box<ContinueAsNew>),
}

/// The command that ends a run by starting the next of its chain.
pub type ContinueAsNew = ContinueAsNewWorkflowExecutionCommandAttributes;

/// A signal as history has it.
#[derive(Debug)]
pub struct SignalInput {
    /// The signal's name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Payload>,
    /// Its header.
    pub header: Option<Header>,
    /// Who sent it.
    pub identity: String,
}

impl SignalInput {
    /// Makes the payloads copies of their own: a signal that is kept must not keep the response
    /// it came in.
    pub(crate) fn own_payloads(&mut self) {
        let header = self
            .header
            .iter_mut()
            .flat_map(|header| header.fields.values_mut());
        self.arguments
            .iter_mut()
            .chain(header)
            .for_each(own_payload);
    }
}

/// An update request.
#[derive(Debug, Clone)]
pub struct UpdateInput {
    /// Which update it is, and who asked for it.
    pub identity: Rc<UpdateIdentity>,
    /// Its arguments.
    pub arguments: Vec<Payload>,
    /// Its header.
    pub header: Option<Header>,
}

/// Which update it is, and who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateIdentity {
    /// The update's id: the same for every request that repeats it.
    pub id: Rc<str>,
    /// Its name.
    pub name: String,
    /// The identity of the client.
    pub identity: String,
}

/// How an update's handler ended.
#[derive(Debug)]
pub enum UpdateEnd {
    /// With its result.
    Completed(Option<Payload>),
    /// The caller gets the failure; the run goes on.
    Failed(Box<Failure>),
    /// The run cannot go on with this code: the workflow task fails and is tried again.
    TaskFailed(Box<Failure>),
}

/// An update's handler in progress.
pub type UpdateFuture = Pin<Box<dyn Future<Output = UpdateEnd>>>;

/// What became of an accepted update.
pub enum UpdateDelivery {
    /// Handled on the spot.
    Done(UpdateEnd),
    /// A handler that goes on as a task.
    Running {
        /// The handler.
        future: UpdateFuture,
        /// Whether the run may end while it runs, without a warning.
        abandon_unfinished: bool,
    },
}

/// A handler in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerIdentity {
    /// The name of the signal or the update.
    pub name: Cow<'static, str>,
    /// The id of the update; none for a signal.
    pub update_id: Option<Rc<str>>,
    /// Whether the run may end while it runs, without a warning.
    pub abandon_unfinished: bool,
}

/// What became of a signal.
pub enum SignalDelivery {
    /// Handled on the spot.
    Done(TaskEnd),
    /// A handler that goes on as a task.
    Running {
        /// The handler.
        future: TaskFuture,
        /// What it is called.
        name: Cow<'static, str>,
        /// Whether the run may end while it runs, without a warning.
        abandon_unfinished: bool,
    },
    /// No handler has this name: the engine keeps the signal until one asks for it.
    Unknown(SignalInput),
}

/// The message-taking side of a started workflow.
pub trait Instance {
    /// Whether a signal, or another message, can reach the code at all. A run that waits for
    /// nothing of the engine's and takes no messages can never go on: its task fails at once
    /// instead of hanging for good.
    fn takes_messages(&self) -> bool {
        true
    }

    /// Gives a signal to its handler.
    fn signal(&self, context: &Context, signal: SignalInput) -> SignalDelivery;

    /// Whether an update of this name has a handler by now. One that has none is asked for again
    /// when the code has run, and then refused.
    fn knows_update(&self, _context: &Context, _name: &str) -> bool {
        false
    }

    /// Looks at an update before it is accepted; nothing may change meanwhile.
    ///
    /// # Errors
    /// The failure that the caller gets: the name is unknown, the arguments cannot be read, or the
    /// validator refuses them.
    #[expect(
        clippy::result_large_err,
        reason = "a refusal is about to be sent anyway"
    )]
    fn validate_update(&self, context: &Context, update: &UpdateInput) -> Result<(), Failure> {
        let _ = context;
        let message = format!(
            "the workflow has no handler for update \"{}\"",
            update.identity.name
        );
        Err(application_failure("UnknownUpdate", message))
    }

    /// Gives an accepted update to its handler. In a replay it was not validated again.
    fn update(&self, context: &Context, update: UpdateInput) -> UpdateDelivery {
        match self.validate_update(context, &update) {
            Ok(()) => UpdateDelivery::Done(UpdateEnd::Completed(None)),
            Err(failure) => UpdateDelivery::Done(UpdateEnd::TaskFailed(Box::new(failure))),
        }
    }

    /// Answers a query; nothing may change meanwhile.
    ///
    /// # Errors
    /// The failure the caller gets: an unknown name, undecodable arguments, the handler's own.
    #[expect(
        clippy::result_large_err,
        reason = "an answer is about to be sent anyway"
    )]
    fn query(&self, context: &Context, query: &Query) -> Result<Payload, Failure>;
}
