//! What the server is told where a payload codec fails.

use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};

/// The type of the failure that the codec's error becomes.
pub(crate) const CODEC_ERROR: &str = "PayloadCodecError";

/// A failure whose payloads cannot be encoded, without them. What decides on retries stays; its own
/// words do not, since they may have been meant for the codec too.
pub(crate) fn without_payloads(failure: &Failure) -> Failure {
    let info = match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => ApplicationFailureInfo {
            details: None,
            ..info.clone()
        },
        _ => ApplicationFailureInfo {
            r#type: CODEC_ERROR.to_owned(),
            ..ApplicationFailureInfo::default()
        },
    };
    Failure {
        message: "a failure whose payloads cannot be encoded: see the worker's log".to_owned(),
        source: failure.source.clone(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
        ..Failure::default()
    }
}
