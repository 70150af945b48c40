//! What the engine knows of a workflow's code: how to start it, send it messages, ask it.

use std::pin::Pin;

use durably_protos::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::common::v1::{Header, Payload, Payloads};
use durably_protos::temporal::api::failure::v1::Failure;

use crate::context::Context;
use crate::info::own_payload;

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

/// What became of a signal.
pub enum SignalDelivery {
    /// Handled on the spot.
    Done(TaskEnd),
    /// A handler that goes on as a task.
    Running(TaskFuture),
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

    /// Answers a query; nothing may change meanwhile.
    ///
    /// # Errors
    /// The failure the caller gets: an unknown name, undecodable arguments, the handler's own.
    #[expect(
        clippy::result_large_err,
        reason = "an answer is about to be sent anyway"
    )]
    fn query(
        &self,
        context: &Context,
        name: &str,
        arguments: &[Payload],
    ) -> Result<Payload, Failure>;
}
