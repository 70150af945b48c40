//! The message-taking side of one run of a typed workflow.

use std::marker::PhantomData;
use std::rc::Rc;

use durably_engine::{Context, Instance, SignalDelivery, SignalInput, TaskEnd};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::outcome::end_by_error;
use crate::definition::{SignalExecution, WorkflowImplementation};
use crate::failure::{ApplicationFailure, Failure, WorkflowError, WorkflowResult};
use crate::payload::Payload;

pub(super) struct TypedInstance<W: WorkflowImplementation> {
    pub(super) state: Rc<W::State>,
    pub(super) workflow: PhantomData<W>,
}

impl<W: WorkflowImplementation> Instance for TypedInstance<W> {
    fn signal(&self, context: &Context, signal: SignalInput) -> SignalDelivery {
        let Some(handler) = W::SIGNALS
            .iter()
            .find(|handler| handler.name == signal.name)
        else {
            return SignalDelivery::Unknown(signal);
        };
        let context = WorkflowContext::new(context.clone());
        match (handler.call)(self.state.clone(), context.clone(), &signal.arguments) {
            Ok(SignalExecution::Done(result)) => {
                SignalDelivery::Done(handler_end(&context, result))
            }
            Ok(SignalExecution::Running(future)) => {
                SignalDelivery::Running(Box::pin(
                    async move { handler_end(&context, future.await) },
                ))
            }
            Err(error) => {
                // A sender's mistake must not stop the workflow (protocol 4.13).
                if !context.is_replaying() {
                    tracing::error!(
                        workflow_type = W::NAME,
                        signal = signal.name,
                        sender = signal.identity,
                        %error,
                        "signal dropped: its arguments cannot be read"
                    );
                }
                SignalDelivery::Done(TaskEnd::Done)
            }
        }
    }

    fn takes_messages(&self) -> bool {
        !W::SIGNALS.is_empty() || !W::UPDATES.is_empty()
    }

    fn query(
        &self,
        context: &Context,
        name: &str,
        arguments: &[Payload],
    ) -> Result<Payload, ProtoFailure> {
        let Some(handler) = W::QUERIES.iter().find(|handler| handler.name == name) else {
            let mut known: Vec<_> = W::QUERIES.iter().map(|handler| handler.name).collect();
            known.sort_unstable();
            let message = format!(
                "Query handler for '{name}' expected but not found, known queries: [{}]",
                known.join(" ")
            );
            return Err(ApplicationFailure::new(message)
                .with_type("QueryNotFound")
                .into());
        };
        let context = WorkflowContext::new(context.clone());
        (handler.call)(&self.state, &context, arguments)
            .map_err(|error| query_failure(error).into())
    }
}

/// A handler's error ends the run as the main function's would.
fn handler_end(context: &WorkflowContext, result: WorkflowResult<()>) -> TaskEnd {
    match result {
        Ok(()) => TaskEnd::Done,
        Err(error) => end_by_error(context, error),
    }
}

fn query_failure(error: WorkflowError) -> Failure {
    match error {
        WorkflowError::Failed(failure) => failure,
        WorkflowError::Payload(error) => ApplicationFailure::new(error.to_string())
            .with_type("PayloadError")
            .into(),
        WorkflowError::ContinueAsNew(_) => {
            ApplicationFailure::new("a query cannot continue as new")
                .with_type("ReadOnlyError")
                .into()
        }
    }
}
