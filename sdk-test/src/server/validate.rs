//! The rules that many requests share. Each gives the real server's words for what is wrong.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::common::v1::{RetryPolicy, WorkflowExecution};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use uuid::Uuid;

use super::limits::Limits;
use super::refusal::{Answer, invalid};

/// The prefix of queues that belong to the server.
const RESERVED_QUEUE_PREFIX: &str = "/_sys/";

/// Whether a run id is absent or a UUID.
pub(crate) fn is_run_id(run_id: &str) -> bool {
    run_id.is_empty() || Uuid::try_parse(run_id).is_ok()
}

/// A name that must be given and not be too long; `what` as in `WorkflowId`.
pub(crate) fn required(limits: &Limits, name: &str, what: &str) -> Answer<()> {
    if name.is_empty() {
        return Err(invalid(format!("{what} is not set on request.")));
    }
    length(limits, name, what)
}

pub(crate) fn length(limits: &Limits, name: &str, what: &str) -> Answer<()> {
    let longest = limits.id_length;
    if name.len() > longest {
        let length = name.len();
        return Err(invalid(format!(
            "{what} exceeds maximum allowed length ({length}/{longest})"
        )));
    }
    Ok(())
}

pub(crate) fn task_queue<'a>(limits: &Limits, queue: Option<&'a TaskQueue>) -> Answer<&'a str> {
    let name = queue.map_or("", |queue| queue.name.as_str());
    if name.is_empty() {
        return Err(invalid("missing task queue name"));
    }
    if name.len() > limits.id_length {
        return Err(invalid("taskQueue length exceeds limit"));
    }
    if name.starts_with(RESERVED_QUEUE_PREFIX) {
        return Err(invalid(format!(
            "task queue name cannot start with reserved prefix {RESERVED_QUEUE_PREFIX}"
        )));
    }
    Ok(name)
}

/// The execution a request is about: with an id, and a run id that is one if there is any.
pub(crate) fn execution<'a>(
    limits: &Limits,
    execution: Option<&'a WorkflowExecution>,
) -> Answer<&'a WorkflowExecution> {
    let Some(execution) = execution else {
        return Err(invalid("Execution is not set on request."));
    };
    required(limits, &execution.workflow_id, "WorkflowId")?;
    if is_run_id(&execution.run_id) {
        Ok(execution)
    } else {
        Err(invalid("Invalid RunId."))
    }
}

/// A length of time that must not be negative.
pub(crate) fn timeout(timeout: Option<&Duration>) -> Result<(), &'static str> {
    let Some(timeout) = timeout else {
        return Ok(());
    };
    if timeout.seconds < 0 || timeout.nanos < 0 {
        return Err("negative duration");
    }
    if timeout.nanos >= 1_000_000_000 {
        return Err("nanos out of range");
    }
    Ok(())
}

/// As [`timeout`], for the field `name` of a request.
pub(crate) fn request_timeout(duration: Option<&Duration>, name: &str) -> Answer<()> {
    timeout(duration).map_err(|cause| {
        invalid(format!(
            "An invalid {name} is set on request. cause: {cause}"
        ))
    })
}

/// A retry policy, as given and not filled in.
pub(crate) fn retry_policy(policy: &RetryPolicy) -> Result<(), String> {
    if policy.maximum_attempts == 1 {
        return Ok(());
    }
    let refuse = |text: &str| Err(text.to_owned());
    if timeout(policy.initial_interval.as_ref()).is_err() {
        return refuse("InitialInterval cannot be negative on retry policy.");
    }
    let coefficient = policy.backoff_coefficient;
    if coefficient.is_nan() || (coefficient != 0.0 && coefficient < 1.0) {
        return refuse("BackoffCoefficient cannot be less than 1 on retry policy.");
    }
    if timeout(policy.maximum_interval.as_ref()).is_err() {
        return refuse("MaximumInterval cannot be negative on retry policy.");
    }
    let length = |duration: &Option<Duration>| super::time::Span::of(duration.as_ref());
    let (initial, maximum) = (
        length(&policy.initial_interval),
        length(&policy.maximum_interval),
    );
    if !maximum.is_zero() && maximum < initial {
        return refuse("MaximumInterval cannot be less than InitialInterval on retry policy.");
    }
    if policy.maximum_attempts < 0 {
        return refuse("MaximumAttempts cannot be negative on retry policy.");
    }
    for name in &policy.non_retryable_error_types {
        let timeout = name.strip_prefix("TemporalTimeout:");
        let is_one = |name| {
            matches!(
                name,
                "StartToClose" | "ScheduleToStart" | "ScheduleToClose" | "Heartbeat"
            )
        };
        if timeout.is_some_and(|timeout| !is_one(timeout)) {
            return refuse("Invalid timeout type value for NonRetryableErrorTypes.");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_policies_are_looked_at_unless_there_is_one_attempt() {
        let bad = RetryPolicy {
            backoff_coefficient: 0.5,
            ..RetryPolicy::default()
        };
        assert!(retry_policy(&bad).unwrap_err().contains("less than 1"));
        let once = RetryPolicy {
            maximum_attempts: 1,
            ..bad
        };
        assert_eq!(retry_policy(&once), Ok(()));
        let no_number = RetryPolicy {
            backoff_coefficient: f64::NAN,
            ..RetryPolicy::default()
        };
        assert!(retry_policy(&no_number).is_err());
    }

    #[test]
    fn names_have_a_length() {
        let limits = Limits::default();
        let status = required(&limits, &"x".repeat(1001), "WorkflowId").unwrap_err();
        assert_eq!(
            status.message(),
            "WorkflowId exceeds maximum allowed length (1001/1000)"
        );
    }
}
