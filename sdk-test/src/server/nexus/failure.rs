//! Failures between their Nexus form and that of histories.

use durably_protos::temporal::api::common::v1::{Payload, Payloads};
use durably_protos::temporal::api::enums::v1::NexusHandlerErrorRetryBehavior as Behavior;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{
    ApplicationFailureInfo, Failure, NexusHandlerFailureInfo,
};
use durably_protos::temporal::api::nexus::v1::Failure as NexusFailure;

/// The metadata with which a Nexus failure carries one of Temporal's, in protobuf JSON.
const TEMPORAL_FAILURE: &str = "temporal.api.failure.v1.Failure";

/// A failure as a handler without Temporal's form of it sends it.
pub(crate) fn from_nexus(failure: &NexusFailure) -> Failure {
    let kind = failure.metadata.get("type").map(String::as_str);
    if kind == Some(TEMPORAL_FAILURE)
        && let Ok(inner) = serde_json::from_slice::<Failure>(&failure.details)
    {
        return Failure {
            message: failure.message.clone(),
            stack_trace: failure.stack_trace.clone(),
            ..inner
        };
    }
    let is_bare = failure.metadata.is_empty() && failure.details.is_empty();
    Failure {
        message: failure.message.clone(),
        stack_trace: failure.stack_trace.clone(),
        cause: failure.cause.as_deref().map(from_nexus).map(Box::new),
        failure_info: (!is_bare).then(|| application(failure)),
        ..Failure::default()
    }
}

/// What has no place of its own goes into details: `{"metadata": .., "details": ..}`.
fn application(failure: &NexusFailure) -> FailureInfo {
    let mut fields = Vec::new();
    if !failure.metadata.is_empty() {
        let metadata = serde_json::json!(failure.metadata);
        fields.push(format!("\"metadata\":{metadata}"));
    }
    if !failure.details.is_empty() {
        // Details that are no JSON are kept as text.
        let details: serde_json::Value = serde_json::from_slice(&failure.details)
            .unwrap_or_else(|_| String::from_utf8_lossy(&failure.details).into());
        fields.push(format!("\"details\":{details}"));
    }
    // The order is that of the real server.
    let data = format!("{{{}}}", fields.join(","));
    let payload = Payload {
        metadata: [("encoding", "json/plain".into())].into(),
        data: data.into(),
        ..Payload::default()
    };
    FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
        r#type: "NexusFailure".to_owned(),
        details: Some(Payloads {
            payloads: vec![payload],
        }),
        ..ApplicationFailureInfo::default()
    })
}

/// What a handler failed with, or failed to do.
pub(crate) fn handler_failure(
    error_type: &str,
    behavior: i32,
    message: &str,
    cause: Option<Failure>,
) -> Failure {
    Failure {
        message: message.to_owned(),
        cause: cause.map(Box::new),
        failure_info: Some(FailureInfo::NexusHandlerFailureInfo(
            NexusHandlerFailureInfo {
                r#type: error_type.to_owned(),
                retry_behavior: behavior,
            },
        )),
        ..Failure::default()
    }
}

/// Whether an attempt that ended with a handler's failure is followed by another.
pub(crate) fn is_retryable(failure: &Failure) -> bool {
    let Some(FailureInfo::NexusHandlerFailureInfo(info)) = &failure.failure_info else {
        return true;
    };
    match info.retry_behavior() {
        Behavior::Retryable => true,
        Behavior::NonRetryable => false,
        Behavior::Unspecified => !matches!(
            info.r#type.as_str(),
            "BAD_REQUEST"
                | "UNAUTHENTICATED"
                | "UNAUTHORIZED"
                | "NOT_FOUND"
                | "NOT_IMPLEMENTED"
                | "CONFLICT"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nexus_has_more_becomes_details() {
        let failure = from_nexus(&NexusFailure {
            message: "not today".to_owned(),
            metadata: [("a".to_owned(), "b".to_owned())].into(),
            details: br#"{"x":1}"#.as_slice().into(),
            ..NexusFailure::default()
        });
        let Some(FailureInfo::ApplicationFailureInfo(info)) = failure.failure_info else {
            panic!("an application's failure");
        };
        assert_eq!(info.r#type, "NexusFailure");
        let details = &info.details.unwrap().payloads[0].data;
        let details: serde_json::Value = serde_json::from_slice(details).unwrap();
        let expected = serde_json::json!({"metadata": {"a": "b"}, "details": {"x": 1}});
        assert_eq!(details, expected);
    }

    #[test]
    fn a_failure_of_temporal_comes_through() {
        let failure = from_nexus(&NexusFailure {
            message: "outer".to_owned(),
            metadata: [("type".to_owned(), TEMPORAL_FAILURE.to_owned())].into(),
            details: br#"{"message":"inner","applicationFailureInfo":{"type":"T"}}"#
                .as_slice()
                .into(),
            ..NexusFailure::default()
        });
        assert_eq!(failure.message, "outer");
        let Some(FailureInfo::ApplicationFailureInfo(info)) = failure.failure_info else {
            panic!("an application's failure");
        };
        assert_eq!(info.r#type, "T");
    }

    #[test]
    fn a_handler_may_say_whether_it_is_retried() {
        let failure = |kind, behavior: Behavior| handler_failure(kind, behavior.into(), "", None);
        assert!(is_retryable(&failure("INTERNAL", Behavior::Unspecified)));
        assert!(!is_retryable(&failure("NOT_FOUND", Behavior::Unspecified)));
        assert!(is_retryable(&failure("NOT_FOUND", Behavior::Retryable)));
        assert!(!is_retryable(&failure("INTERNAL", Behavior::NonRetryable)));
    }
}
