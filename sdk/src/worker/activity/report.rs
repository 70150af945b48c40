//! Reporting how an attempt ended (protocol 1.7, 6.2, 6.6).

use std::time::Duration;

use durably_protos::temporal::api::workflowservice::v1::{
    RespondActivityTaskCanceledRequest, RespondActivityTaskCompletedRequest,
    RespondActivityTaskFailedRequest,
};
use tokio::task::JoinHandle;

use super::outcome::{Failed, Outcome};
use super::runner::ActivityRunner;
use crate::activity::{ActivityCancellationDetails, Attempt, Ended};
use crate::client::{Call, RpcError};
use crate::failure::ActivityResult;
use crate::payload::{Payload, payloads};
use crate::worker::without_payloads;

/// For how long a report is tried at the most.
const LONGEST_REPORT: Duration = Duration::from_secs(600);

impl ActivityRunner {
    /// Ends an attempt whose body has ended, and reports it.
    pub(super) async fn conclude(
        &self,
        attempt: &Attempt,
        result: ActivityResult<Option<Payload>>,
    ) {
        let Ended {
            cancellation,
            sender,
        } = attempt.end();
        let outcome = Outcome::of(result, cancellation);
        match outcome.within(self.options.blob_size_limit) {
            Outcome::Completed(result) => {
                stop(sender).await;
                self.complete(attempt, result).await;
            }
            Outcome::Failed(failed) => {
                log(&failed, cancellation);
                if self.failures_carry_details(attempt).await {
                    stop(sender).await;
                } else {
                    flush(sender).await;
                }
                self.fail(attempt, failed).await;
            }
            Outcome::Canceled(details) => {
                // The answer has no room for the newest details: they must be there before.
                flush(sender).await;
                self.cancel(attempt, details).await;
            }
            Outcome::CompletedElsewhere => {
                stop(sender).await;
                tracing::debug!("the activity will be completed elsewhere");
            }
            Outcome::Gone => {
                stop(sender).await;
                tracing::debug!(
                    "the attempt's outcome is not reported: the server has given the attempt up"
                );
            }
        }
    }

    /// Whether the newest details can go with the attempt's failure. Old servers must have them
    /// before.
    async fn failures_carry_details(&self, attempt: &Attempt) -> bool {
        if attempt.unacknowledged_details().is_none() {
            return true;
        }
        // Asked when the client connected, as a rule; a server that cannot be asked now is a new one
        // until it says otherwise.
        self.client.system_info().await.map_or(true, |info| {
            info.capabilities
                .is_some_and(|capabilities| capabilities.activity_failure_include_heartbeat)
        })
    }

    async fn complete(&self, attempt: &Attempt, result: Option<Payload>) {
        let bytes = result.as_ref().map_or(0, prost::Message::encoded_len);
        let request = RespondActivityTaskCompletedRequest {
            task_token: attempt.info().task_token.clone(),
            namespace: self.client.namespace().to_owned(),
            identity: self.options.identity.clone(),
            result: payloads(result.into_iter().collect()),
            deployment_options: self.options.deployment_options(),
            ..RespondActivityTaskCompletedRequest::default()
        };
        match self.client.rpc().call(request, report_call(attempt)).await {
            Err(error) if error.is_message_too_large() => {
                tracing::warn!(%error, bytes, "the activity's result does not fit into a message");
                self.fail(attempt, Failed::result_refused(bytes, &error))
                    .await;
            }
            Err(error) if error.is_payload_codec() => {
                tracing::warn!(%error, "the activity's result cannot be sent");
                self.fail(attempt, Failed::of_codec(&error)).await;
            }
            result => log_refusal(result.err()),
        }
    }

    async fn fail(&self, attempt: &Attempt, failed: Failed) {
        let (failure, cause) = failed.into_proto(self.options.blob_size_limit);
        let mut request = RespondActivityTaskFailedRequest {
            task_token: attempt.info().task_token.clone(),
            namespace: self.client.namespace().to_owned(),
            identity: self.options.identity.clone(),
            failure: Some(failure),
            cause: cause.into(),
            deployment_options: self.options.deployment_options(),
            last_heartbeat_details: payloads(attempt.unacknowledged_details().unwrap_or_default()),
            ..RespondActivityTaskFailedRequest::default()
        };
        let (rpc, call) = (self.client.rpc(), report_call(attempt));
        let mut result = rpc.call(request.clone(), call).await;
        if let Err(error) = &result
            && error.is_payload_codec()
        {
            tracing::warn!(%error, "the attempt's failure is sent without its details");
            request.failure = request.failure.as_ref().map(without_payloads);
            request.last_heartbeat_details = None;
            result = rpc.call_as_it_is(request, call).await;
        }
        log_refusal(result.err());
    }

    async fn cancel(&self, attempt: &Attempt, details: Vec<Payload>) {
        let request = RespondActivityTaskCanceledRequest {
            task_token: attempt.info().task_token.clone(),
            namespace: self.client.namespace().to_owned(),
            identity: self.options.identity.clone(),
            details: payloads(details),
            deployment_options: self.options.deployment_options(),
            ..RespondActivityTaskCanceledRequest::default()
        };
        match self.client.rpc().call(request, report_call(attempt)).await {
            Err(error) if error.is_payload_codec() => {
                tracing::warn!(%error, "the details of the activity's cancellation cannot be sent");
                self.fail(attempt, Failed::of_codec(&error)).await;
            }
            result => log_refusal(result.err()),
        }
    }
}

/// What an activity did must not be lost because the server is away for a while: the report is tried
/// for as long as the server would take it, which is until the attempt times out.
fn report_call(attempt: &Attempt) -> Call {
    let info = attempt.info();
    let timeout = info
        .start_to_close_timeout
        .or(info.schedule_to_close_timeout);
    Call::retried_for(timeout.unwrap_or(LONGEST_REPORT).min(LONGEST_REPORT))
}

/// Drops heartbeats that are not sent yet, and the one that is being sent: the report comes last.
async fn stop(sender: Option<JoinHandle<()>>) {
    if let Some(sender) = sender {
        sender.abort();
        // An error says that it was aborted, which is what was wanted.
        let _ = sender.await;
    }
}

/// Waits until the last heartbeat is sent.
async fn flush(sender: Option<JoinHandle<()>>) {
    if let Some(sender) = sender
        && let Err(error) = sender.await
    {
        tracing::warn!(%error, "the activity's last heartbeat was not sent");
    }
}

/// A failure is worth a warning, unless it belongs to normal operation.
fn log(failed: &Failed, cancellation: ActivityCancellationDetails) {
    let (failure, causes) = (&failed.failure, failed.failure.chain().skip(1));
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    if failed.is_benign() || cancellation.reason().is_some() {
        tracing::debug!(%failure, ?causes, "the activity's attempt failed");
    } else {
        tracing::warn!(%failure, ?causes, "the activity's attempt failed");
    }
}

fn log_refusal(error: Option<RpcError>) {
    match error {
        None => {}
        Some(error) if error.is_not_found() => tracing::warn!(
            %error,
            "the attempt's outcome came too late: it timed out, or its workflow is closed"
        ),
        Some(error) => tracing::warn!(
            %error,
            "the attempt's outcome could not be reported; the server will retry it when it has timed out"
        ),
    }
}
