//! Failures to protobuf and back, without loss.

use durably_protos::temporal::api::failure::v1 as proto;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;

use super::application::Info;
use super::encoded::Encoded;
use super::limits::MAX_CAUSES;
use super::record::Record;
use super::{
    ActivityFailure, ApplicationFailure, CanceledFailure, ChildWorkflowFailure, Failure,
    NexusHandlerFailure, NexusOperationFailure, ResetWorkflowFailure, ServerFailure,
    TerminatedFailure, TimeoutFailure,
};
use crate::payload::codec::EncodedAttributes;

impl From<proto::Failure> for Failure {
    // The decoder limits how deep messages nest (to 100), and with it the recursion here.
    fn from(mut failure: proto::Failure) -> Self {
        let info = failure.failure_info.take();
        let record = record(failure);
        macro_rules! kind {
            ($name:ident, $info:expr) => {
                $name {
                    record: Box::new(record.map(|()| $info)),
                }
                .into()
            };
        }
        match info {
            Some(FailureInfo::ApplicationFailureInfo(info)) => {
                kind!(ApplicationFailure, application_info(Some(info)))
            }
            None => kind!(ApplicationFailure, application_info(None)),
            Some(FailureInfo::TimeoutFailureInfo(info)) => kind!(TimeoutFailure, info),
            Some(FailureInfo::CanceledFailureInfo(info)) => kind!(CanceledFailure, info),
            Some(FailureInfo::TerminatedFailureInfo(info)) => kind!(TerminatedFailure, info),
            Some(FailureInfo::ServerFailureInfo(info)) => kind!(ServerFailure, info),
            Some(FailureInfo::ResetWorkflowFailureInfo(info)) => kind!(ResetWorkflowFailure, info),
            Some(FailureInfo::ActivityFailureInfo(info)) => kind!(ActivityFailure, info),
            Some(FailureInfo::ChildWorkflowExecutionFailureInfo(info)) => {
                kind!(ChildWorkflowFailure, info)
            }
            Some(FailureInfo::NexusOperationExecutionFailureInfo(info)) => {
                kind!(NexusOperationFailure, info)
            }
            Some(FailureInfo::NexusHandlerFailureInfo(info)) => kind!(NexusHandlerFailure, info),
        }
    }
}

/// Information that is absent makes an application failure without type.
fn application_info(info: Option<proto::ApplicationFailureInfo>) -> Info {
    Info {
        on_wire: info.is_some(),
        proto: info.unwrap_or_default(),
        wraps: false,
    }
}

/// The common part, with message and stack trace restored from the encoded attributes if they can
/// be read.
fn record(failure: proto::Failure) -> Record<()> {
    let (mut message, mut stack_trace) = (failure.message, failure.stack_trace);
    let encoded = failure.encoded_attributes.map(|attributes| {
        let inner = EncodedAttributes::read(&attributes);
        let encoded = Encoded {
            outer_message: message.clone(),
            outer_stack_trace: stack_trace.clone(),
            attributes: *attributes,
        };
        if let Some(inner) = inner {
            (message, stack_trace) = (inner.message.clone(), inner.stack_trace);
        }
        Box::new(encoded)
    });
    Record {
        message,
        origin: failure.source,
        stack_trace,
        encoded,
        cause: failure.cause.map(|cause| Failure::from(*cause)),
        info: (),
    }
}

impl From<Failure> for proto::Failure {
    fn from(failure: Failure) -> Self {
        to_proto(failure, MAX_CAUSES)
    }
}

impl From<ApplicationFailure> for proto::Failure {
    fn from(failure: ApplicationFailure) -> Self {
        Failure::from(failure).into()
    }
}

fn to_proto(failure: Failure, causes: usize) -> proto::Failure {
    macro_rules! kind {
        ($failure:expr, $variant:ident) => {
            proto_record(
                $failure
                    .record
                    .map(|info| Some(FailureInfo::$variant(info))),
                causes,
            )
        };
    }
    match failure {
        Failure::Application(failure) => proto_record(
            failure.record.map(|info| {
                info.on_wire
                    .then_some(FailureInfo::ApplicationFailureInfo(info.proto))
            }),
            causes,
        ),
        Failure::Canceled(failure) => kind!(failure, CanceledFailureInfo),
        Failure::Timeout(failure) => kind!(failure, TimeoutFailureInfo),
        Failure::Terminated(failure) => kind!(failure, TerminatedFailureInfo),
        Failure::Server(failure) => kind!(failure, ServerFailureInfo),
        Failure::ResetWorkflow(failure) => kind!(failure, ResetWorkflowFailureInfo),
        Failure::Activity(failure) => kind!(failure, ActivityFailureInfo),
        Failure::ChildWorkflow(failure) => kind!(failure, ChildWorkflowExecutionFailureInfo),
        Failure::NexusOperation(failure) => kind!(failure, NexusOperationExecutionFailureInfo),
        Failure::NexusHandler(failure) => kind!(failure, NexusHandlerFailureInfo),
    }
}

fn proto_record(record: Record<Option<FailureInfo>>, causes: usize) -> proto::Failure {
    let (message, stack_trace, encoded_attributes) = match record.encoded {
        Some(encoded) => (
            encoded.outer_message,
            encoded.outer_stack_trace,
            Some(Box::new(encoded.attributes)),
        ),
        None => (record.message, record.stack_trace, None),
    };
    let mut failure = proto::Failure {
        message,
        source: record.origin,
        stack_trace,
        encoded_attributes,
        failure_info: record.info,
        cause: None,
    };
    match record.cause {
        Some(cause) if causes > 0 => failure.cause = Some(Box::new(to_proto(cause, causes - 1))),
        Some(cause) => {
            let left_out = cause.chain().count();
            failure
                .message
                .push_str(&format!(" ({left_out} further causes left out)"));
        }
        None => {}
    }
    failure
}

#[cfg(test)]
mod tests;
