//! Commands of Nexus operations.

use durably_protos::temporal::api::command::v1::ScheduleNexusOperationCommandAttributes;
use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as E;

use super::{Checked, Walk, fails};
use crate::server::validate;

/// What callers may not set, since the server does.
const DISALLOWED_HEADER: &str = "request-timeout";

impl Walk<'_> {
    pub(super) fn schedule_operation(
        &mut self,
        command: &ScheduleNexusOperationCommandAttributes,
    ) -> Checked {
        let cause = Cause::BadScheduleNexusOperationAttributes;
        let refuse = |text: String| fails(cause, &text);
        if self.around.endpoints.named(&command.endpoint).is_none() {
            return refuse(format!("endpoint {:?} not found", command.endpoint));
        }
        let longest = self.around.limits.id_length;
        let names = [
            ("Service", &command.service),
            ("Operation", &command.operation),
        ];
        for (field, name) in names {
            if name.len() > longest {
                return refuse(format!(
                    "ScheduleNexusOperationCommandAttributes.{field} exceeds length limit of {longest}"
                ));
            }
        }
        let timeouts = [
            ("ScheduleToCloseTimeout", &command.schedule_to_close_timeout),
            ("ScheduleToStartTimeout", &command.schedule_to_start_timeout),
            ("StartToCloseTimeout", &command.start_to_close_timeout),
        ];
        for (field, timeout) in timeouts {
            if let Err(reason) = validate::timeout(timeout.as_ref()) {
                return refuse(format!(
                    "ScheduleNexusOperationCommandAttributes.{field} is invalid: {reason}"
                ));
            }
        }
        for key in command.nexus_header.keys() {
            if key.eq_ignore_ascii_case(DISALLOWED_HEADER) {
                return refuse(format!(
                    "ScheduleNexusOperationCommandAttributes.NexusHeader contains a disallowed header key: {key:?}"
                ));
            }
        }
        let limit = self.around.limits.pending_nexus_operations;
        if self.run.operations.len() + self.new_operations.len() >= limit {
            let text = format!(
                "workflow has reached the pending nexus operation limit of {limit} for this namespace"
            );
            return fails(Cause::PendingNexusOperationsLimitExceeded, &text);
        }
        self.new_operations.insert(self.next_id);
        self.next_id += 1;
        Ok(())
    }

    pub(super) fn cancel_operation(&mut self, scheduled_id: i64) -> Checked {
        let cause = Cause::BadRequestCancelNexusOperationAttributes;
        let pending = self.run.operations.get(&scheduled_id);
        let is_buffered = || {
            let mut ended = self.run.buffer.iter();
            ended.any(|event| ends_operation(event, scheduled_id))
        };
        let is_known = pending.is_some() || self.new_operations.contains(&scheduled_id);
        if !is_known && !is_buffered() {
            let text = format!(
                "requested cancelation for a non-existing or already completed operation with scheduled event ID \
                 of {scheduled_id}"
            );
            return fails(cause, &text);
        }
        let was_asked = pending.is_some_and(|operation| operation.cancellation.is_some());
        if was_asked || !self.canceled_operations.insert(scheduled_id) {
            let text = format!(
                "cancelation was already requested for an operation with scheduled event ID {scheduled_id}"
            );
            return fails(cause, &text);
        }
        self.next_id += 1;
        Ok(())
    }
}

fn ends_operation(event: &HistoryEvent, scheduled_id: i64) -> bool {
    let ended = match &event.attributes {
        Some(E::NexusOperationCompletedEventAttributes(event)) => event.scheduled_event_id,
        Some(E::NexusOperationFailedEventAttributes(event)) => event.scheduled_event_id,
        Some(E::NexusOperationCanceledEventAttributes(event)) => event.scheduled_event_id,
        Some(E::NexusOperationTimedOutEventAttributes(event)) => event.scheduled_event_id,
        _ => return false,
    };
    ended == scheduled_id
}
