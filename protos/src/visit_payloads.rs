//! Going through the payloads of a message, wherever they are in it.
//!
//! Generated for every request and response of the services and for histories. What is left out is what
//! the server itself reads: search attributes, Nexus endpoints, compute configurations.

use std::collections::BTreeMap;

use crate::google::protobuf::Any;
use crate::temporal::api::command::v1::RecordMarkerCommandAttributes;
use crate::temporal::api::common::v1::{Header, Payload, Payloads};
use crate::temporal::api::failure::v1::Failure;
use crate::temporal::api::history::v1::MarkerRecordedEventAttributes;
use crate::temporal::api::protocol::v1::Message;

/// A message that can hold payloads.
///
/// ```
/// use durably_protos::google::protobuf::Any;
/// use durably_protos::temporal::api::common::v1::{Header, Payload, Payloads};
/// use durably_protos::temporal::api::failure::v1::Failure;
/// use durably_protos::temporal::api::workflowservice::v1::SignalWorkflowExecutionRequest;
/// use durably_protos::{PayloadVisitor, VisitPayloads};
///
/// #[derive(Default)]
/// struct Count(usize);
///
/// impl<'a> PayloadVisitor<'a> for Count {
///     fn payload(&mut self, _: &'a mut Payload) {
///         self.0 += 1;
///     }
///     fn marker_payload(&mut self, _: &'a mut Payload) {}
///     fn header(&mut self, _: &'a mut Header) {}
///     fn failure(&mut self, failure: &'a mut Failure) {
///         failure.visit_fields(self);
///     }
///     fn body(&mut self, _: &'a mut Any) {}
/// }
///
/// let mut request = SignalWorkflowExecutionRequest {
///     input: Some(Payloads { payloads: vec![Payload::default(), Payload::default()] }),
///     ..SignalWorkflowExecutionRequest::default()
/// };
/// let mut count = Count::default();
/// request.visit_payloads(&mut count);
/// assert_eq!(count.0, 2);
/// ```
pub trait VisitPayloads {
    /// Hands every payload to the visitor, in the order of the message's fields.
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>);
}

/// What is done with the payloads of a message. It may keep the references, to change the payloads
/// later.
pub trait PayloadVisitor<'a> {
    /// A payload with a value of the user's.
    fn payload(&mut self, payload: &'a mut Payload);
    /// A payload in a marker's details that an SDK made for itself: which local activity, which patch.
    fn marker_payload(&mut self, payload: &'a mut Payload);
    /// A header, whose fields are payloads.
    fn header(&mut self, header: &'a mut Header);
    /// A failure: [`Failure::visit_fields`] goes through its payloads and its causes.
    fn failure(&mut self, failure: &'a mut Failure);
    /// The body of a protocol message, which is a packed message of `temporal.api.update.v1`.
    fn body(&mut self, body: &'a mut Any);
}

impl VisitPayloads for Payload {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        visitor.payload(self);
    }
}

impl VisitPayloads for Header {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        visitor.header(self);
    }
}

impl VisitPayloads for Failure {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        visitor.failure(self);
    }
}

impl VisitPayloads for Message {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        if let Some(body) = &mut self.body {
            visitor.body(body);
        }
    }
}

impl VisitPayloads for RecordMarkerCommandAttributes {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        visit_details(&self.marker_name, &mut self.details, visitor);
        self.header.visit_payloads(visitor);
        self.failure.visit_payloads(visitor);
    }
}

impl VisitPayloads for MarkerRecordedEventAttributes {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        visit_details(&self.marker_name, &mut self.details, visitor);
        self.header.visit_payloads(visitor);
        self.failure.visit_payloads(visitor);
    }
}

fn visit_details<'a>(
    marker_name: &str,
    details: &'a mut BTreeMap<String, Payloads>,
    visitor: &mut dyn PayloadVisitor<'a>,
) {
    for (key, payloads) in details {
        let is_users = matches!(
            (marker_name, key.as_str()),
            ("core_local_activity", "result" | "input")
                | ("LocalActivity", "result")
                | ("SideEffect" | "MutableSideEffect", "data")
        );
        for payload in &mut payloads.payloads {
            match is_users {
                true => visitor.payload(payload),
                false => visitor.marker_payload(payload),
            }
        }
    }
}

impl<T: VisitPayloads> VisitPayloads for Option<T> {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        if let Some(value) = self {
            value.visit_payloads(visitor);
        }
    }
}

impl<T: VisitPayloads> VisitPayloads for Box<T> {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        self.as_mut().visit_payloads(visitor);
    }
}

impl<T: VisitPayloads> VisitPayloads for Vec<T> {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        for value in self {
            value.visit_payloads(visitor);
        }
    }
}

impl<T: VisitPayloads> VisitPayloads for BTreeMap<String, T> {
    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        for value in self.values_mut() {
            value.visit_payloads(visitor);
        }
    }
}
