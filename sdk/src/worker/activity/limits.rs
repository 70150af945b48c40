//! What is too large is found before it is sent (protocol 6.5): the server would take it, and turn
//! it into a final failure that says little.

use std::fmt;

use durably_protos::temporal::api::enums::v1::ActivityTaskFailedCause;
use durably_protos::temporal::api::failure::v1 as proto;
use prost::Message;

use super::outcome::{Failed, Outcome, own_failure};
use crate::client::RpcError;
use crate::failure::{ApplicationFailure, Failure};
use crate::payload::Payload;
use crate::worker::CODEC_ERROR;

/// The type of the failure that replaces what is too large.
const PAYLOADS_TOO_LARGE: &str = "PayloadsTooLarge";

const REMEDY: &str = "keep large data elsewhere and pass a reference to it";

impl Outcome {
    /// The outcome, or what is reported in its place because it is larger than the namespace's
    /// limit in bytes.
    pub(super) fn within(self, limit: usize) -> Self {
        match self {
            Self::Completed(Some(result)) if result.encoded_len() > limit => {
                let bytes = result.encoded_len();
                Failed::too_large(format_args!(
                    "the activity's result has {bytes} bytes, the namespace's limit is {limit}"
                ))
                .into()
            }
            Self::Canceled(details) if total(&details) > limit => {
                tracing::warn!(
                    bytes = total(&details),
                    limit,
                    "the details of the activity's cancellation are larger than the namespace allows; they are left out"
                );
                Self::Canceled(Vec::new())
            }
            // A failure is measured in the form in which it is sent.
            other => other,
        }
    }
}

impl Failed {
    /// What is reported in place of a result that did not fit into a message.
    pub(super) fn result_refused(bytes: usize, refusal: &RpcError) -> Self {
        Self::too_large(format_args!(
            "the activity's result has {bytes} bytes, which does not fit into a message ({refusal})"
        ))
    }

    /// What is reported in place of what the payload codec could not encode.
    pub(super) fn of_codec(error: &RpcError) -> Self {
        Self {
            failure: own_failure(error.to_string(), CODEC_ERROR).into(),
            cause: ActivityTaskFailedCause::ActivityWorkerUnhandledFailure,
        }
    }

    fn too_large(problem: fmt::Arguments<'_>) -> Self {
        Self {
            failure: own_failure(format!("{problem}: {REMEDY}"), PAYLOADS_TOO_LARGE).into(),
            cause: ActivityTaskFailedCause::PayloadsTooLarge,
        }
    }

    /// What is sent. A failure that is larger than the limit in bytes loses its details and causes,
    /// and keeps what decides on retries.
    pub(super) fn into_proto(self, limit: usize) -> (proto::Failure, ActivityTaskFailedCause) {
        let failure = proto::Failure::from(self.failure);
        let bytes = failure.encoded_len();
        if bytes <= limit {
            return (failure, self.cause);
        }
        let note =
            format!("without its details and causes: it has {bytes} bytes, the limit is {limit}");
        let smaller = match Failure::from(failure) {
            Failure::Application(failure) => same_for_retries(&failure, &note),
            other => own_failure(format!("{other} ({note})"), PAYLOADS_TOO_LARGE),
        };
        (smaller.into(), ActivityTaskFailedCause::PayloadsTooLarge)
    }
}

fn same_for_retries(failure: &ApplicationFailure, note: &str) -> ApplicationFailure {
    let mut smaller = own_failure(format!("{failure} ({note})"), failure.failure_type())
        .with_category(failure.category());
    if let Some(delay) = failure.next_retry_delay() {
        smaller = smaller.with_next_retry_delay(delay);
    }
    if failure.is_non_retryable() {
        smaller = smaller.non_retryable();
    }
    smaller
}

fn total(payloads: &[Payload]) -> usize {
    payloads.iter().map(Message::encoded_len).sum()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::payload::ToPayload;

    fn text(bytes: usize) -> Payload {
        "x".repeat(bytes).to_payload().unwrap()
    }

    fn failed(outcome: Outcome) -> (ApplicationFailure, ActivityTaskFailedCause) {
        match outcome {
            Outcome::Failed(Failed {
                failure: Failure::Application(failure),
                cause,
            }) => (failure, cause),
            other => panic!("failed, not {other:?}"),
        }
    }

    #[test]
    fn what_fits_stays() {
        let outcome = Outcome::Completed(Some(text(10))).within(100);
        assert!(matches!(outcome, Outcome::Completed(Some(_))));
        let outcome = Outcome::Canceled(vec![text(10)]).within(100);
        assert!(matches!(outcome, Outcome::Canceled(details) if details.len() == 1));
    }

    #[test]
    fn a_large_result_becomes_a_retryable_failure() {
        let (failure, cause) = failed(Outcome::Completed(Some(text(1000))).within(500));
        assert_eq!(cause, ActivityTaskFailedCause::PayloadsTooLarge);
        assert_eq!(failure.failure_type(), "PayloadsTooLarge");
        assert!(!failure.is_non_retryable());
        assert!(failure.message().contains("limit is 500"), "{failure}");
    }

    #[test]
    fn a_large_failure_loses_details_but_not_what_decides_on_retries() {
        let failure = ApplicationFailure::new("broken")
            .with_type("Broken")
            .with_details(&"x".repeat(5000))
            .unwrap()
            .with_next_retry_delay(Duration::from_secs(7))
            .non_retryable();
        let Outcome::Failed(failed) = Outcome::of(Err(failure.into()), Default::default()) else {
            panic!("failed");
        };
        let (failure, cause) = failed.into_proto(1000);
        assert_eq!(cause, ActivityTaskFailedCause::PayloadsTooLarge);
        let Failure::Application(failure) = failure.into() else {
            panic!("an application failure");
        };
        assert_eq!(failure.failure_type(), "Broken");
        assert!(failure.is_non_retryable() && failure.details().is_empty());
        assert_eq!(failure.next_retry_delay(), Some(Duration::from_secs(7)));
        assert!(
            failure.message().starts_with("broken (without its details"),
            "{failure}"
        );
    }

    #[test]
    fn large_details_of_a_cancellation_are_left_out() {
        let outcome = Outcome::Canceled(vec![text(300), text(300)]).within(500);
        assert!(matches!(outcome, Outcome::Canceled(details) if details.is_empty()));
    }
}
