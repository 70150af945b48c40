//! What comes to a run: its start, signals, queries, updates.

use std::rc::Rc;

use durably_engine::{Query, SignalInput, UpdateIdentity, UpdateInput};
use durably_protos::temporal::api::common::v1::Payload;

use crate::payload::Headers;

/// A run whose code is about to start: see
/// [`WorkflowInterceptor::execute_workflow`](super::WorkflowInterceptor::execute_workflow).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExecuteWorkflow {
    /// The arguments, one payload for each.
    pub arguments: Vec<Payload>,
    /// The run's headers, which go with everything that it calls.
    pub headers: Headers,
}

/// A signal that has a handler, or that a channel receives: see
/// [`WorkflowInterceptor::handle_signal`](super::WorkflowInterceptor::handle_signal),
/// [`receive_signal`](super::WorkflowInterceptor::receive_signal).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HandleSignal {
    name: String,
    identity: String,
    /// The arguments, one payload for each.
    pub arguments: Vec<Payload>,
    /// The signal's own headers.
    pub headers: Headers,
}

/// A query: see [`WorkflowInterceptor::handle_query`](super::WorkflowInterceptor::handle_query).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HandleQuery {
    name: String,
    /// The arguments, one payload for each.
    pub arguments: Vec<Payload>,
    /// The query's own headers.
    pub headers: Headers,
}

/// An update that may be refused: see
/// [`WorkflowInterceptor::validate_update`](super::WorkflowInterceptor::validate_update).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ValidateUpdate {
    identity: Rc<UpdateIdentity>,
    /// The arguments, one payload for each.
    pub arguments: Vec<Payload>,
    /// The update's own headers.
    pub headers: Headers,
}

/// An update that was accepted: see
/// [`WorkflowInterceptor::handle_update`](super::WorkflowInterceptor::handle_update).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HandleUpdate {
    identity: Rc<UpdateIdentity>,
    /// The arguments, one payload for each.
    pub arguments: Vec<Payload>,
    /// The update's own headers.
    pub headers: Headers,
}

impl ExecuteWorkflow {
    pub(in crate::workflow) fn new(arguments: Vec<Payload>, headers: Headers) -> Self {
        Self { arguments, headers }
    }
}

impl HandleSignal {
    /// The signal's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who sent it.
    pub fn identity(&self) -> &str {
        &self.identity
    }
}

impl HandleQuery {
    /// The query's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl ValidateUpdate {
    /// The update's name, its id, and who asked for it.
    pub fn identity(&self) -> &UpdateIdentity {
        &self.identity
    }
}

impl HandleUpdate {
    /// The update's name, its id, and who asked for it.
    pub fn identity(&self) -> &UpdateIdentity {
        &self.identity
    }
}

impl From<SignalInput> for HandleSignal {
    fn from(signal: SignalInput) -> Self {
        Self {
            name: signal.name,
            identity: signal.identity,
            arguments: signal.arguments,
            headers: signal.header.into(),
        }
    }
}

impl From<HandleSignal> for SignalInput {
    fn from(signal: HandleSignal) -> Self {
        Self {
            name: signal.name,
            arguments: signal.arguments,
            header: signal.headers.to_proto(),
            identity: signal.identity,
        }
    }
}

impl From<&Query> for HandleQuery {
    fn from(query: &Query) -> Self {
        Self {
            name: query.name.clone(),
            arguments: query.arguments.clone(),
            headers: query.header.clone().into(),
        }
    }
}

impl From<UpdateInput> for ValidateUpdate {
    fn from(update: UpdateInput) -> Self {
        Self {
            identity: update.identity,
            arguments: update.arguments,
            headers: update.header.into(),
        }
    }
}

impl From<ValidateUpdate> for UpdateInput {
    fn from(update: ValidateUpdate) -> Self {
        Self {
            identity: update.identity,
            arguments: update.arguments,
            header: update.headers.to_proto(),
        }
    }
}

impl From<UpdateInput> for HandleUpdate {
    fn from(update: UpdateInput) -> Self {
        Self {
            identity: update.identity,
            arguments: update.arguments,
            headers: update.header.into(),
        }
    }
}

impl From<HandleUpdate> for UpdateInput {
    fn from(update: HandleUpdate) -> Self {
        Self {
            identity: update.identity,
            arguments: update.arguments,
            header: update.headers.to_proto(),
        }
    }
}
