//! The requests that bring headers along, and where in them these are.

use durably_protos::temporal::api::common::v1::Header;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_request::operation::Operation;

use super::ClientRequest;
use super::messages::{
    ExecuteMultiOperationRequest, QueryWorkflowRequest, SignalWithStartWorkflowExecutionRequest,
    SignalWorkflowExecutionRequest, StartWorkflowExecutionRequest, UpdateWorkflowExecutionRequest,
};
use crate::payload::Headers;

/// A request that brings [headers](Headers) along for the workflow: a start, a signal, a signal with a
/// start, a query, an update, an update with a start.
///
/// [`ClientCall`](super::ClientCall) reads and sets them.
pub trait HasHeaders: ClientRequest + Carrier {}

/// Reaches the headers of a request. Seals [`HasHeaders`].
pub trait Carrier {
    /// The headers; of an update with a start those of the start.
    fn headers(&self) -> Headers;

    /// Replaces the headers by what is made of them, at every place where the request has some.
    fn change_headers(&mut self, change: &dyn Fn(Headers) -> Headers);
}

pub(super) fn carried<Q: Carrier>(request: &mut Q) -> Option<&mut dyn Carrier> {
    Some(request)
}

pub(super) fn none<Q>(_: &mut Q) -> Option<&mut dyn Carrier> {
    None
}

fn change_header(header: &mut Option<Header>, change: &dyn Fn(Headers) -> Headers) {
    *header = change(header.take().into()).to_proto();
}

macro_rules! has_header_field {
    ($($request:ident)*) => {
        $(
            impl HasHeaders for $request {}

            impl Carrier for $request {
                fn headers(&self) -> Headers {
                    self.header.clone().into()
                }

                fn change_headers(&mut self, change: &dyn Fn(Headers) -> Headers) {
                    change_header(&mut self.header, change);
                }
            }
        )*
    };
}

has_header_field! {
    StartWorkflowExecutionRequest
    SignalWithStartWorkflowExecutionRequest
    SignalWorkflowExecutionRequest
}

impl HasHeaders for QueryWorkflowRequest {}

impl Carrier for QueryWorkflowRequest {
    fn headers(&self) -> Headers {
        let header = self.query.as_ref().and_then(|query| query.header.clone());
        header.into()
    }

    fn change_headers(&mut self, change: &dyn Fn(Headers) -> Headers) {
        change_header(&mut self.query.get_or_insert_default().header, change);
    }
}

impl HasHeaders for UpdateWorkflowExecutionRequest {}

impl Carrier for UpdateWorkflowExecutionRequest {
    fn headers(&self) -> Headers {
        let update = self.request.as_ref();
        let input = update.and_then(|update| update.input.as_ref());
        input.and_then(|input| input.header.clone()).into()
    }

    fn change_headers(&mut self, change: &dyn Fn(Headers) -> Headers) {
        let update = self.request.get_or_insert_default();
        change_header(&mut update.input.get_or_insert_default().header, change);
    }
}

impl HasHeaders for ExecuteMultiOperationRequest {}

impl Carrier for ExecuteMultiOperationRequest {
    fn headers(&self) -> Headers {
        let mut operations = self.operations.iter();
        let start = operations.find_map(|operation| match &operation.operation {
            Some(Operation::StartWorkflow(start)) => Some(start.headers()),
            _ => None,
        });
        start.unwrap_or_default()
    }

    fn change_headers(&mut self, change: &dyn Fn(Headers) -> Headers) {
        for operation in &mut self.operations {
            match &mut operation.operation {
                Some(Operation::StartWorkflow(start)) => start.change_headers(change),
                Some(Operation::UpdateWorkflow(update)) => update.change_headers(change),
                None => {}
            }
        }
    }
}
