use bytes::Bytes;
use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::common::v1::{
    ActivityType, Payload, Payloads, WorkflowExecution, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::{RetryState, TimeoutType};
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{self as proto};

use crate::failure::{Failure, MAX_CAUSES};
use crate::payload::ToPayload;

fn details() -> Option<Payloads> {
    Some(Payloads {
        payloads: vec![1.to_payload().unwrap(), Payload::default()],
    })
}

/// One of each kind, with every field set, and enum values that this version does not know.
fn infos() -> Vec<Option<FailureInfo>> {
    vec![
        None,
        Some(FailureInfo::ApplicationFailureInfo(
            proto::ApplicationFailureInfo::default(),
        )),
        Some(FailureInfo::ApplicationFailureInfo(
            proto::ApplicationFailureInfo {
                r#type: "Foreign".into(),
                non_retryable: true,
                details: details(),
                next_retry_delay: Some(Duration {
                    seconds: -1,
                    nanos: -5,
                }),
                category: 77,
            },
        )),
        Some(FailureInfo::TimeoutFailureInfo(proto::TimeoutFailureInfo {
            timeout_type: 99,
            last_heartbeat_details: details(),
        })),
        Some(FailureInfo::CanceledFailureInfo(
            proto::CanceledFailureInfo {
                details: details(),
                identity: "someone".into(),
            },
        )),
        Some(FailureInfo::TerminatedFailureInfo(
            proto::TerminatedFailureInfo {
                identity: "someone".into(),
            },
        )),
        Some(FailureInfo::ServerFailureInfo(proto::ServerFailureInfo {
            non_retryable: true,
        })),
        Some(FailureInfo::ResetWorkflowFailureInfo(
            proto::ResetWorkflowFailureInfo {
                last_heartbeat_details: details(),
            },
        )),
        Some(FailureInfo::ActivityFailureInfo(
            proto::ActivityFailureInfo {
                scheduled_event_id: 5,
                started_event_id: 6,
                identity: "worker".into(),
                activity_type: Some(ActivityType {
                    name: "charge".into(),
                }),
                activity_id: "5".into(),
                retry_state: RetryState::MaximumAttemptsReached.into(),
            },
        )),
        Some(FailureInfo::ChildWorkflowExecutionFailureInfo(
            proto::ChildWorkflowExecutionFailureInfo {
                namespace: "default".into(),
                workflow_execution: Some(WorkflowExecution {
                    workflow_id: "child".into(),
                    run_id: "run".into(),
                }),
                workflow_type: Some(WorkflowType {
                    name: "Child".into(),
                }),
                initiated_event_id: 7,
                started_event_id: 8,
                retry_state: 55,
            },
        )),
        #[expect(deprecated, reason = "old servers still send the operation id")]
        Some(FailureInfo::NexusOperationExecutionFailureInfo(
            proto::NexusOperationFailureInfo {
                scheduled_event_id: 9,
                endpoint: "e".into(),
                service: "s".into(),
                operation: "o".into(),
                operation_id: "id".into(),
                operation_token: "token".into(),
            },
        )),
        Some(FailureInfo::NexusHandlerFailureInfo(
            proto::NexusHandlerFailureInfo {
                r#type: "BAD_REQUEST".into(),
                retry_behavior: 44,
            },
        )),
    ]
}

fn foreign(info: Option<FailureInfo>, cause: Option<proto::Failure>) -> proto::Failure {
    proto::Failure {
        message: "message".into(),
        source: "GoSDK".into(),
        stack_trace: "main.go:5".into(),
        encoded_attributes: None,
        cause: cause.map(Box::new),
        failure_info: info,
    }
}

fn passed_on(failure: &proto::Failure) -> proto::Failure {
    Failure::from(failure.clone()).into()
}

#[test]
fn every_pair_of_kinds_passes_unchanged() {
    for outer in infos() {
        for inner in infos() {
            let failure = foreign(outer.clone(), Some(foreign(inner, None)));
            assert_eq!(passed_on(&failure), failure);
        }
    }
}

#[test]
fn the_kinds_can_be_read() {
    let activity = infos().swap_remove(8);
    let timeout = Some(FailureInfo::TimeoutFailureInfo(proto::TimeoutFailureInfo {
        timeout_type: TimeoutType::Heartbeat.into(),
        last_heartbeat_details: details(),
    }));
    let failure = Failure::from(foreign(activity, Some(foreign(timeout, None))));
    let Failure::Activity(activity) = &failure else {
        panic!("an activity failure");
    };
    assert_eq!(
        failure.to_string(),
        "activity `charge` (id `5`) failed after its last attempt"
    );
    assert_eq!(activity.retry_state(), RetryState::MaximumAttemptsReached);
    let timeout = failure.timeout().unwrap();
    assert_eq!(timeout.timeout_type(), TimeoutType::Heartbeat);
    assert_eq!(timeout.last_heartbeat_detail::<i32>(0).unwrap(), Some(1));
    assert!(failure.application().is_none());
    let source = std::error::Error::source(&failure).unwrap();
    assert!(source.downcast_ref::<Failure>().is_some());
}

#[test]
fn values_that_are_not_known_read_as_unspecified() {
    let unknown = Failure::from(foreign(infos().swap_remove(3), None));
    assert_eq!(
        unknown.timeout().unwrap().timeout_type(),
        TimeoutType::Unspecified
    );
}

#[test]
fn encoded_attributes_are_shown_decoded_and_sent_as_they_were() {
    let mut attributes = Payload::default();
    attributes
        .metadata
        .insert("encoding", Bytes::from_static(b"json/plain"));
    attributes.data = Bytes::from_static(br#"{"message":"secret","stack_trace":"at x"}"#);
    let mut failure = foreign(None, None);
    failure.message = "Encoded failure".into();
    failure.stack_trace = String::new();
    failure.encoded_attributes = Some(Box::new(attributes));

    let read = Failure::from(failure.clone());
    assert_eq!((read.message(), read.stack_trace()), ("secret", "at x"));
    assert_eq!(proto::Failure::from(read), failure);

    let encrypted = failure.encoded_attributes.as_mut().unwrap();
    encrypted
        .metadata
        .insert("encoding", Bytes::from_static(b"binary/encrypted"));
    let read = Failure::from(failure.clone());
    assert_eq!(read.message(), "Encoded failure");
    assert_eq!(proto::Failure::from(read), failure);
}

#[test]
fn a_deep_chain_is_cut_and_says_so() {
    let chain =
        |depth: usize| (0..depth).fold(foreign(None, None), |inner, _| foreign(None, Some(inner)));
    let deepest = |failure: proto::Failure| {
        let causes = std::iter::successors(Some(&failure), |failure| failure.cause.as_deref());
        let (count, last) = causes.enumerate().last().unwrap();
        (count, last.message.clone())
    };
    assert_eq!(passed_on(&chain(MAX_CAUSES)), chain(MAX_CAUSES));
    let (count, message) = deepest(passed_on(&chain(MAX_CAUSES + 3)));
    assert_eq!(count, MAX_CAUSES);
    assert_eq!(message, "message (3 further causes left out)");
}
