//! Sending heartbeats, and hearing from the answers that an attempt should stop (protocol 6.2, 6.3).

use std::time::Duration;

use durably_protos::temporal::api::workflowservice::v1::{
    RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse,
};
use tokio::time::{Instant, timeout};

use super::runner::ActivityRunner;
use crate::activity::{ActivityCancellationDetails, ActivityCancellationReason, Attempt};
use crate::client::Call;
use crate::payload::{Payload, payloads};

/// How long a heartbeat is tried at least, however short the interval.
const MINIMUM_PATIENCE: Duration = Duration::from_secs(1);

impl ActivityRunner {
    /// Sends the newest heartbeat at once and then the newest of each interval, until there is none
    /// in one. When the attempt ends, what is left is sent without further delay.
    pub(super) async fn send_heartbeats(&self, attempt: &Attempt) {
        let interval = self
            .options
            .throttle_interval(attempt.info().heartbeat_timeout);
        loop {
            let last = attempt.has_ended();
            let Some((record, details)) = attempt.take_heartbeat() else {
                return;
            };
            let sent = Instant::now();
            self.send_heartbeat(attempt, record, details, interval)
                .await;
            if last {
                return;
            }
            attempt.throttle(sent + interval).await;
        }
    }

    async fn send_heartbeat(
        &self,
        attempt: &Attempt,
        record: u64,
        details: Vec<Payload>,
        interval: Duration,
    ) {
        let request = RecordActivityTaskHeartbeatRequest {
            task_token: attempt.info().task_token.clone(),
            namespace: self.client.namespace().to_owned(),
            identity: self.options.identity.clone(),
            details: payloads(details),
            ..RecordActivityTaskHeartbeatRequest::default()
        };
        let call = self.client.rpc().call(request, Call::ORDINARY);
        match timeout(interval.max(MINIMUM_PATIENCE), call).await {
            Ok(Ok(answer)) => {
                attempt.acknowledge_heartbeat(record);
                cancel(attempt, cancellation(answer));
            }
            Ok(Err(error)) if error.is_not_found() => {
                cancel(attempt, ActivityCancellationReason::NotFound.into());
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "a heartbeat was not recorded; it will be sent again");
                attempt.put_back_heartbeat();
            }
            Err(_) => {
                tracing::warn!("a heartbeat was not recorded in time; it will be sent again");
                attempt.put_back_heartbeat();
            }
        }
    }
}

fn cancel(attempt: &Attempt, details: ActivityCancellationDetails) {
    if attempt.cancel(details) {
        tracing::debug!(reason = ?details.reason(), "the activity should stop");
    }
}

fn cancellation(answer: RecordActivityTaskHeartbeatResponse) -> ActivityCancellationDetails {
    ActivityCancellationDetails {
        is_canceled: answer.cancel_requested,
        is_paused: answer.activity_paused,
        is_reset: answer.activity_reset,
        ..ActivityCancellationDetails::default()
    }
}
